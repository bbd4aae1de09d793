-- Certificates people's Lync-class clients sign in with instead of a password (TLS-DSK). Without its row one is void.

CREATE TABLE lync_certificate (
  fingerprint  BLOB PRIMARY KEY CHECK (length(fingerprint) = 32), -- SHA-256 of the certificate
  account_id   INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  device       TEXT NOT NULL,    -- as the client calls itself
  not_after_ms INTEGER NOT NULL,
  created_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lync_certificate_by_account ON lync_certificate(account_id);
