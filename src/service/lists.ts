import type { RequestContext } from '../auth/principal.ts';
import { parseFields, parseListSettings } from '../core/list-patch.ts';
import type { FieldDefinition, ListSettings } from '../core/record-store.ts';
import { NOT_YET } from './change-lead.ts';
import { refused } from './pipeline.ts';
import { isVisible, malformed, type OnRecords } from './record-work.ts';
import type { Answer, Work } from './work.ts';

export interface ListRequest extends RequestContext {
  readonly listId: number;
}

export interface SetListRequest extends RequestContext {
  /** Undefined: a new list, whose id is in `sent`. */
  readonly listId: number | undefined;
  /** JSON of `list_id`, `name` and `statuses`. */
  readonly sent: unknown;
}

export interface SetFieldsRequest extends ListRequest {
  /** JSON: the list of fields, in their order. */
  readonly sent: unknown;
}

type ListAnswer = { readonly list: ListSettings; readonly fields: readonly FieldDefinition[] };

/** Lists with their custom fields, as people set them. They disclose nothing of leads: only changes are recorded. */
export function createListService(onRecords: OnRecords) {
  return {
    /** Those that the caller may see. */
    readLists: (context: RequestContext) =>
      onRecords<{ readonly lists: readonly ListSettings[] }>(
        context,
        undefined,
        async ({ records, scope }) => {
          const lists = (await records.lists()).filter(({ listId }) => isVisible(scope, listId));
          return { records: [], answer: { lists } };
        },
      ),

    readFields: ({ listId, ...context }: ListRequest) =>
      onRecords<ListAnswer>(context, undefined, async ({ records, scope }) => {
        const list = (await records.lists()).find((one) => one.listId === listId);
        if (list === undefined || !isVisible(scope, listId)) return noList(listId);
        return { records: [], answer: { list, fields: await records.fields(listId) } };
      }),

    /** Makes a list, or changes its name and statuses. */
    setList: ({ listId, sent, ...context }: SetListRequest) =>
      onRecords<ListAnswer>(context, undefined, async ({ records, scope }) => {
        const parsed = parseListSettings(sent, listId);
        if ('faults' in parsed) return refused(malformed(...parsed.faults));
        const { listId: id, values } = parsed;
        const isNew = listId === undefined;
        if (isNew && !isVisible(scope, id)) return refused(malformed(NOT_YOURS));
        const stored = (await records.lists()).find((one) => one.listId === id);
        if (isNew && stored !== undefined) return refused({ code: 'list_exists', asked: String(id) });
        if ((!isNew && stored === undefined) || !isVisible(scope, id)) return noList(id);
        const list = { listId: id, name: null, statuses: [], ...stored, ...values };
        return {
          records: [{ action: 'list_changed', listId: id, fields: Object.keys(values) }],
          answer: NOT_YET,
          async commit(): Promise<Answer<ListAnswer>> {
            if (await records.putList(list, isNew)) return { list, fields: await records.fields(id) };
            const code = isNew ? 'list_exists' : 'list_not_found';
            return { problem: { code, asked: String(id) } };
          },
        };
      }),

    /** Sets the custom fields of a list. Values of fields that are left out are kept, and shown again when they come back. */
    setFields: ({ listId, sent, ...context }: SetFieldsRequest) =>
      onRecords<ListAnswer>(context, undefined, async ({ records, scope }) => {
        const parsed = parseFields(sent);
        if ('faults' in parsed) return refused(malformed(...parsed.faults));
        const list = (await records.lists()).find((one) => one.listId === listId);
        if (list === undefined || !isVisible(scope, listId)) return noList(listId);
        const { fields } = parsed;
        return {
          records: [{ action: 'list_changed', listId, fields: fields.map(({ label }) => label) }],
          answer: NOT_YET,
          async commit() {
            await records.putFields(listId, fields);
            return { list, fields };
          },
        };
      }),
  };
}

/** Whether there is such a list is not said. */
const NOT_YOURS = {
  field: 'list_id',
  reason: 'is none of your lists; somebody who sees every list can make it',
};

function noList(listId: number): Work<never> {
  return refused({ code: 'list_not_found', asked: String(listId) });
}
