-- Rights as bits (src/core/rights.ts): card 1, read 2, edit 4, calls 8, admin 16, caller-id 32.

-- Who had the API keeps what it opened: the card, reading and calls. Who had not gets nothing.
ALTER TABLE users ADD COLUMN rights INTEGER NOT NULL DEFAULT 0;
UPDATE users SET rights = 11 WHERE may_use_api = 1;
ALTER TABLE users DROP COLUMN may_use_api;

ALTER TABLE tokens ADD COLUMN rights INTEGER NOT NULL DEFAULT 0;
UPDATE tokens SET rights = CASE scope WHEN 'api' THEN 10 WHEN 'caller-id' THEN 32 ELSE 0 END;
ALTER TABLE tokens DROP COLUMN scope;

-- Beside a dialer: what its users may do here that the dialer knows nothing of.
CREATE TABLE granted_rights (
  identity TEXT NOT NULL PRIMARY KEY,
  -- The dialer's own number of the user: another one of the same name inherits nothing.
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  rights INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
