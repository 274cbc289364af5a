import type { CustomField, CustomFieldType } from '../../core/lead.ts';
import type { LeadList } from '../../core/lead-archive.ts';
import { searchedAs } from '../../files/searched-fields.ts';
import { missingFields } from '../import-lists.ts';
import type { Read } from '../network/connector.ts';
import { LIST_STATEMENTS } from './list-settings.ts';

/** The statements of the lists of an import: a test reads the query plan of each. */
export const IMPORT_LIST_STATEMENTS = {
  lists: `SELECT list_id, name FROM lists
    UNION ALL SELECT DISTINCT list_id, NULL FROM custom_fields WHERE list_id NOT IN (SELECT list_id FROM lists)
    ORDER BY 1`,
  fields: 'SELECT list_id, label, type, caption FROM custom_fields ORDER BY list_id, position',
  add: 'INSERT INTO lists (list_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING 1',
  name: 'UPDATE lists SET name = $2 WHERE list_id = $1 AND name IS DISTINCT FROM $2',
  /** Unless somebody has added it meanwhile. */
  addField: `INSERT INTO custom_fields (list_id, position, label, type, caption)
    SELECT $1, coalesce(max(position), 0) + 1, $2, $3, $4 FROM custom_fields WHERE list_id = $1
    HAVING NOT coalesce(bool_or(label = $2), false)`,
} as const;

/** Every list that has a name, settings or custom fields. */
export async function readLists(run: Read): Promise<readonly LeadList[]> {
  const [named, fields] = await Promise.all([
    run(IMPORT_LIST_STATEMENTS.lists, []),
    run(IMPORT_LIST_STATEMENTS.fields, []),
  ]);
  const byList = Map.groupBy(fields, ([listId]) => Number(listId));
  return named.map(([id, name]) => {
    const listId = Number(id);
    const customFields = (byList.get(listId) ?? []).map(([, label, type, caption]) => ({
      label: String(label),
      type: type as CustomFieldType,
      ...(typeof caption === 'string' && { caption }),
    }));
    return { listId, name: name as string | null, customFields };
  });
}

interface PreparedList {
  readonly listId: number;
  readonly name: string | undefined;
  readonly missing: readonly CustomField[];
}

/** The lists that an import touches, with their custom fields. @param lists as they are at its beginning */
export function createImportLists(lists: readonly LeadList[]) {
  const fields = new Map(lists.map(({ listId, customFields }) => [listId, customFields]));
  let waiting: PreparedList[] = [];

  async function write(run: Read, { listId, name, missing }: PreparedList): Promise<void> {
    const [added] = await run(IMPORT_LIST_STATEMENTS.add, [listId]);
    if (name !== undefined) await run(IMPORT_LIST_STATEMENTS.name, [listId, name]);
    for (const { label, type, caption } of missing)
      await run(IMPORT_LIST_STATEMENTS.addField, [listId, label, type, caption ?? null]);
    // Its leads may have values of a field that the list had before, and has again.
    if (added === undefined && missing.some((field) => searchedAs(field) !== undefined))
      await run(LIST_STATEMENTS.queueAll, []);
  }

  return {
    /** In their order. */
    fieldsOf: (listId: number): readonly CustomField[] => fields.get(listId) ?? [],
    /** @see ImportRun.prepareList */
    prepare(listId: number, name: string | undefined, wanted: readonly CustomField[]): string | undefined {
      const has = fields.get(listId) ?? [];
      const missing = missingFields(listId, has, wanted);
      if (typeof missing === 'string') return missing;
      fields.set(listId, [...has, ...missing]);
      waiting.push({ listId, name, missing });
      return undefined;
    },
    isWaiting: () => waiting.length > 0,
    /** Writes what was prepared. In a transaction. */
    async flush(run: Read): Promise<void> {
      if (waiting.length === 0) return;
      await run(LIST_STATEMENTS.lock, []);
      for (const list of waiting) await write(run, list);
      waiting = [];
    },
  };
}
