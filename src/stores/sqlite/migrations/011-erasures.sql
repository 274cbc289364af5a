-- Whom somebody has erased: src/stores/sqlite/erasure.ts.
CREATE TABLE erased_leads (
  lead_id INTEGER PRIMARY KEY,
  -- Milliseconds of the wall clock, UTC.
  at INTEGER NOT NULL,
  -- 1: it may still be in unused parts of the file, in its log, or in copies of it.
  in_files INTEGER NOT NULL,
  -- 1: at the person's wish, so that imports leave it out; 0: the time of its list was over.
  is_wish INTEGER NOT NULL
) STRICT;

-- Keyed hashes (HMAC-SHA-256 with meta.erasure_secret) of the comparable form of their numbers, by which an import knows them.
CREATE TABLE erased_numbers (
  number_hash TEXT NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_numbers_by_time ON erased_numbers (at);

INSERT INTO meta VALUES ('erasure_secret', hex(randomblob(32)));
