import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { PHONE_COLUMNS } from '../../core/lead.ts';
import type { ImportColumns } from '../../core/lead-archive.ts';
import { KEY_COLUMNS } from './lead-row.ts';

/**
 * The statements of one import, made for the columns that its file has. Parameters by position:
 * `told` are list_id, the texts, then is_customer and last_local_call_time where the file has them;
 * `made` are modify_date, custom and one key for each telephone number among the texts.
 */
export interface ImportStatements {
  /** Where the telephone numbers are among the file's texts. */
  readonly numberTexts: readonly number[];
  /** lead_id or null, told, made. Changes nothing when the lead id is taken. */
  readonly insert: StatementSync;
  /** told, made, lead_id. */
  readonly update: StatementSync;
  /** By lead_id: told, modify_date, custom. */
  readonly stored: StatementSync;
  /** By key and list_id: lead_id, the highest first. */
  readonly byNumber: StatementSync;
  /** By lead_id, key and list_id: the lead, if it has the number. */
  readonly hasNumber: StatementSync;
  /** By lead_id. */
  readonly remove: StatementSync;
}

/** One number in one list: a placeholder that thousands of leads share must not make each row read them all. */
export const MOST_CANDIDATES = 100;

export function prepareImport(database: DatabaseSync, columns: ImportColumns): ImportStatements {
  const phones = PHONE_COLUMNS.filter((column) => columns.texts.includes(column));
  const told = [
    'list_id',
    ...columns.texts,
    ...(columns.isCustomer ? ['is_customer'] : []),
    ...(columns.lastLocalCallTime ? ['last_local_call_time'] : []),
  ];
  const made = ['modify_date', 'custom', ...phones.map((column) => KEY_COLUMNS[column])];
  const all = [...told, ...made];
  const insert = `INSERT INTO leads (lead_id, ${all.join(', ')}) VALUES (?${', ?'.repeat(all.length)})
    ON CONFLICT (lead_id) DO NOTHING`;
  const stored = database.prepare(
    `SELECT ${[...told, 'modify_date', 'custom'].join(', ')} FROM leads WHERE lead_id = ?`,
  );
  stored.setReturnArrays(true);
  const byNumber = database.prepare(
    `SELECT lead_id FROM leads WHERE phone_key = ? AND list_id = ? ORDER BY lead_id DESC LIMIT ${MOST_CANDIDATES}`,
  );
  byNumber.setReturnArrays(true);
  return {
    numberTexts: phones.map((column) => columns.texts.indexOf(column)),
    insert: database.prepare(insert),
    update: database.prepare(
      `UPDATE leads SET ${all.map((name) => `${name} = ?`).join(', ')} WHERE lead_id = ?`,
    ),
    stored,
    byNumber,
    hasNumber: database.prepare('SELECT 1 FROM leads WHERE lead_id = ? AND phone_key = ? AND list_id = ?'),
    remove: database.prepare('DELETE FROM leads WHERE lead_id = ?'),
  };
}
