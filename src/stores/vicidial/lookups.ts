import type { LookupResult } from '../../core/lead-store.ts';
import { countedMatches, type ListScope } from '../../core/lead.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { LookupQuery, QueryByPhone } from '../../core/query.ts';
import type { CustomFields } from './custom-fields.ts';
import { createSharedNumbers, type SharedNumbers } from './pool.ts';
import { numberParameters } from './stored-spellings.ts';
import type { NumberPlace } from './number-places.ts';
import {
  bindableName,
  customInfoOf,
  type DialerLead,
  dialerLeadOf,
  expectedParameters,
  LEAD_WIDTH,
  type Parameter,
  type Read,
  type Row,
  wholeNumber,
} from './rows.ts';
import type { SchemaCache, SchemaSnapshot } from './schema-cache.ts';
import { ACCOUNT_WIDTH } from './statements.ts';

/** A lead with the row and the custom table that its values came from, if a table was predicted. */
interface LeadWithCustom extends DialerLead {
  readonly predicted?: { readonly fields: CustomFields | undefined; readonly row: Row };
}

/** A lookup of an account that should still have this password, or this hash of one. */
export interface ExpectedAccount {
  readonly query: LookupQuery;
  readonly secret: string;
}

interface AccountAndLead {
  /** Undefined: there is no such user. */
  readonly account: Row | undefined;
  readonly lead: PrefetchedLead;
}

/** What a first statement brought of a lead; undefined: there is none that may be seen. */
export type PrefetchedLead = LeadWithCustom | ReturnType<typeof winnerOf>;
export type DialerLookups = ReturnType<typeof createLookups>;
export type CompleteLead = ReturnType<typeof createCompleteLead>;

/**
 * Finds leads in a dialer: one statement, and a second one for custom values or for a number.
 *
 * @param country under which numbers are compared
 */
export function createLookups(
  read: Read,
  cache: SchemaCache,
  country: Country,
  shared: SharedNumbers = createSharedNumbers(),
) {
  const readShared = createReadShared(read, country, shared);
  const readByNumber = createReadByNumber(read, country, shared, readShared);

  /** The account's row, and what it may see of the lead if it is the expected one. */
  async function readAccount(
    schema: SchemaSnapshot,
    user: Parameter,
    expected: ExpectedAccount | undefined,
  ): Promise<AccountAndLead> {
    const { statements, prediction } = schema;
    const { searched } = statements;
    const query = expected?.query;
    const account = expectedParameters(expected?.secret);
    if (query?.by === 'lead_id') {
      const fields = prediction.of(query.leadId);
      const [row] = await read(statements.accountAndLead(fields), [
        ...account,
        ...account,
        wholeNumber(query.leadId),
        user,
      ]);
      const lead = row && dialerLeadOf(row, ACCOUNT_WIDTH);
      return { account: row, lead: row && lead && { ...lead, predicted: { fields, row } } };
    }
    if (query?.by === 'phone_number' && searched.length > 0)
      return readByNumber(schema, user, query, account);
    const [row] = await read(statements.account, [...account, user]);
    return { account: row, lead: undefined };
  }

  return {
    /** One statement for the account and, if it is the expected one, what it may see of the lead. */
    readAccount: (name: string, expected: ExpectedAccount | undefined) =>
      cache.use(async (schema) => {
        const { account, lead } = await readAccount(schema, bindableName(name), expected);
        const query = account !== undefined && isExpected(account) ? expected?.query : undefined;
        return { schema, account, prefetched: { query, lead } };
      }),
    /** For requests without an account: a token, the operator, one of many items. */
    find: (query: LookupQuery, scope: ListScope): Promise<PrefetchedLead> =>
      cache.use(async (schema) => {
        const { lead, searched, winners } = schema.statements;
        const isRestricted = scope !== 'every list';
        const lists = listsOf(scope);
        if (query.by === 'lead_id') {
          const [row = []] = await read(lead(isRestricted), [wholeNumber(query.leadId), ...lists]);
          return dialerLeadOf(row);
        }
        if (searched.length === 0) return undefined;
        if (shared.isKnown(query.phone.key)) return readShared(schema, query, scope);
        const rows = await read(winners(isRestricted), bindNumber(searched, query.phone, country, lists));
        return rows.length === searched.length
          ? winnerOf(searched, rows, 0)
          : readShared(schema, query, scope);
      }),
  };
}

/** The account's row, and the winner of a number among the leads that it may see. */
function createReadByNumber(
  read: Read,
  country: Country,
  shared: SharedNumbers,
  readShared: ReturnType<typeof createReadShared>,
) {
  return async (
    schema: SchemaSnapshot,
    user: Parameter,
    query: QueryByPhone,
    account: readonly Parameter[],
  ): Promise<AccountAndLead> => {
    const { statements } = schema;
    const { searched } = statements;
    if (!shared.isKnown(query.phone.key)) {
      const { winner, match } = numberParameters(query.phone, country, hasBlocks(searched));
      const bound = searched.flatMap((place) => [...winner(place), ...account, ...match(place), user]);
      const rows = await read(statements.accountAndWinners, [...account, ...bound]);
      if (rows.length === searched.length) {
        return { account: rows.find(isExpected) ?? rows[0], lead: winnerOf(searched, rows, ACCOUNT_WIDTH) };
      }
    }
    const [row] = await read(statements.account, [...account, user]);
    if (row === undefined || !isExpected(row)) return { account: row, lead: undefined };
    const scope = await readScope(read, schema, user);
    return { account: row, lead: await readShared(schema, query, scope) };
  };
}

/** Whether the row is of the account that was expected: then the lead was read with it. */
function isExpected(account: Row): boolean {
  return Number(account[ACCOUNT_WIDTH - 1]) === 1;
}

/** Reads the winner of a number that very many leads share. */
function createReadShared(read: Read, country: Country, shared: SharedNumbers) {
  return (
    { statements: { searched, sharedWinners } }: SchemaSnapshot,
    { phone }: QueryByPhone,
    scope: ListScope,
  ): Promise<PrefetchedLead> =>
    shared.run(phone.key, async () => {
      const statement = sharedWinners(scope !== 'every list');
      return winnerOf(
        searched,
        await read(statement, bindNumber(searched, phone, country, listsOf(scope))),
        0,
      );
    });
}

/** As statements that are restricted bind them. */
export function listsOf(scope: ListScope): readonly Parameter[] {
  return scope === 'every list' ? [] : [scope.join(',')];
}

/** The lists that a user may see; a user who does not exist sees none. */
export async function readScope(
  read: Read,
  { searches: { userLists } }: SchemaSnapshot,
  user: Parameter,
): Promise<ListScope> {
  if (userLists === undefined) return 'every list';
  const rows = await read(userLists, [user]);
  if (rows.some(([seesAll]) => Number(seesAll) === 1)) return 'every list';
  return rows.flatMap(([, listId]) => (listId === null ? [] : [Number(listId)]));
}

/** For each place: its parameters, and the statement's others. */
function bindNumber(
  searched: readonly NumberPlace[],
  phone: PhoneNumber,
  country: Country,
  others: readonly Parameter[],
): readonly Parameter[] {
  const { winner, match } = numberParameters(phone, country, hasBlocks(searched));
  return searched.flatMap((place) => [...winner(place), ...match(place), ...others]);
}

export function hasBlocks(searched: readonly NumberPlace[]): boolean {
  return searched.some(({ match }) => match === 'block');
}

/** A lead that has the number, and how many have it. A later place counts only if the earlier ones gave nothing. */
function winnerOf(searched: readonly NumberPlace[], rows: readonly Row[], from: number) {
  for (const { match: column } of searched) {
    if (column === 'block') return longestBlock(rows, from);
    const row = rows.find((cells) => cells[from] === column);
    const matches = countedMatches(Number(row?.[from + 1] ?? 0));
    if (row === undefined || matches === 0) continue;
    const [leadId = 0, listId = 0, entryListId = 0] = numbersIn(row[from + 2]);
    return { column, matches, leadId, listId, entryListId };
  }
  return undefined;
}

/** The winner of the longest block in any place; the earlier of two places with the same. */
function longestBlock(rows: readonly Row[], from: number) {
  const blocks = rows
    .filter((cells) => cells[from] === 'block' && cells[from + 2] !== null)
    .flatMap((cells) => String(cells[from + 2]).split(','))
    .map(numbersIn)
    .filter((numbers) => numbers.length === 4);
  const longest = Math.max(...blocks.map(([, , , order = -Infinity]) => order));
  const best = blocks.filter(([, , , order]) => order === longest);
  const [leadId, listId = 0, entryListId = 0] = best[0] ?? [];
  if (leadId === undefined) return undefined;
  const matches = countedMatches(new Set(best.map(([id]) => id)).size);
  return { column: 'block' as const, matches, leadId, listId, entryListId };
}

/** `lead:list:entry list`, as winners are selected. */
function numbersIn(cell: unknown): readonly number[] {
  return String(cell).split(':').map(Number);
}

/**
 * Reads what is still missing of a lead, by a statement where one is needed.
 *
 * @param isCustomerElsewhere asks GOautodial's database on another server; left out: it is on the dialer's, or nowhere
 */
export function createCompleteLead(
  read: Read,
  cache: SchemaCache,
  isCustomerElsewhere: (leadId: number) => Promise<boolean> = () => Promise.resolve(false),
) {
  /** Runs `work` with the custom fields of the first list that has a custom table: the entry list's, or the lead's own. */
  function withCustom<Result>(
    entryListId: number,
    listId: number,
    work: (schema: SchemaSnapshot, fields: CustomFields | undefined) => Promise<Result>,
  ): Promise<Result> {
    const lists = entryListId > 0 ? [entryListId, listId] : [listId];
    return cache.use(async (schema) => work(schema, await customFieldsOf(cache, lists)), lists);
  }

  function readCustom({ lead, entryListId, predicted }: LeadWithCustom): Promise<LookupResult['custom']> {
    return withCustom(entryListId, lead.list_id, async ({ prediction }, fields) => {
      prediction.note(lead.lead_id, fields);
      if (fields === undefined) return null;
      if (predicted?.fields === fields)
        return customInfoOf(fields, predicted.row, ACCOUNT_WIDTH + LEAD_WIDTH);
      const [row] = await read(fields.statement, [wholeNumber(lead.lead_id)]);
      return row === undefined ? null : customInfoOf(fields, row);
    });
  }

  function readWinner(winner: NonNullable<ReturnType<typeof winnerOf>>): Promise<LookupResult | undefined> {
    const { column, matches, leadId, entryListId, listId } = winner;
    return withCustom(entryListId, listId, async ({ statements }, fields) => {
      const [row = []] = await read(statements.leadAndCustom(fields), [wholeNumber(leadId)]);
      const found = dialerLeadOf(row);
      if (found === undefined) return undefined;
      const custom = fields === undefined ? null : customInfoOf(fields, row, LEAD_WIDTH);
      const { lead, isCustomer, numbers } = found;
      return { leadId, lead, custom, isCustomer, ...numbers, foundBy: { column, matches } };
    });
  }

  async function readRest(found: LeadWithCustom): Promise<LookupResult> {
    const { lead, isCustomer, numbers } = found;
    return { leadId: lead.lead_id, lead, custom: await readCustom(found), isCustomer, ...numbers };
  }

  return async (lead: PrefetchedLead): Promise<LookupResult | undefined> => {
    if (lead === undefined) return undefined;
    const [rest, leadId] =
      'column' in lead ? [readWinner(lead), lead.leadId] : [readRest(lead), lead.lead.lead_id];
    const [result, isCustomer] = await Promise.all([rest, isCustomerElsewhere(leadId)]);
    return result && { ...result, isCustomer: result.isCustomer || isCustomer };
  };
}

async function customFieldsOf(
  cache: SchemaCache,
  lists: readonly number[],
): Promise<CustomFields | undefined> {
  for (const list of lists) {
    const custom = await cache.custom(list);
    if (custom !== 'no table') return custom === 'no fields' ? undefined : custom;
  }
  return undefined;
}
