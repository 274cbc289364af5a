-- Fields of a list's leads that users without the right `edit` see masked (src/core/masks.ts): a JSON array; NULL: none.
ALTER TABLE lists ADD COLUMN masked TEXT;
