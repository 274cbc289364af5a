-- Calls at agents, as telephone systems and programs report them: src/stores/sqlite/calls.ts. Times are milliseconds of the wall
-- clock, UTC.
CREATE TABLE calls (
  -- In the order in which they were heard of.
  call_number INTEGER PRIMARY KEY,
  -- By which the API knows it.
  call_id TEXT NOT NULL UNIQUE,
  -- api, asterisk or dialer.
  source TEXT NOT NULL,
  -- The source's own id of the call: the same at each agent.
  source_call_id TEXT,
  -- The agent; the name as it was then.
  user_id INTEGER NOT NULL,
  user_name TEXT NOT NULL,
  -- inbound or outbound; NULL: nobody said.
  direction TEXT,
  -- As it was sent, and its comparable form as in lead_numbers.
  phone TEXT,
  number_key TEXT,
  -- The lead that the source named, or the only one that had the number then.
  lead_id INTEGER,
  -- The queue, campaign or number that was called.
  line TEXT,
  started_at INTEGER NOT NULL,
  answered_at INTEGER,
  ended_at INTEGER,
  -- The agent who has it, where it ended here because somebody else answered.
  answered_by TEXT,
  outcome TEXT,
  note TEXT
) STRICT;
CREATE INDEX calls_by_lead ON calls (lead_id, call_number);
CREATE INDEX calls_by_number ON calls (number_key, call_number);
CREATE INDEX calls_by_user ON calls (user_id, call_number);
CREATE INDEX calls_by_source ON calls (source, source_call_id, user_id) WHERE source_call_id IS NOT NULL;

-- The telephone of a user, as the telephone system calls it.
ALTER TABLE users ADD COLUMN extension TEXT;
CREATE UNIQUE INDEX users_by_extension ON users (extension) WHERE extension IS NOT NULL;
