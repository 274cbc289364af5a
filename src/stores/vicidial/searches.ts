import {
  COUNTED_MATCHES,
  countedMatches,
  type ListScope,
  NUMBER_MATCHES,
  type NumberMatch,
} from '../../core/lead.ts';
import { charactersOf, createAnswerSize } from '../../core/answer-size.ts';
import {
  countedPart,
  type LeadPage,
  type ListDescription,
  type LookupResult,
  type Page,
} from '../../core/lead-store.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { CompleteLead } from './lookups.ts';
import type { SharedNumbers } from '../network/pool.ts';
import { readScope } from './shared-lookups.ts';
import { hasBlocks, numberParameters } from './stored-spellings.ts';
import type { SchemaSnapshot, SchemaCache } from './schema-cache.ts';
import { bindableName, listsOf, type Read, type Row, textOf, wholeNumber } from './rows.ts';

/** So many leads of a page are read together, before it is known how large they are. */
const LEADS_AT_ONCE = 25;

export type DialerSearches = ReturnType<typeof createSearches>;

/**
 * Searches in a dialer: a few statements, and one for each lead of a page.
 *
 * @param country under which numbers are compared
 */
export function createSearches(
  read: Read,
  cache: SchemaCache,
  country: Country,
  complete: CompleteLead,
  shared: SharedNumbers,
) {
  async function readPage(
    { searches, statements: { searched } }: SchemaSnapshot,
    phone: PhoneNumber,
    scope: ListScope,
    page: Page,
  ): Promise<{ readonly total: number; readonly rows: readonly Row[] }> {
    if (searched.length === 0) return { total: 0, rows: [] };
    const isRestricted = scope !== 'every list';
    const lists = listsOf(scope);
    const { order, match } = numberParameters(phone, country, hasBlocks(searched));
    const bind = (isOrdered: boolean) =>
      searched.flatMap((place, at) => [
        ...(isOrdered ? order(place) : []),
        ...match(place),
        ...searched.slice(0, at).flatMap(match),
        ...lists,
      ]);
    const { limit, offset } = countedPart(page);
    const [rows, totals] = await Promise.all([
      read(searches.page(isRestricted), [...bind(true), limit, offset]),
      read(searches.totals(isRestricted), bind(false)),
    ]);
    const total = totals.reduce((sum, [count]) => sum + Number(count), 0);
    return { total: countedMatches(total), rows };
  }

  return {
    async findAll(phone: PhoneNumber, scope: ListScope, page: Page): Promise<LeadPage> {
      const readNow = () => cache.use((schema) => readPage(schema, phone, scope, page));
      const { total, rows } = await (shared.isKnown(phone.key) ? shared.run(phone.key, readNow) : readNow());
      if (total > COUNTED_MATCHES) shared.note(phone.key);
      const size = createAnswerSize();
      const matches: LookupResult[] = [];
      for (let at = 0; at < rows.length; at += LEADS_AT_ONCE) {
        const some = rows.slice(at, at + LEADS_AT_ONCE);
        for (const lead of await Promise.all(
          some.map((row) => complete({ ...matchOf(row), matches: total })),
        )) {
          // Deleted in between.
          if (lead === undefined) continue;
          if (!size.add(charactersOf(lead))) return { total, matches, isCut: true };
          matches.push(lead);
        }
      }
      return { total, matches };
    },
    describeList: (listId: number) =>
      cache.use((schema) => describeList(read, cache, schema, listId), [listId]),
    /** The lists that a user may see; a user who does not exist sees none. */
    scopeOf: (userName: string): Promise<ListScope> =>
      cache.use((schema) => readScope(read, schema, bindableName(userName))),
  };
}

function matchOf([position, leadId, listId, entryListId]: Row) {
  const column: NumberMatch = NUMBER_MATCHES[Number(position)] ?? 'phone_number';
  return { column, leadId: Number(leadId), listId: Number(listId), entryListId: Number(entryListId) };
}

async function describeList(
  read: Read,
  cache: SchemaCache,
  { searches, schema: { settings } }: SchemaSnapshot,
  listId: number,
): Promise<ListDescription | undefined> {
  const { listName } = searches;
  const names = listName === undefined ? [] : await read(listName, [wholeNumber(listId)]);
  const custom = await cache.custom(listId);
  const [row] = names;
  // Where custom fields are switched off, no table was looked for.
  if (row === undefined && (custom === 'no table' || !settings.customFields)) return undefined;
  const fields = typeof custom === 'string' ? [] : custom.fields;
  return {
    listId,
    name: textOf(row?.[0]),
    fields: fields.map(({ label, type, caption }) => ({ label, type, caption })),
  };
}
