-- Numbers that the documented columns have no room for: a JSON array of [label or null, number as written].
ALTER TABLE leads ADD COLUMN further_numbers TEXT;

-- Their keys are in lead_numbers from now on.
DROP INDEX leads_by_phone;
DROP INDEX leads_by_alt_phone;
DROP INDEX leads_by_address3;
ALTER TABLE leads DROP COLUMN phone_key;
ALTER TABLE leads DROP COLUMN alt_phone_key;
ALTER TABLE leads DROP COLUMN address3_key;

-- The comparable form of every number of a lead (src/core/phone.ts), by which it is found. It follows from the lead alone
-- (src/stores/sqlite/lead-numbers.ts), and is filled, and gets its index, where the rules change (remake-numbers.ts).
CREATE TABLE lead_numbers (
  lead_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  -- What of the lead it is, in the order of search: 0 phone_number, 1 alt_phone, 2 address3, 3 a further number, 4 a block.
  part INTEGER NOT NULL,
  -- 0: read under the lead's own country; 1: under the store's, where that reads it differently.
  reading INTEGER NOT NULL,
  number TEXT NOT NULL,
  -- As in the lead.
  list_id INTEGER NOT NULL,
  last_local_call_time TEXT,
  modify_date TEXT NOT NULL,
  PRIMARY KEY (lead_id, key, part)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER lead_numbers_of_deleted AFTER DELETE ON leads BEGIN
  DELETE FROM lead_numbers WHERE lead_id = old.lead_id;
END;
