-- Who tried to log in is stored by keyed hashes (src/stores/sqlite/login-keys.ts): what strangers type as a user name may be
-- anything, their passwords included. What is deleted here is overwritten, too.
PRAGMA secure_delete = ON;

INSERT INTO meta VALUES ('login_secret', hex(randomblob(32)));

ALTER TABLE users ADD COLUMN login_key TEXT NOT NULL DEFAULT '';
UPDATE users SET login_key = keyed_hash(identity);

-- Failed logins by name, unknown names too, wherever they came from. Times are milliseconds of the wall clock, UTC.
CREATE TABLE keyed_login_failures (
  login_key TEXT NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL,
  last_failed_at INTEGER NOT NULL,
  -- The last failure that was counted in known_networks instead; 0: none.
  known_failed_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO keyed_login_failures (login_key, count, last_failed_at)
  SELECT keyed_hash(identity), count, last_failed_at FROM login_failures;
DROP TABLE login_failures;
ALTER TABLE keyed_login_failures RENAME TO login_failures;
CREATE INDEX login_failures_by_time ON login_failures (max(last_failed_at, known_failed_at));

-- Networks from which a user has logged in, each with a count of failures of its own: what strangers send elsewhere does not
-- lock the user here.
CREATE TABLE known_networks (
  login_key TEXT NOT NULL,
  network_key TEXT NOT NULL,
  good_at INTEGER NOT NULL,
  count INTEGER NOT NULL DEFAULT 0,
  last_failed_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (login_key, network_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_networks_by_time ON known_networks (good_at);

PRAGMA secure_delete = OFF;
