-- By which words a lead is found (src/stores/sqlite/search-text.ts): `§` and its list, then its words. It follows from the lead, its
-- external ids and its list's fields alone.
CREATE TABLE search_texts (
  lead_id INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

-- From words, and beginnings of words up to 8 letters, to leads. The table keeps no text of its own, so that whoever takes a lead
-- out of it must say with which text it came in: that of search_texts.
CREATE VIRTUAL TABLE search_index USING fts5 (
  text, content = '', columnsize = 0, detail = none, tokenize = 'ascii', prefix = '1 2 3 4 5 6 7 8'
);

-- Leads whose words may not be in the index yet, by ranges of their ids (src/stores/sqlite/search-queue.ts). Those of a store that
-- was made before it are brought in the same way.
CREATE TABLE search_queue (
  first_lead_id INTEGER PRIMARY KEY,
  last_lead_id INTEGER NOT NULL
) STRICT;
INSERT INTO search_queue SELECT min(lead_id), max(lead_id) FROM leads HAVING max(lead_id) IS NOT NULL;

-- Words that were taken out of the index may still stand in parts of it, until these are merged: 0 none; 1 those of leads that are
-- gone; 2 the same, and the merge has begun; `old` former words of leads that are there.
INSERT INTO meta VALUES ('search_remains', '0');

CREATE TRIGGER search_of_deleted AFTER DELETE ON leads
  WHEN EXISTS (SELECT 1 FROM search_texts WHERE lead_id = old.lead_id) BEGIN
  INSERT INTO search_index (search_index, rowid, text)
    SELECT 'delete', lead_id, text FROM search_texts WHERE lead_id = old.lead_id;
  DELETE FROM search_texts WHERE lead_id = old.lead_id;
  UPDATE meta SET value = '1' WHERE name = 'search_remains' AND value <> '1';
END;
