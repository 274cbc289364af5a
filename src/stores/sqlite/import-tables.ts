import type { DatabaseSync } from 'node:sqlite';

import type { ImportColumns } from '../../core/lead-archive.ts';
import type { CustomField } from '../../core/lead.ts';
import { searchedAs } from '../../files/searched-fields.ts';
import { missingFields } from '../import-lists.ts';
import { MOST_CANDIDATES } from '../import-rules.ts';
import { fileColumnsOf } from '../import-values.ts';
import { type NumberedLead, PART } from '../number-keys.ts';
import { SELECT_NUMBERED } from './lead-numbers.ts';
import { prepareCustomFields } from '../rows.ts';
import { createSearchQueue } from './search-queue.ts';

/**
 * Which line of the file was the first to name a lead, kept in a temporary table because a file may have more
 * lines than fit into memory. Leads that follow one another as their lines do share one row.
 *
 * @param number of the file among those that are read as one
 */
export function createImportLines(database: DatabaseSync, number: number) {
  const table = `import_lines_${number}`;
  database.exec(
    `DROP TABLE IF EXISTS temp.${table};
     CREATE TEMP TABLE ${table} (first_lead INTEGER PRIMARY KEY, first_line INTEGER NOT NULL, count INTEGER NOT NULL)`,
  );
  const insert = database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?)`);
  const find = database.prepare(
    `SELECT first_line + (?1 - first_lead) AS line, ?1 < first_lead + count AS covers
     FROM ${table} WHERE first_lead <= ?1 ORDER BY first_lead DESC LIMIT 1`,
  );
  let [firstLead, firstLine, count] = [0, 0, 0];

  return {
    /** To be called once for each lead. */
    remember(leadId: number, line: number): void {
      if (count > 0 && leadId === firstLead + count && line === firstLine + count) {
        count += 1;
        return;
      }
      if (count > 0) insert.run(firstLead, firstLine, count);
      [firstLead, firstLine, count] = [leadId, line, 1];
    },
    /** The line that named the lead first, or undefined. */
    lineOf(leadId: number): number | undefined {
      const offset = leadId - firstLead;
      if (offset >= 0 && offset < count) return firstLine + offset;
      const row = find.get(leadId);
      return row?.covers === 1 ? Number(row.line) : undefined;
    },
    drop: () => database.exec(`DROP TABLE IF EXISTS temp.${table}`),
  };
}

/** The lists that an import touches, with their custom fields. */
export function createImportLists(database: DatabaseSync) {
  const fields = new Map<number, readonly CustomField[]>();
  const readFields = prepareCustomFields(database);
  const search = createSearchQueue(database);
  const addList = database.prepare('INSERT INTO lists (list_id) VALUES (?) ON CONFLICT DO NOTHING');
  const nameList = database.prepare('UPDATE lists SET name = ? WHERE list_id = ? AND name IS NOT ?');
  const addField = database.prepare(
    `INSERT INTO custom_fields (list_id, position, label, type, caption)
     SELECT ?1, coalesce(max(position), 0) + 1, ?2, ?3, ?4 FROM custom_fields WHERE list_id = ?1`,
  );

  /** In their order. */
  function fieldsOf(listId: number): readonly CustomField[] {
    const known = fields.get(listId);
    if (known !== undefined) return known;
    const read = readFields(listId);
    fields.set(listId, read);
    return read;
  }

  /** @see ImportRun.prepareList */
  function prepare(listId: number, name: string | undefined, wanted: readonly CustomField[]) {
    const has = fieldsOf(listId);
    const missing = missingFields(listId, has, wanted);
    if (typeof missing === 'string') return missing;
    const isNew = addList.run(listId).changes === 1;
    if (name !== undefined) nameList.run(name, listId, name);
    for (const { label, type, caption } of missing) addField.run(listId, label, type, caption ?? null);
    // Its leads may have values of a field that the list had before, and has again.
    if (!isNew && missing.some((field) => searchedAs(field) !== undefined)) search.addAll();
    fields.set(listId, [...has, ...missing]);
    return undefined;
  }

  return { prepare, fieldsOf };
}

const IS_FIRST_NUMBER = `part = ${PART.phone_number} AND reading = 0`;

/**
 * The statements of one import, derived for the columns that its file has. Parameters by position:
 * `fileValues` are list_id, the texts, then is_customer, last_local_call_time and further_numbers where the file has them;
 * `derived` are modify_date and custom.
 */
export function prepareImport(database: DatabaseSync, columns: ImportColumns) {
  const fileValues = fileColumnsOf(columns);
  const all = [...fileValues, 'modify_date', 'custom'];
  const insert = `INSERT INTO leads (lead_id, ${all.join(', ')}) VALUES (?${', ?'.repeat(all.length)})
    ON CONFLICT (lead_id) DO NOTHING`;
  const stored = database.prepare(
    `SELECT ${[...fileValues, 'modify_date', 'custom'].join(', ')} FROM leads WHERE lead_id = ?`,
  );
  stored.setReturnArrays(true);
  const byNumber = database.prepare(
    `SELECT lead_id FROM lead_numbers WHERE key = ? AND ${IS_FIRST_NUMBER} AND list_id = ?
     ORDER BY lead_id DESC LIMIT ${MOST_CANDIDATES}`,
  );
  byNumber.setReturnArrays(true);
  const names = database.prepare('SELECT first_name, middle_initial, last_name FROM leads WHERE lead_id = ?');
  names.setReturnArrays(true);
  const numbered = database.prepare(`${SELECT_NUMBERED} WHERE lead_id = ?`);
  return {
    /** lead_id or null, fileValues, derived. Changes nothing when the lead id is taken. */
    insert: database.prepare(insert),
    /** fileValues, derived, lead_id. */
    update: database.prepare(
      `UPDATE leads SET ${all.map((name) => `${name} = ?`).join(', ')} WHERE lead_id = ?`,
    ),
    /** By lead_id: first, middle and last name. */
    names,
    /** By lead_id: fileValues, modify_date, custom. */
    stored,
    /** By key and list_id: lead_id, the highest first. */
    byNumber,
    /** By lead_id, key and list_id: the lead, if it has the number. */
    hasNumber: database.prepare(
      `SELECT 1 FROM lead_numbers WHERE lead_id = ? AND key = ? AND ${IS_FIRST_NUMBER} AND list_id = ?`,
    ),
    /** By lead_id: what decides by which numbers it is found. */
    numberedLead: (leadId: number) => numbered.get(leadId) as unknown as NumberedLead,
    /** By lead_id. */
    remove: database.prepare('DELETE FROM leads WHERE lead_id = ?'),
  };
}
