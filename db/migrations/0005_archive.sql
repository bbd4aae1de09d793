-- The archive: texts that are kept, for those whose texts must be.  Empty unless a rule says otherwise.

CREATE TABLE archive_rule (
  scope     INTEGER NOT NULL, -- the caller's: everybody, a department, an account
  id        INTEGER NOT NULL, -- 0 for everybody
  mode      INTEGER NOT NULL,
  keep_days INTEGER NOT NULL, -- 0: for ever
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE archive_text (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms        INTEGER NOT NULL,
  purge_ms     INTEGER NOT NULL, -- 0: never
  conversation INTEGER NOT NULL,
  from_uri     TEXT NOT NULL,
  to_uris      TEXT NOT NULL, -- blank-separated
  content_type TEXT NOT NULL,
  plain        TEXT NOT NULL,
  body         BLOB NOT NULL  -- as it was said, where that is not the plain text
) STRICT;
CREATE INDEX archive_text_by_conversation ON archive_text(conversation, id);
CREATE INDEX archive_text_by_purge ON archive_text(purge_ms) WHERE purge_ms <> 0;

-- Who took part: records end before archives do.
CREATE TABLE archive_who (
  uri          TEXT NOT NULL,
  conversation INTEGER NOT NULL,
  PRIMARY KEY (uri, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX archive_who_by_conversation ON archive_who(conversation);

-- words holds the text with runs of CJK as pairs of characters (db/bigram.h), because FTS5's own tokenizers take
-- a Korean word with its endings, or a Japanese sentence, for one word.
CREATE VIRTUAL TABLE archive_index USING fts5(words, content='', tokenize="unicode61 remove_diacritics 2");
-- What is erased is gone from the index too; with contentless_delete it would stay until some merge.
INSERT INTO archive_index (archive_index, rank) VALUES ('secure-delete', 1);
