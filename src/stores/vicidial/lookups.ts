import { createGatherings } from '../../core/clock.ts';
import type { LookupResult } from '../../core/lead-store.ts';
import type { CustomInfo, ListScope } from '../../core/lead.ts';
import type { Country } from '../../core/phone.ts';
import type { LookupQuery, QueryByPhone } from '../../core/query.ts';
import { createSharedNumbers, type SharedNumbers } from '../network/pool.ts';
import { DatabaseFailure } from '../network/failure.ts';
import { MOST_IDS } from './batch-statements.ts';
import { createBatches, MOST_NUMBERS, readCustomRows } from './batched-lookups.ts';
import type { CustomFields } from './custom-fields.ts';
import type { AccountAndLead, ExpectedAccount, LeadWithCustom, PrefetchedLead } from './found-leads.ts';
import {
  ACCOUNT_WIDTH,
  bindableName,
  customInfoOf,
  dialerLeadOf,
  expectedParameters,
  isExpected,
  LEAD_WIDTH,
  listsOf,
  type Parameter,
  type Read,
  wholeNumber,
  winnerOf,
} from './rows.ts';
import type { SchemaCache, SchemaSnapshot } from './schema-cache.ts';
import { bindNumber, createReadShared, readScope } from './shared-lookups.ts';
import { hasBlocks, numberParameters } from './stored-spellings.ts';

export type DialerLookups = ReturnType<typeof createLookups>;
export type CompleteLead = ReturnType<typeof createCompleteLead>;

/**
 * Finds leads in a dialer: one statement, and a second one for custom values or for a number. Lookups of one user, or within one
 * scope, that come while such statements are under way share the next ones.
 *
 * @param country under which numbers are compared
 */
export function createLookups(
  read: Read,
  cache: SchemaCache,
  country: Country,
  shared: SharedNumbers = createSharedNumbers(),
) {
  const { readAccount, find } = createLoneLookups(read, country, shared);
  const batches = createBatches(read, country);
  const crowded = createCrowdedNumbers(shared);
  const ofUsers = createGatherings<LookupQuery, AccountAndLead>(BATCH_FAILURES);
  const inScopes = createGatherings<LookupQuery, PrefetchedLead>(BATCH_FAILURES);

  /** The same beside others of this user. */
  function readTogether(
    schema: SchemaSnapshot,
    user: Parameter,
    expected: ExpectedAccount | undefined,
  ): Promise<AccountAndLead> {
    if (expected === undefined || user === null || crowded.isAskedAlone(schema, expected.query))
      return readAccount(schema, user, expected);
    const { query, secret } = expected;
    return ofUsers(schema, [query.by, user, secret].join('\0'), query, () => ({
      most: mostOf(query),
      async alone(one) {
        const answer = await readAccount(schema, user, { query: one, secret });
        crowded.note(one, answer.lead);
        return answer;
      },
      together: (all) => batches.ofUser(schema, user, secret, all),
    }));
  }

  return {
    /** One statement for the account and, if it is the expected one, what it may see of the lead. */
    readAccount: (name: string, expected: ExpectedAccount | undefined) =>
      cache.use(async (schema) => {
        const { account, lead } = await readTogether(schema, bindableName(name), expected);
        const query = account !== undefined && isExpected(account) ? expected?.query : undefined;
        return { schema, account, prefetched: { query, lead } };
      }),
    find: (query: LookupQuery, scope: ListScope): Promise<PrefetchedLead> =>
      cache.use(async (schema) => {
        if (crowded.isAskedAlone(schema, query)) return find(schema, query, scope);
        return inScopes(schema, `${query.by} ${scope.toString()}`, query, () => ({
          most: mostOf(query),
          async alone(one) {
            const lead = await find(schema, one, scope);
            crowded.note(one, lead);
            return lead;
          },
          together: (all) => batches.within(schema, scope, all),
        }));
      }),
  };
}

/** A number of more leads is asked for by itself: the server counts them, where the rows of all would come here. */
const FEW = 50;

/** Numbers that are not asked for together with others. */
function createCrowdedNumbers(shared: SharedNumbers) {
  const crowded = createSharedNumbers();
  return {
    isAskedAlone({ batches: { steps } }: SchemaSnapshot, query: LookupQuery): boolean {
      if (query.by === 'lead_id') return false;
      const { key } = query.phone;
      return steps.length === 0 || shared.isKnown(key) || crowded.isKnown(key);
    },
    /** What was found of a query that was asked by itself. */
    note(query: LookupQuery, lead: PrefetchedLead): void {
      if (query.by === 'phone_number' && lead !== undefined && 'column' in lead && lead.matches > FEW)
        crowded.note(query.phone.key);
    },
  };
}

function mostOf({ by }: LookupQuery): number {
  return by === 'lead_id' ? MOST_IDS : MOST_NUMBERS;
}

/** Each lookup by statements of its own. */
function createLoneLookups(read: Read, country: Country, shared: SharedNumbers) {
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

  /** For requests without an account: a token, the operator, one of many items. */
  async function find(schema: SchemaSnapshot, query: LookupQuery, scope: ListScope): Promise<PrefetchedLead> {
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
    return rows.length === searched.length ? winnerOf(searched, rows, 0) : readShared(schema, query, scope);
  }

  return { readAccount, find };
}

/** Whether a failed statement for several may succeed for each of them: it may be a value or a row of one that failed it. */
function mayBeOfOne(cause: unknown): boolean {
  return !(cause instanceof DatabaseFailure) || cause.kind === 'statement' || cause.kind === 'lost';
}

/** The server gives up a statement for several that reads from a slow disk; the same for one has the time that it needs. */
const BATCH_FAILURES = {
  mayBeOfOne,
  isTooMuch: (cause: unknown) => cause instanceof DatabaseFailure && cause.kind === 'slow',
};

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
    const { winner, match } = numberParameters(query.phone, country, hasBlocks(statements.searched));
    for (const [at, places] of shared.isKnown(query.phone.key) ? [] : statements.steps.entries()) {
      const bound = places.flatMap((place) => [...winner(place), ...account, ...match(place), user]);
      const rows = await read(statements.accountAndWinners[at] ?? '', [...account, ...bound]);
      if (rows.length !== places.length) break;
      const row = rows.find(isExpected) ?? rows[0];
      const lead = winnerOf(places, rows, ACCOUNT_WIDTH);
      const isLast = at === statements.steps.length - 1;
      if (lead !== undefined || isLast || row === undefined || !isExpected(row))
        return { account: row, lead };
    }
    const [row] = await read(statements.account, [...account, user]);
    if (row === undefined || !isExpected(row)) return { account: row, lead: undefined };
    const scope = await readScope(read, schema, user);
    return { account: row, lead: await readShared(schema, query, scope) };
  };
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
  const ofLists = createGatherings<number, CustomInfo | null>(BATCH_FAILURES);

  /** Runs `work` with the custom fields of the first list that has a custom table: the entry list's, or the lead's own. */
  function withCustom<Result>(
    entryListId: number,
    listId: number,
    work: (schema: SchemaSnapshot, fields: CustomFields | undefined) => Promise<Result>,
  ): Promise<Result> {
    const lists = entryListId > 0 ? [entryListId, listId] : [listId];
    return cache.use(async (schema) => work(schema, await customFieldsOf(cache, lists)), lists);
  }

  function readCustom({ lead, entryListId, predicted }: LeadWithCustom): Promise<CustomInfo | null> {
    return withCustom(entryListId, lead.list_id, async ({ prediction }, fields) => {
      prediction.note(lead.lead_id, fields);
      if (fields === undefined) return null;
      if (predicted?.fields === fields)
        return customInfoOf(fields, predicted.row, ACCOUNT_WIDTH + LEAD_WIDTH);
      return ofLists(fields, '', lead.lead_id, () => ({
        most: MOST_IDS,
        alone: async (leadId) => {
          const [row] = await read(fields.statement, [wholeNumber(leadId)]);
          return row === undefined ? null : customInfoOf(fields, row);
        },
        together: (leadIds) => readCustomRows(read, fields, leadIds),
      }));
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
    const { lead, isCustomer, numbers, foundBy } = found;
    const custom = await readCustom(found);
    return { leadId: lead.lead_id, lead, custom, isCustomer, ...numbers, ...(foundBy && { foundBy }) };
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
