-- Calls at agents, as telephone systems and programs report them: src/stores/postgresql/calls.ts.
CREATE TABLE calls (
  -- In the order in which they were heard of.
  call_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- By which the API knows it.
  call_id text COLLATE "C" NOT NULL UNIQUE,
  -- api, asterisk or dialer.
  source text COLLATE "C" NOT NULL,
  -- The source's own id of the call: the same at each agent.
  source_call_id text COLLATE "C",
  -- The agent; the name as it was then.
  user_id bigint NOT NULL,
  user_name text NOT NULL,
  -- inbound or outbound; NULL: nobody said.
  direction text,
  -- As it was sent, and its comparable form as in lead_numbers.
  phone text,
  number_key text COLLATE "C",
  -- The lead that the source named, or the only one that had the number then.
  lead_id bigint,
  -- The queue, campaign or number that was called.
  line text,
  started_at bigint NOT NULL,
  answered_at bigint,
  ended_at bigint,
  -- The agent who has it, where it ended here because somebody else answered.
  answered_by text,
  outcome text,
  note text
);
CREATE INDEX calls_by_lead ON calls (lead_id, call_number);
CREATE INDEX calls_by_number ON calls (number_key, call_number);
CREATE INDEX calls_by_user ON calls (user_id, call_number);
CREATE INDEX calls_by_source ON calls (source, source_call_id, user_id) WHERE source_call_id IS NOT NULL;

-- The telephone of a user, as the telephone system calls it.
ALTER TABLE users ADD COLUMN extension text COLLATE "C";
CREATE UNIQUE INDEX users_by_extension ON users (extension) WHERE extension IS NOT NULL;
