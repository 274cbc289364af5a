import type { DatabaseSync } from 'node:sqlite';

import type { CustomFieldType } from '../../core/lead.ts';
import type { FieldDefinition, ListSettings, RecordStore } from '../../core/record-store.ts';
import { searchedAs } from '../../files/searched-fields.ts';
import type { Connection } from './connection.ts';
import { prepareCustomFields } from './rows.ts';
import { createSearchQueue } from './search-queue.ts';

/** Lists and their custom fields, as they are set. @param write runs its work in a transaction */
export function createListSettings(
  { database, readBatch }: Connection,
  write: <Result>(work: () => Result) => Promise<Result>,
): Pick<RecordStore, 'lists' | 'putList' | 'fields' | 'putFields'> {
  const selectLists = database.prepare('SELECT list_id, name, statuses FROM lists ORDER BY list_id');
  const insertList = database.prepare(
    'INSERT INTO lists (list_id, name, statuses) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const updateList = database.prepare('UPDATE lists SET name = ?2, statuses = ?3 WHERE list_id = ?1');
  const fieldsOf = prepareFieldSettings(database);
  const removeFields = database.prepare('DELETE FROM custom_fields WHERE list_id = ?');
  const insertField = database.prepare(
    'INSERT INTO custom_fields (list_id, position, label, type, caption, options) VALUES (?, ?, ?, ?, ?, ?)',
  );

  const noteFields = createSearchedFields(database);

  function putFields(listId: number, fields: readonly FieldDefinition[]): void {
    const noteChange = noteFields(listId);
    removeFields.run(listId);
    for (const [at, { label, type, caption, options }] of fields.entries()) {
      const ownCaption = caption === label ? null : caption;
      insertField.run(listId, at + 1, label, type, ownCaption, jsonOf(options));
    }
    noteChange();
  }

  return {
    lists: () =>
      readBatch.read(() =>
        selectLists.all().map((row): ListSettings => {
          const name = row.name as string | null;
          return { listId: Number(row.list_id), name, statuses: textsOf(row.statuses) };
        }),
      ),
    putList: ({ listId, name, statuses }, isNew) =>
      write(() => {
        const { changes } = (isNew ? insertList : updateList).run(listId, name, jsonOf(statuses));
        return Number(changes) === 1;
      }),
    fields: (listId) => readBatch.read(() => fieldsOf(listId)),
    putFields: (listId, fields) => write(() => putFields(listId, fields)),
  };
}

/** The custom fields of a list, in their order. */
export function prepareFieldSettings(database: DatabaseSync): (listId: number) => readonly FieldDefinition[] {
  const select = database.prepare(
    'SELECT label, type, caption, options FROM custom_fields WHERE list_id = ? ORDER BY position',
  );
  return (listId) =>
    select.all(listId).map((row) => {
      const label = String(row.label);
      const type = row.type as CustomFieldType;
      const caption = (row.caption as string | null) ?? label;
      return { label, caption, type, options: textsOf(row.options) };
    });
}

/**
 * Whether leads are found by the values of a list's fields follows from the fields.
 *
 * @returns to be called before the fields of a list are changed; what it returns, after that
 */
function createSearchedFields(database: DatabaseSync) {
  const readFields = prepareCustomFields(database);
  const queue = createSearchQueue(database);
  const searched = (listId: number) =>
    JSON.stringify(
      readFields(listId).flatMap((field) => {
        const as = searchedAs(field);
        return as === undefined ? [] : [[field.label, as]];
      }),
    );
  return (listId: number) => {
    const before = searched(listId);
    return () => {
      if (searched(listId) !== before) queue.addAll();
    };
  };
}

function jsonOf(texts: readonly string[]): string | null {
  return texts.length === 0 ? null : JSON.stringify(texts);
}

function textsOf(json: unknown): readonly string[] {
  return typeof json === 'string' ? (JSON.parse(json) as readonly string[]) : [];
}
