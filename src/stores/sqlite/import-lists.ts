import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { CustomField, CustomFieldType } from '../../core/lead.ts';
import { SELECT_CUSTOM_FIELDS } from './lead-row.ts';

/** The lists that an import touches, with their custom fields. */
export class ImportLists {
  readonly #fields = new Map<number, readonly CustomField[]>();
  readonly #select: StatementSync;
  readonly #addList: StatementSync;
  readonly #nameList: StatementSync;
  readonly #addField: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(SELECT_CUSTOM_FIELDS);
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
    const fields = this.#select
      .all(listId)
      .map((row) => ({ label: row.label as string, type: row.type as CustomFieldType }));
    this.#fields.set(listId, fields);
    return fields;
  }
}
