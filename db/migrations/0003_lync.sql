-- What Lync-class clients published and want back at the next sign-in: opaque to everything but lync/.

CREATE TABLE lync_category (
  account_id   INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  instance     INTEGER NOT NULL,
  container    INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  published_ms INTEGER NOT NULL,
  expires_ms   INTEGER NOT NULL, -- 0: never
  xml          TEXT NOT NULL,
  PRIMARY KEY (account_id, name, instance, container)
) STRICT, WITHOUT ROWID;
