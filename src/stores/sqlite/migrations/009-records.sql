-- What people and imports do to leads: src/stores/sqlite/records.ts. `before` and `after` are JSON objects by field
-- (src/core/lead-state.ts) of the fields that changed: of the whole lead where it was added (no `before`) or removed (no `after`).
-- Imports of the former form cannot be taken back any longer.
DROP TABLE lead_changes;
CREATE TABLE lead_changes (
  change_id INTEGER PRIMARY KEY,
  lead_id INTEGER NOT NULL,
  -- Milliseconds of the wall clock, UTC.
  at INTEGER NOT NULL,
  user_name TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  request_id TEXT,
  import_id INTEGER,
  -- The change that this one takes back.
  undoes INTEGER,
  before TEXT,
  after TEXT,
  -- Of the lead before.
  modify_date TEXT,
  -- Of a lead that was removed: a JSON array of [source, list, id].
  external_ids TEXT
) STRICT;
CREATE INDEX lead_changes_by_lead ON lead_changes (lead_id, change_id);
CREATE INDEX lead_changes_by_import ON lead_changes (import_id, change_id) WHERE import_id IS NOT NULL;

DELETE FROM import_additions;
ALTER TABLE imports ADD COLUMN can_be_undone INTEGER NOT NULL DEFAULT 0;

CREATE TABLE notes (
  note_id INTEGER PRIMARY KEY,
  lead_id INTEGER NOT NULL,
  -- Milliseconds of the wall clock, UTC.
  at INTEGER NOT NULL,
  user_name TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX notes_by_lead ON notes (lead_id, note_id);

-- Requests that may be sent again without being done twice. Of the key only its SHA-256 is here.
CREATE TABLE idempotency_keys (
  account TEXT NOT NULL,
  key_digest TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  result_id INTEGER NOT NULL,
  -- Milliseconds of the wall clock, UTC.
  at INTEGER NOT NULL,
  PRIMARY KEY (account, key_digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);

-- JSON arrays; NULL: anything.
ALTER TABLE lists ADD COLUMN statuses TEXT;
ALTER TABLE custom_fields ADD COLUMN options TEXT;

-- The id of a lead that was removed is never another lead's: its timeline is kept, and it may come back.
INSERT INTO meta VALUES ('highest_removed_lead', '0');
DROP TRIGGER leads_deleted;
CREATE TRIGGER leads_deleted AFTER DELETE ON leads BEGIN
  DELETE FROM lead_numbers WHERE lead_id = old.lead_id;
  DELETE FROM external_ids WHERE lead_id = old.lead_id;
  UPDATE meta SET value = CAST(old.lead_id AS TEXT)
    WHERE name = 'highest_removed_lead' AND CAST(value AS INTEGER) < old.lead_id;
END;
