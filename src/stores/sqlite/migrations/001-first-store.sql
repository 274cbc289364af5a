-- The embedded store. STRICT: a column takes only what it says.

CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lists (
  list_id INTEGER PRIMARY KEY,
  name TEXT
) STRICT;

CREATE TABLE custom_fields (
  list_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  label TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (list_id, position),
  UNIQUE (list_id, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE leads (
  lead_id INTEGER PRIMARY KEY,
  list_id INTEGER NOT NULL,
  title TEXT,
  first_name TEXT,
  middle_initial TEXT,
  last_name TEXT,
  phone_number TEXT,
  alt_phone TEXT,
  email TEXT,
  address1 TEXT,
  address2 TEXT,
  address3 TEXT,
  city TEXT,
  state TEXT,
  province TEXT,
  postal_code TEXT,
  country_code TEXT,
  gender TEXT,
  date_of_birth TEXT,
  status TEXT,
  user TEXT,
  comments TEXT,
  is_customer INTEGER NOT NULL DEFAULT 0,
  last_local_call_time TEXT,
  modify_date TEXT NOT NULL,
  -- JSON object, label to value; NULL: the lead has no custom values.
  custom TEXT,
  -- The comparable form of each number (src/lead/phone.ts): one index probe finds every spelling.
  phone_key TEXT,
  alt_phone_key TEXT,
  address3_key TEXT
) STRICT;

CREATE INDEX leads_by_phone ON leads (phone_key, list_id) WHERE phone_key IS NOT NULL;
CREATE INDEX leads_by_alt_phone ON leads (alt_phone_key, list_id) WHERE alt_phone_key IS NOT NULL;
CREATE INDEX leads_by_address3 ON leads (address3_key, list_id) WHERE address3_key IS NOT NULL;

CREATE TABLE users (
  user_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  -- The name as it is compared (src/access/user-name.ts).
  identity TEXT NOT NULL UNIQUE,
  verifier TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1,
  may_use_api INTEGER NOT NULL DEFAULT 1,
  -- JSON array of list ids; NULL: every list.
  lists TEXT
) STRICT;

-- Failed logins by compared name, unknown names too. Times are milliseconds of the wall clock, UTC.
CREATE TABLE login_failures (
  identity TEXT NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL,
  last_failed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX login_failures_by_time ON login_failures (last_failed_at);
