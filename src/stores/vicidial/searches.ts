import { PHONE_COLUMNS, type ListScope, type PhoneColumn } from '../../core/lead.ts';
import type { LeadPage, ListDescription, Page } from '../../core/lead-store.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { ListCustom } from './custom-fields.ts';
import { retryAfterRefresh, type SchemaSnapshot, type SchemaCache } from './schema-cache.ts';
import { wholeNumber, type LeadReader } from './lead-reader.ts';
import { bindableName, spellingParameters } from './lookups.ts';
import type { Parameter, Row } from './parameter.ts';
import type { Read } from './schema.ts';
import { textOf } from './sql-text.ts';

/** Searches in a dialer: a few statements, and one for each lead of a page. */
export interface DialerSearches {
  findAll(phone: PhoneNumber, scope: ListScope, page: Page): Promise<LeadPage>;
  describeList(listId: number): Promise<ListDescription | undefined>;
  /** The lists that a user may see; a user that there is not sees none. */
  scopeOf(userName: string): Promise<ListScope>;
}

interface SearchParts {
  readonly read: Read;
  readonly reader: LeadReader;
  /** The country under which numbers are compared. */
  readonly country: Country;
}

export function createSearches(cache: SchemaCache, { read, reader, country }: SearchParts): DialerSearches {
  const withSchema = async <Result>(work: (facts: SchemaSnapshot) => Promise<Result>) =>
    await retryAfterRefresh(cache.snapshot(), () => cache.refresh(), work);

  async function findAll(
    { searches, statements: { searched } }: SchemaSnapshot,
    phone: PhoneNumber,
    scope: ListScope,
    { limit, offset }: Page,
  ): Promise<LeadPage> {
    if (searched.length === 0) return { total: 0, matches: [] };
    const isRestricted = scope !== 'every list';
    const lists = isRestricted ? [scope.join(',')] : [];
    const spellings = spellingParameters(phone, country);
    const bind = (digits: readonly Parameter[]) =>
      searched.flatMap((_, at) => [
        ...digits,
        ...Array.from({ length: at + 1 }, () => spellings).flat(),
        ...lists,
      ]);
    const [rows, totals] = await Promise.all([
      read(searches.page(isRestricted), [...bind([phone.digits]), limit, offset]),
      read(searches.totals(isRestricted), bind([])),
    ]);
    const total = totals.reduce((sum, [count]) => sum + Number(count), 0);
    const found = await Promise.all(
      rows.map(async (row) => await reader.fetch({ ...placeOf(row), matches: total })),
    );
    // One that was deleted in between is not there.
    return { total, matches: found.filter((finding) => finding !== undefined) };
  }

  async function describeList(
    { searches, schema: { settings } }: SchemaSnapshot,
    listId: number,
  ): Promise<ListDescription | undefined> {
    const { listName } = searches;
    const names = listName === undefined ? [] : await read(listName, [wholeNumber(listId)]);
    const custom = await cache.custom(listId);
    const [row] = names;
    // Where custom fields are switched off, nobody has looked for a table.
    if (row === undefined && (custom === 'no table' || !settings.customFields)) return undefined;
    return { listId, name: textOf(row?.[0]), fields: fieldsOf(custom) };
  }

  return {
    findAll: (phone, scope, page) => withSchema((schema) => findAll(schema, phone, scope, page)),
    describeList: (listId) => withSchema((schema) => describeList(schema, listId)),
    scopeOf: (userName) =>
      withSchema(async ({ searches: { userLists } }) => {
        if (userLists === undefined) return 'every list';
        const rows = await read(userLists, [bindableName(userName)]);
        if (rows.some(([seesAll]) => Number(seesAll) === 1)) return 'every list';
        return rows.flatMap(([, listId]) => (listId === null ? [] : [Number(listId)]));
      }),
  };
}

function placeOf([place, leadId, listId, entryListId]: Row) {
  const column: PhoneColumn = PHONE_COLUMNS[Number(place)] ?? 'phone_number';
  return { column, leadId: Number(leadId), listId: Number(listId), entryListId: Number(entryListId) };
}

function fieldsOf(custom: ListCustom): ListDescription['fields'] {
  if (typeof custom === 'string') return [];
  return custom.fields.map(({ label, type, caption }) => ({ label, type, caption }));
}
