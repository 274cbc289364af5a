-- Live pop: the last call of each user, for a process that starts later. `sent_at` and `expires_at` are by the server's clock, in
-- milliseconds since 1970; `at` is by the clock of the process that was notified.
CREATE TABLE last_calls (
  -- Domain, user and account (src/events/call.ts).
  user_key text COLLATE "C" PRIMARY KEY,
  at bigint NOT NULL,
  sent_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  -- JSON.
  call text NOT NULL
);
CREATE INDEX last_calls_by_sending ON last_calls (sent_at);
CREATE INDEX last_calls_by_expiry ON last_calls (expires_at);

-- Calls that are too large for a NOTIFY, which then has their number. They are read at once.
CREATE TABLE large_calls (
  call_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sent_at bigint NOT NULL,
  call text NOT NULL
);
CREATE INDEX large_calls_by_sending ON large_calls (sent_at);

-- What one process of all does, where a pooler keeps an advisory lock from holding. `expires_at` is by the server's clock.
CREATE TABLE leases (
  name text COLLATE "C" PRIMARY KEY,
  holder text NOT NULL,
  expires_at bigint NOT NULL
);
