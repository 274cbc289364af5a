import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

import type { CustomFieldType } from '../../core/lead.ts';
import type { FieldDefinition, ListSettings, RecordStore } from '../../core/record-store.ts';
import { searchedAs } from '../../files/searched-fields.ts';
import { isWithinListLimit, LEADS_AT_ONCE, selectListSizes, textsJsonOf, textsOf } from '../list-rows.ts';
import type { Connection } from './connection.ts';
import { prepareCustomFields } from '../rows.ts';
import { createSearchQueue } from './search-queue.ts';

/** Lists and their custom fields, as they are set. @param write runs its work in a transaction */
export function createListSettings(
  { database, readBatch }: Connection,
  write: <Result>(work: () => Result) => Promise<Result>,
): Pick<RecordStore, 'lists' | 'list' | 'putList' | 'leadsOfList' | 'removeList' | 'fields' | 'putFields'> {
  const selectLists = database.prepare('SELECT list_id, name, statuses, masked FROM lists ORDER BY list_id');
  const selectList = database.prepare('SELECT list_id, name, statuses, masked FROM lists WHERE list_id = ?');
  const selectSizes = database.prepare(selectListSizes('?'));
  selectSizes.setReturnArrays(true);
  const insertList = database.prepare(
    'INSERT INTO lists (list_id, name, statuses, masked) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const updateList = database.prepare(
    'UPDATE lists SET name = ?2, statuses = ?3, masked = ?4 WHERE list_id = ?1',
  );
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
      insertField.run(listId, at + 1, label, type, ownCaption, textsJsonOf(options));
    }
    noteChange();
  }

  return {
    lists: () => readBatch.read(() => selectLists.all().map(settingsOf)),
    list: (listId) =>
      readBatch.read(() => {
        const row = selectList.get(listId);
        return row && settingsOf(row);
      }),
    putList: ({ listId, name, statuses, masked }, isNew) =>
      write(() => {
        const [json, maskedJson] = [textsJsonOf(statuses), textsJsonOf(masked)];
        const sizes = selectSizes.get(listId) as unknown as readonly [total: number, own: number];
        if (!isWithinListLimit(sizes, [name, json, maskedJson])) return 'full';
        const { changes } = (isNew ? insertList : updateList).run(listId, name, json, maskedJson);
        return Number(changes) === 1 ? 'done' : 'conflict';
      }),
    ...createListRemoval(database, readBatch, write),
    fields: (listId) => readBatch.read(() => fieldsOf(listId)),
    putFields: (listId, fields) => write(() => putFields(listId, fields)),
  };
}

/** How a list is emptied and removed. */
function createListRemoval(
  database: DatabaseSync,
  readBatch: Connection['readBatch'],
  write: <Result>(work: () => Result) => Promise<Result>,
): Pick<RecordStore, 'leadsOfList' | 'removeList'> {
  const selectLeads = database.prepare(
    `SELECT lead_id FROM leads WHERE list_id = ? AND lead_id > ? ORDER BY lead_id LIMIT ${LEADS_AT_ONCE}`,
  );
  const removeList = database.prepare(
    'DELETE FROM lists WHERE list_id = ?1 AND NOT EXISTS (SELECT 1 FROM leads WHERE list_id = ?1)',
  );
  const removeFields = database.prepare('DELETE FROM custom_fields WHERE list_id = ?');
  return {
    leadsOfList: (listId, after) =>
      readBatch.read(() => selectLeads.all(listId, after).map((row) => Number(row.lead_id))),
    removeList: (listId) =>
      write(() => {
        if (Number(removeList.run(listId).changes) === 0) return 'conflict';
        removeFields.run(listId);
        return 'done';
      }),
  };
}

function settingsOf(row: Readonly<Record<string, SQLOutputValue>>): ListSettings {
  const name = row.name as string | null;
  const [statuses, masked] = [textsOf(row.statuses), textsOf(row.masked)];
  return { listId: Number(row.list_id), name, statuses, masked };
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
