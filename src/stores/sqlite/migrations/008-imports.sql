-- What each import did, so that it can be taken back: src/stores/sqlite/import-history.ts.
CREATE TABLE imports (
  import_id INTEGER PRIMARY KEY,
  started_at TEXT NOT NULL,
  -- running; done; stopped (rows up to there are kept); undoing; undone
  state TEXT NOT NULL,
  -- Taken back as a whole if it does not come to its end.
  is_whole INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  added INTEGER NOT NULL DEFAULT 0,
  updated INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The leads that an import added, by ranges of their ids.
CREATE TABLE import_additions (
  import_id INTEGER NOT NULL,
  first_lead_id INTEGER NOT NULL,
  last_lead_id INTEGER NOT NULL,
  PRIMARY KEY (import_id, first_lead_id)
) STRICT, WITHOUT ROWID;

-- A lead as it was before a change: a JSON object of its row.
CREATE TABLE lead_changes (
  change_id INTEGER PRIMARY KEY,
  lead_id INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  before TEXT NOT NULL
) STRICT;
CREATE INDEX lead_changes_by_lead ON lead_changes (lead_id);
CREATE INDEX lead_changes_by_import ON lead_changes (import_id, change_id);

-- By which other systems know a lead: the values of the column that was named as the key of their files.
CREATE TABLE external_ids (
  source TEXT NOT NULL,
  list_id INTEGER NOT NULL,
  external_id TEXT NOT NULL,
  lead_id INTEGER NOT NULL,
  PRIMARY KEY (source, list_id, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_ids_by_lead ON external_ids (lead_id);

DROP TRIGGER lead_numbers_of_deleted;
CREATE TRIGGER leads_deleted AFTER DELETE ON leads BEGIN
  DELETE FROM lead_numbers WHERE lead_id = old.lead_id;
  DELETE FROM external_ids WHERE lead_id = old.lead_id;
END;

-- As the file that brought a field calls it; NULL: by its label.
ALTER TABLE custom_fields ADD COLUMN caption TEXT;
