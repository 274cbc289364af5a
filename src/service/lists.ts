import type { RequestContext } from '../auth/principal.ts';
import { LISTS_CHARACTERS, parseFields, parseListSettings } from '../core/list-patch.ts';
import type { Problem } from '../core/problem.ts';
import type { FieldDefinition, ListSettings, RecordStore } from '../core/record-store.ts';
import { COST_OF_CHANGE, NOT_YET } from './change-lead.ts';
import { isVisible, malformed, type OnRecords } from './record-work.ts';
import { type Answer, refused, type Work } from './work.ts';

export interface ListRequest extends RequestContext {
  readonly listId: number;
}

export interface SetListRequest extends RequestContext {
  /** Undefined: a new list, whose id is in `sent`. */
  readonly listId: number | undefined;
  /** JSON of `list_id`, `name`, `statuses` and `masked`. */
  readonly sent: unknown;
  /** No field may be shown that is masked now: it is refused as by wrong credentials. */
  readonly keepsMasks?: boolean | undefined;
}

export interface SetFieldsRequest extends ListRequest {
  /** JSON: the list of fields, in their order. */
  readonly sent: unknown;
}

type ListAnswer = { readonly list: ListSettings; readonly fields: readonly FieldDefinition[] };

/** Lists with their custom fields, as people set them. They disclose nothing of leads: only changes are recorded. */
export function createListService(onRecords: OnRecords, onChange: () => void) {
  return {
    /** Those that the caller may see. */
    readLists: (context: RequestContext) =>
      onRecords<{ readonly lists: readonly ListSettings[] }>(
        context,
        undefined,
        async ({ records, scope, charge }) => {
          const all = await records.lists();
          charge(costOfLists(all));
          return { records: [], answer: { lists: all.filter(({ listId }) => isVisible(scope, listId)) } };
        },
      ),

    readFields: ({ listId, ...context }: ListRequest) =>
      onRecords<ListAnswer>(context, undefined, async ({ records, scope }) => {
        const list = await records.list(listId);
        if (list === undefined || !isVisible(scope, listId)) return noList(listId);
        return { records: [], answer: { list, fields: await records.fields(listId) } };
      }),

    /** Makes a list, or changes its name, statuses and masked fields. */
    setList: ({ listId, sent, keepsMasks = false, ...context }: SetListRequest) =>
      onRecords<ListAnswer>(context, undefined, async ({ records, scope, charge }) => {
        charge(COST_OF_CHANGE);
        const parsed = parseListSettings(sent, listId);
        if ('faults' in parsed) return refused(malformed(...parsed.faults));
        const { listId: id, values } = parsed;
        const isNew = listId === undefined;
        if (isNew && !isVisible(scope, id)) return refused(malformed(NOT_YOURS));
        const stored = await records.list(id);
        if (isNew && stored !== undefined) return refused({ code: 'list_exists', asked: String(id) });
        if ((!isNew && stored === undefined) || !isVisible(scope, id)) return noList(id);
        if (keepsMasks && unmasks(stored, values)) return refused(UNMASKED);
        return {
          records: [{ action: 'list_changed', listId: id, fields: Object.keys(values) }],
          answer: NOT_YET,
          commit: () => putList(records, id, values, { isNew, keepsMasks }).finally(onChange),
        };
      }),

    /** Sets the custom fields of a list. Values of fields that are left out are kept, and shown again when they come back. */
    setFields: ({ listId, sent, ...context }: SetFieldsRequest) =>
      onRecords<ListAnswer>(context, undefined, async ({ records, scope, charge }) => {
        charge(COST_OF_CHANGE);
        const parsed = parseFields(sent);
        if ('faults' in parsed) return refused(malformed(...parsed.faults));
        const list = await records.list(listId);
        if (list === undefined || !isVisible(scope, listId)) return noList(listId);
        const { fields } = parsed;
        charge(Math.floor(fields.length / 10));
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

async function putList(
  records: RecordStore,
  listId: number,
  values: Partial<Omit<ListSettings, 'listId'>>,
  { isNew, keepsMasks }: { readonly isNew: boolean; readonly keepsMasks: boolean },
): Promise<Answer<ListAnswer>> {
  // As it is now: while the audit was written, somebody may have masked a field that would be shown again.
  const before = await records.list(listId);
  if (keepsMasks && unmasks(before, values)) return { problem: UNMASKED };
  const list = { listId, name: null, statuses: [], masked: [], ...before, ...values };
  const put = await records.putList(list, isNew);
  if (put === 'done') return { list, fields: await records.fields(list.listId) };
  if (put === 'full') return { problem: malformed(NO_ROOM) };
  return { problem: { code: isNew ? 'list_exists' : 'list_not_found', asked: String(list.listId) } };
}

const UNMASKED: Problem = { code: 'credentials_invalid' };

/** Whether a field is shown afterwards that was masked. */
function unmasks(
  before: ListSettings | undefined,
  { masked }: Partial<Pick<ListSettings, 'masked'>>,
): boolean {
  return masked !== undefined && before?.masked.some((field) => !masked.includes(field)) === true;
}

/** How many lookups more it is to read all lists: for each hundred of them and their statuses, one. */
function costOfLists(lists: readonly ListSettings[]): number {
  return Math.floor(lists.reduce((sum, { statuses }) => sum + 1 + statuses.length, 0) / 100);
}

const NO_ROOM = {
  field: 'body',
  reason: `makes the names and statuses of all lists together larger than ${LISTS_CHARACTERS / 1024 / 1024} MiB; give lists fewer statuses`,
};

/** Whether there is such a list is not said. */
const NOT_YOURS = {
  field: 'list_id',
  reason: 'is none of your lists; somebody who sees every list can make it',
};

function noList(listId: number): Work<never> {
  return refused({ code: 'list_not_found', asked: String(listId) });
}
