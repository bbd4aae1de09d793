-- Everything an appliance is.  Times are Unix milliseconds UTC, columns *_ms; 0 or NULL as each says.
PRAGMA application_id = 0x506f7263; -- "Porc": also DB_APPLICATION_ID

-- Whose WAL is whose: see db/walguard.h.
CREATE TABLE meta (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,
  base  INTEGER NOT NULL,
  wal   INTEGER NOT NULL -- counts WALs: a row that does not change is not written
) STRICT;
INSERT INTO meta (id, epoch, base, wal) VALUES (1, 0, 0, 0);

CREATE TABLE setting (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE department (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> ''),
  created_ms INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: an id must never mean somebody else later.
CREATE TABLE account (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  name            TEXT NOT NULL UNIQUE CHECK (name <> '' AND name = lower(name)),
  display         TEXT NOT NULL,
  email           TEXT NOT NULL,
  title           TEXT NOT NULL,
  phone           TEXT NOT NULL,
  department_id   INTEGER REFERENCES department(id) ON DELETE SET NULL,
  enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_ms      INTEGER NOT NULL,
  password_set_ms INTEGER NOT NULL,
  last_sign_in_ms INTEGER NOT NULL -- 0: never
) STRICT;
CREATE INDEX account_by_department ON account(department_id);

-- Made when the password is set, for name and for name@domain, as clients differ in which they send.
CREATE TABLE credential (
  account_id        INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
  ha1_md5           BLOB NOT NULL CHECK (length(ha1_md5) = 16),
  ha1_md5_domain    BLOB NOT NULL CHECK (length(ha1_md5_domain) = 16),
  ha1_sha256        BLOB NOT NULL CHECK (length(ha1_sha256) = 32),
  ha1_sha256_domain BLOB NOT NULL CHECK (length(ha1_sha256_domain) = 32),
  nt_hash           BLOB CHECK (length(nt_hash) = 16), -- NULL: NTLM is not allowed
  argon2            TEXT NOT NULL
) STRICT;

CREATE TABLE admin (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  name            TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> ''),
  argon2          TEXT NOT NULL, -- '': no password yet
  totp            BLOB,
  totp_step       INTEGER NOT NULL,
  enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_ms      INTEGER NOT NULL,
  last_sign_in_ms INTEGER NOT NULL -- 0: never
) STRICT;

-- Tokens are kept as their SHA-256 in the three tables that follow.
CREATE TABLE admin_session (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  admin_id   INTEGER NOT NULL REFERENCES admin(id) ON DELETE CASCADE,
  created_ms INTEGER NOT NULL,
  used_ms    INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  address    TEXT NOT NULL,
  agent      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX admin_session_by_admin ON admin_session(admin_id);
CREATE INDEX admin_session_by_expiry ON admin_session(expires_ms);

CREATE TABLE api_key (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE CHECK (name <> ''),
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  may_change INTEGER NOT NULL CHECK (may_change IN (0, 1)),
  admin_id   INTEGER REFERENCES admin(id) ON DELETE CASCADE, -- NULL: made on the command line
  created_ms INTEGER NOT NULL,
  used_ms    INTEGER NOT NULL, -- 0: never
  expires_ms INTEGER NOT NULL  -- 0: never
) STRICT;
CREATE INDEX api_key_by_admin ON api_key(admin_id);

CREATE TABLE one_time_link (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  kind       INTEGER NOT NULL, -- enum db_link_kind
  admin_id   INTEGER REFERENCES admin(id) ON DELETE CASCADE,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_link_by_admin ON one_time_link(admin_id);

CREATE TABLE certificate (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  kind          INTEGER NOT NULL, -- enum db_cert_kind
  cert_pem      TEXT NOT NULL,
  key_pem       TEXT NOT NULL,
  serial        TEXT NOT NULL,
  not_before_ms INTEGER NOT NULL,
  not_after_ms  INTEGER NOT NULL,
  created_ms    INTEGER NOT NULL,
  own           INTEGER NOT NULL CHECK (own IN (0, 1)),
  active        INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX certificate_active ON certificate(kind) WHERE active = 1;

-- Accepted, not yet delivered.  AUTOINCREMENT: ids are the order of acceptance for ever.
CREATE TABLE offline_message (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id       INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  sender_id        INTEGER NOT NULL, -- no foreign key: the text outlives its sender's account
  sender_uri       TEXT NOT NULL,
  from_display     TEXT NOT NULL,
  content_type     TEXT NOT NULL,
  content_encoding TEXT NOT NULL,
  call_id          TEXT NOT NULL,
  message_id       TEXT NOT NULL,
  kind             INTEGER NOT NULL,
  conversation     INTEGER NOT NULL,
  sent_ms          INTEGER NOT NULL,
  accepted_ms      INTEGER NOT NULL,
  expires_ms       INTEGER NOT NULL,
  extra            TEXT NOT NULL,
  body             BLOB NOT NULL -- last: what stands before is read without its overflow pages
) STRICT;
CREATE INDEX offline_message_by_account ON offline_message(account_id, id);
CREATE INDEX offline_message_by_expiry ON offline_message(expires_ms);

-- One row per conversation, never the text.  The id is the conversation's.
CREATE TABLE record (
  id          INTEGER PRIMARY KEY,
  kind        INTEGER NOT NULL, -- enum db_record_kind
  started_ms  INTEGER NOT NULL,
  ended_ms    INTEGER NOT NULL, -- 0: goes on
  first_ms    INTEGER NOT NULL,
  last_ms     INTEGER NOT NULL,
  result_code INTEGER NOT NULL,
  end_reason  INTEGER NOT NULL,
  messages    INTEGER NOT NULL,
  failures    INTEGER NOT NULL
) STRICT;
CREATE INDEX record_by_start ON record(started_ms, id);
CREATE INDEX record_open ON record(id) WHERE ended_ms = 0;

-- started_ms is the record's, again: a person's records are paged along one index.
CREATE TABLE record_participant (
  record_id  INTEGER NOT NULL REFERENCES record(id) ON DELETE CASCADE,
  uri        TEXT NOT NULL,
  account_id INTEGER REFERENCES account(id) ON DELETE SET NULL,
  started_ms INTEGER NOT NULL,
  sent       INTEGER NOT NULL,
  received   INTEGER NOT NULL,
  client     TEXT NOT NULL,
  dialect    TEXT NOT NULL,
  joined_ms  INTEGER NOT NULL,
  left_ms    INTEGER NOT NULL, -- 0: still there
  PRIMARY KEY (record_id, uri)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_participant_by_account ON record_participant(account_id, started_ms, record_id);
CREATE INDEX record_participant_by_uri ON record_participant(uri, started_ms, record_id);

CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms   INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  address TEXT NOT NULL,
  action  TEXT NOT NULL,
  object  TEXT NOT NULL,
  detail  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_actor ON audit(actor, id);
CREATE INDEX audit_by_object ON audit(object, id);
