-- Contact lists, who was added by whom, and what people let each other see.

CREATE TABLE roster (
  account_id INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
  version    INTEGER NOT NULL CHECK (version > 0) -- no row: 1
) STRICT;

CREATE TABLE roster_group (
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  id         INTEGER NOT NULL CHECK (id BETWEEN 1 AND 63),
  position   INTEGER NOT NULL,
  name       TEXT NOT NULL,
  external   TEXT NOT NULL,
  PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- By address: a contact need not be, or no longer be, one of ours.
CREATE TABLE roster_contact (
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  uri        TEXT NOT NULL CHECK (uri <> ''),
  name       TEXT NOT NULL,    -- '': as the contact is called
  groups     INTEGER NOT NULL, -- bit id - 1 for each
  subscribed INTEGER NOT NULL CHECK (subscribed IN (0, 1)),
  external   TEXT NOT NULL,
  extension  TEXT NOT NULL,
  PRIMARY KEY (account_id, uri)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriber (
  account_id   INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE, -- who was added
  watcher_id   INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE, -- by whom
  acknowledged INTEGER NOT NULL CHECK (acknowledged IN (0, 1)),
  since_ms     INTEGER NOT NULL,
  PRIMARY KEY (account_id, watcher_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriber_by_watcher ON subscriber(watcher_id);

CREATE TABLE access_grant (
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE, -- who is seen
  member_id  INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE, -- by whom
  level      INTEGER NOT NULL, -- enum access_level
  PRIMARY KEY (account_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_grant_by_member ON access_grant(member_id);

-- Small JPEGs, read when somebody asks, never held in memory.
CREATE TABLE photo (
  account_id INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
  changed_ms INTEGER NOT NULL,
  hash       BLOB NOT NULL CHECK (length(hash) = 20), -- SHA-1, names the version to clients
  jpeg       BLOB NOT NULL CHECK (length(jpeg) BETWEEN 1 AND 30720)
) STRICT;
