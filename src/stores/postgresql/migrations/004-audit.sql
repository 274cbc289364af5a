-- The audit, where the setting `audit` is `database`: records are only ever added (docs/audit.md). Each process that writes has a chain
-- of its own; who adds a record that is there already has lost the chain to another one.
CREATE TABLE audit_records (
  chain integer NOT NULL,
  -- The part of the chain, which begins anew each day: what would be a file.
  number integer NOT NULL,
  -- UTC; 0 is 1970-01-01.
  day integer NOT NULL,
  seq bigint NOT NULL,
  -- A line of JSON with its hash.
  record text COLLATE "C" NOT NULL,
  PRIMARY KEY (chain, seq)
);
