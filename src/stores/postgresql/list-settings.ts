import type { CustomFieldType } from '../../core/lead.ts';
import type { FieldDefinition, ListSettings, RecordStore } from '../../core/record-store.ts';
import { searchedAs } from '../../files/searched-fields.ts';
import { isWithinListLimit, LEADS_AT_ONCE, selectListSizes, textsJsonOf, textsOf } from '../list-rows.ts';
import type { Read, Row } from '../network/connector.ts';
import { withStoreFailure } from '../network/pool.ts';

/** The custom fields of a list, in their order. */
export async function readFieldSettings(read: Read, listId: number): Promise<readonly FieldDefinition[]> {
  const rows = await read(
    'SELECT label, type, caption, options FROM custom_fields WHERE list_id = $1 ORDER BY position',
    [listId],
  );
  return rows.map(([label, type, caption, options]) => ({
    label: String(label),
    type: type as CustomFieldType,
    caption: String(caption ?? label),
    options: textsOf(options),
  }));
}

/** @param row with LIST_STATEMENTS.lists */
function settingsOf([listId, name, statuses, masked]: Row): ListSettings {
  return {
    listId: Number(listId),
    name: name as string | null,
    statuses: textsOf(statuses),
    masked: textsOf(masked),
  };
}

/** The statements of lists: a test reads the query plan of each. */
export const LIST_STATEMENTS = {
  lists: 'SELECT list_id, name, statuses, masked FROM lists ORDER BY list_id',
  list: 'SELECT list_id, name, statuses, masked FROM lists WHERE list_id = $1',
  /** Two lists that fit may not fit together: whoever sets another one waits. */
  lock: `SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('lists'))`,
  sizes: selectListSizes('$1'),
  add: `INSERT INTO lists (list_id, name, statuses, masked) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING 1`,
  update: 'UPDATE lists SET name = $2, statuses = $3, masked = $4 WHERE list_id = $1 RETURNING 1',
  leads: `SELECT lead_id FROM leads WHERE list_id = $1 AND lead_id > $2 ORDER BY lead_id LIMIT ${LEADS_AT_ONCE}`,
  remove: `DELETE FROM lists WHERE list_id = $1 AND NOT EXISTS (SELECT 1 FROM leads WHERE list_id = $1) RETURNING 1`,
  removeFields: 'DELETE FROM custom_fields WHERE list_id = $1',
  addField: `INSERT INTO custom_fields (list_id, position, label, type, caption, options) VALUES ($1, $2, $3, $4, $5, $6)`,
  /** Every lead's words: which fields are searched has changed. */
  queueAll: `INSERT INTO search_queue SELECT min(lead_id), max(lead_id) FROM leads HAVING max(lead_id) IS NOT NULL
    ON CONFLICT (first_lead_id) DO UPDATE SET last_lead_id = excluded.last_lead_id`,
} as const;

/** Lists and their custom fields, as they are set. @param write runs its work in a transaction */
export function createListSettings(
  read: Read,
  write: <Result>(work: (run: Read) => Promise<Result>) => Promise<Result>,
): Pick<RecordStore, 'lists' | 'list' | 'putList' | 'leadsOfList' | 'removeList' | 'fields' | 'putFields'> {
  return {
    lists: () =>
      withStoreFailure(async () => {
        const rows = await read(LIST_STATEMENTS.lists, []);
        return rows.map(settingsOf);
      }),
    list: (listId) =>
      withStoreFailure(async () => {
        const [row] = await read(LIST_STATEMENTS.list, [listId]);
        return row && settingsOf(row);
      }),
    putList: (list, isNew) => write((run) => putList(run, list, isNew)),
    leadsOfList: (listId, after) =>
      withStoreFailure(async () =>
        (await read(LIST_STATEMENTS.leads, [listId, after])).map(([id]) => Number(id)),
      ),
    removeList: (listId) => write((run) => removeList(run, listId)),
    fields: (listId) => withStoreFailure(() => readFieldSettings(read, listId)),
    putFields: (listId, fields) => write((run) => putFields(run, listId, fields)),
  };
}

async function putList(
  run: Read,
  { listId, name, statuses, masked }: ListSettings,
  isNew: boolean,
): Promise<'done' | 'conflict' | 'full'> {
  const texts = [name, textsJsonOf(statuses), textsJsonOf(masked)];
  await run(LIST_STATEMENTS.lock, []);
  const [[total, own] = []] = await run(LIST_STATEMENTS.sizes, [listId]);
  if (!isWithinListLimit([Number(total), Number(own)], texts)) return 'full';
  const rows = await run(isNew ? LIST_STATEMENTS.add : LIST_STATEMENTS.update, [listId, ...texts]);
  return rows.length === 1 ? 'done' : 'conflict';
}

async function removeList(run: Read, listId: number): Promise<'done' | 'conflict'> {
  const rows = await run(LIST_STATEMENTS.remove, [listId]);
  if (rows.length === 0) return 'conflict';
  await run(LIST_STATEMENTS.removeFields, [listId]);
  return 'done';
}

async function putFields(run: Read, listId: number, fields: readonly FieldDefinition[]): Promise<void> {
  const before = searchedFields(await readFieldSettings(run, listId));
  await run(LIST_STATEMENTS.removeFields, [listId]);
  for (const [at, { label, type, caption, options }] of fields.entries()) {
    const ownCaption = caption === label ? null : caption;
    await run(LIST_STATEMENTS.addField, [listId, at + 1, label, type, ownCaption, textsJsonOf(options)]);
  }
  if (searchedFields(fields) !== before) await run(LIST_STATEMENTS.queueAll, []);
}

/** Whether leads are found by the values of a list's fields follows from the fields. */
function searchedFields(fields: readonly FieldDefinition[]): string {
  return JSON.stringify(
    fields.flatMap((field) => {
      const as = searchedAs(field);
      return as === undefined ? [] : [[field.label, as]];
    }),
  );
}
