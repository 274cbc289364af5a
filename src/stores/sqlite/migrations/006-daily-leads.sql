-- Which leads each user or token has read on a day, and how many: src/stores/sqlite/daily-leads.ts. `account` is the user's
-- id (a dialer's, too), or `token:` and the token's. Days are numbers, by the machine's calendar: 0 is 1970-01-01.

CREATE TABLE daily_leads (
  day INTEGER NOT NULL,
  account TEXT NOT NULL,
  lead_id INTEGER NOT NULL,
  PRIMARY KEY (day, account, lead_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE daily_lead_counts (
  day INTEGER NOT NULL,
  account TEXT NOT NULL,
  -- As log and audit name them.
  user_name TEXT NOT NULL,
  leads INTEGER NOT NULL,
  -- The highest count that was reported on this day; 0: none.
  reported INTEGER NOT NULL,
  PRIMARY KEY (day, account)
) STRICT, WITHOUT ROWID;
