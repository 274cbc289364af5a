-- Where somebody is signed in: the network (src/throttle/throttle.ts), a short name of the browser, and when the session was last made
-- use of, by the store's clock, to some minutes. Empty and 0: it began before these columns.
ALTER TABLE sessions ADD COLUMN network text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN browser text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN last_seen_at bigint NOT NULL DEFAULT 0;

-- Who imported the file: a user, `token:NAME`, or `operator` by command. NULL: it was imported before this column.
ALTER TABLE imports ADD COLUMN imported_by text;
