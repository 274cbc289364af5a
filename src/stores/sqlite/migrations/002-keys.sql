-- Keys that stand for a password. Of each secret only its SHA-256 is here. Times are milliseconds of the wall clock, UTC.

CREATE TABLE tokens (
  token_id INTEGER PRIMARY KEY,
  -- One that is revoked keeps its name: the audit must not take another one for it.
  name TEXT NOT NULL UNIQUE,
  digest TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  -- JSON array of list ids; NULL: every list.
  lists TEXT,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  -- The last characters of the secret, by which its owner knows it again.
  ending TEXT NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Users who are signed in at the card.
CREATE TABLE sessions (
  digest TEXT NOT NULL PRIMARY KEY,
  user_name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_name, expires_at);
