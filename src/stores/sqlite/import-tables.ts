import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { ImportColumns } from '../../core/lead-archive.ts';
import { type CustomField, PHONE_COLUMNS } from '../../core/lead.ts';
import { KEY_COLUMNS, prepareCustomFields } from './rows.ts';

/**
 * Which line of the file was the first to name a lead, kept in a temporary table because a file may have more
 * lines than fit into memory. Leads that follow one another as their lines do share one row.
 */
export class ImportLines {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #database: DatabaseSync;
  #firstLead = 0;
  #firstLine = 0;
  #count = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(
      `DROP TABLE IF EXISTS temp.import_lines;
       CREATE TEMP TABLE import_lines (first_lead INTEGER PRIMARY KEY, first_line INTEGER NOT NULL, count INTEGER NOT NULL)`,
    );
    this.#insert = database.prepare('INSERT INTO import_lines VALUES (?, ?, ?)');
    this.#find = database.prepare(
      `SELECT first_line + (?1 - first_lead) AS line, ?1 < first_lead + count AS covers
       FROM import_lines WHERE first_lead <= ?1 ORDER BY first_lead DESC LIMIT 1`,
    );
  }

  /** To be called once for each lead. */
  remember(leadId: number, line: number): void {
    if (this.#count > 0) {
      if (leadId === this.#firstLead + this.#count && line === this.#firstLine + this.#count) {
        this.#count++;
        return;
      }
      this.#insert.run(this.#firstLead, this.#firstLine, this.#count);
    }
    this.#firstLead = leadId;
    this.#firstLine = line;
    this.#count = 1;
  }

  /** The line that named the lead first, or undefined. */
  lineOf(leadId: number): number | undefined {
    const offset = leadId - this.#firstLead;
    if (offset >= 0 && offset < this.#count) return this.#firstLine + offset;
    const row = this.#find.get(leadId);
    return row?.covers === 1 ? Number(row.line) : undefined;
  }

  drop(): void {
    this.#database.exec('DROP TABLE temp.import_lines');
  }
}

/** The lists that an import touches, with their custom fields. */
export class ImportLists {
  readonly #fields = new Map<number, readonly CustomField[]>();
  readonly #readFields: (listId: number) => readonly CustomField[];
  readonly #addList: StatementSync;
  readonly #nameList: StatementSync;
  readonly #addField: StatementSync;

  constructor(database: DatabaseSync) {
    this.#readFields = prepareCustomFields(database);
    this.#addList = database.prepare('INSERT INTO lists (list_id) VALUES (?) ON CONFLICT DO NOTHING');
    this.#nameList = database.prepare('UPDATE lists SET name = ? WHERE list_id = ? AND name IS NOT ?');
    this.#addField = database.prepare(
      `INSERT INTO custom_fields (list_id, position, label, type)
       SELECT ?1, coalesce(max(position), 0) + 1, ?2, ?3 FROM custom_fields WHERE list_id = ?1`,
    );
  }

  /** @see ImportRun.prepareList */
  prepare(listId: number, name: string | undefined, wanted: readonly CustomField[]): string | undefined {
    const has = this.fieldsOf(listId);
    const missing: CustomField[] = [];
    for (const field of wanted) {
      const there = has.find(({ label }) => label === field.label);
      if (there === undefined) missing.push(field);
      else if (there.type !== field.type) {
        return `list ${listId} has the custom field ${field.label} as ${there.type}, not ${field.type}`;
      }
    }
    this.#addList.run(listId);
    if (name !== undefined) this.#nameList.run(name, listId, name);
    for (const { label, type } of missing) this.#addField.run(listId, label, type);
    this.#fields.set(listId, [...has, ...missing]);
    return undefined;
  }

  /** In their order. */
  fieldsOf(listId: number): readonly CustomField[] {
    const known = this.#fields.get(listId);
    if (known !== undefined) return known;
    const fields = this.#readFields(listId);
    this.#fields.set(listId, fields);
    return fields;
  }
}

/** One number in one list: a placeholder that thousands of leads share must not make each row read them all. */
export const MOST_CANDIDATES = 100;

export type ImportStatements = ReturnType<typeof prepareImport>;

/**
 * The statements of one import, derived for the columns that its file has. Parameters by position:
 * `fileValues` are list_id, the texts, then is_customer and last_local_call_time where the file has them;
 * `derived` are modify_date, custom and one key for each telephone number among the texts.
 */
export function prepareImport(database: DatabaseSync, columns: ImportColumns) {
  const phones = PHONE_COLUMNS.filter((column) => columns.texts.includes(column));
  const fileValues = [
    'list_id',
    ...columns.texts,
    ...(columns.isCustomer ? ['is_customer'] : []),
    ...(columns.lastLocalCallTime ? ['last_local_call_time'] : []),
  ];
  const derived = ['modify_date', 'custom', ...phones.map((column) => KEY_COLUMNS[column])];
  const all = [...fileValues, ...derived];
  const insert = `INSERT INTO leads (lead_id, ${all.join(', ')}) VALUES (?${', ?'.repeat(all.length)})
    ON CONFLICT (lead_id) DO NOTHING`;
  const stored = database.prepare(
    `SELECT ${[...fileValues, 'modify_date', 'custom'].join(', ')} FROM leads WHERE lead_id = ?`,
  );
  stored.setReturnArrays(true);
  const byNumber = database.prepare(
    `SELECT lead_id FROM leads WHERE phone_key = ? AND list_id = ? ORDER BY lead_id DESC LIMIT ${MOST_CANDIDATES}`,
  );
  byNumber.setReturnArrays(true);
  return {
    /** Where the telephone numbers are among the file's texts. */
    numberTexts: phones.map((column) => columns.texts.indexOf(column)),
    /** lead_id or null, fileValues, derived. Changes nothing when the lead id is taken. */
    insert: database.prepare(insert),
    /** fileValues, derived, lead_id. */
    update: database.prepare(
      `UPDATE leads SET ${all.map((name) => `${name} = ?`).join(', ')} WHERE lead_id = ?`,
    ),
    /** By lead_id: fileValues, modify_date, custom. */
    stored,
    /** By key and list_id: lead_id, the highest first. */
    byNumber,
    /** By lead_id, key and list_id: the lead, if it has the number. */
    hasNumber: database.prepare('SELECT 1 FROM leads WHERE lead_id = ? AND phone_key = ? AND list_id = ?'),
    /** By lead_id. */
    remove: database.prepare('DELETE FROM leads WHERE lead_id = ?'),
  };
}
