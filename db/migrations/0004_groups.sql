-- Groups: rooms, conferences, who is in them, and the texts kept for who comes back.

-- AUTOINCREMENT: an id must never mean another group later.
CREATE TABLE chat_group (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  kind                INTEGER NOT NULL, -- the caller's, as the next three
  access              INTEGER NOT NULL,
  locked              INTEGER NOT NULL CHECK (locked IN (0, 1)),
  ends_with_organizer INTEGER NOT NULL CHECK (ends_with_organizer IN (0, 1)),
  name                TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> ''),
  conf_id             TEXT NOT NULL,
  subject             TEXT NOT NULL,
  organizer_id        INTEGER REFERENCES account(id) ON DELETE SET NULL,
  created_ms          INTEGER NOT NULL,
  last_text_ms        INTEGER NOT NULL, -- 0: none yet
  last_seq            INTEGER NOT NULL,
  version             INTEGER NOT NULL
) STRICT;
CREATE INDEX chat_group_by_organizer ON chat_group(organizer_id);

CREATE TABLE chat_member (
  group_id   INTEGER NOT NULL REFERENCES chat_group(id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  state      INTEGER NOT NULL, -- enum db_member_state
  role       INTEGER NOT NULL,
  sticky     INTEGER NOT NULL CHECK (sticky IN (0, 1)),
  joined_ms  INTEGER NOT NULL,
  seen_seq   INTEGER NOT NULL,
  PRIMARY KEY (group_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_member_by_account ON chat_member(account_id);

CREATE TABLE chat_text (
  id               INTEGER PRIMARY KEY,
  group_id         INTEGER NOT NULL REFERENCES chat_group(id) ON DELETE CASCADE,
  seq              INTEGER NOT NULL,
  at_ms            INTEGER NOT NULL,
  author_id        INTEGER NOT NULL, -- no foreign key: the text outlives its author's account
  author_name      TEXT NOT NULL,
  author_display   TEXT NOT NULL,
  dialect          TEXT NOT NULL,
  content_type     TEXT NOT NULL,
  content_encoding TEXT NOT NULL,
  call_id          TEXT NOT NULL,
  message_id       TEXT NOT NULL,
  extra            TEXT NOT NULL,
  notice           TEXT NOT NULL,
  plain            TEXT NOT NULL,
  body             BLOB NOT NULL,
  UNIQUE (group_id, seq)
) STRICT;
CREATE INDEX chat_text_by_time ON chat_text(at_ms);
