import type { LookupResult } from '../../core/lead-store.ts';
import type { ListScope, PhoneColumn } from '../../core/lead.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { LookupQuery } from '../../core/query.ts';
import type { CustomFields } from './custom-fields.ts';
import {
  bindableName,
  customInfoOf,
  type DialerLead,
  dialerLeadOf,
  LEAD_WIDTH,
  type Parameter,
  type Read,
  type Row,
  wholeNumber,
} from './rows.ts';
import type { SchemaCache, SchemaSnapshot } from './schema-cache.ts';
import { ACCOUNT_WIDTH } from './statements.ts';
import { spellingParameters } from './stored-spellings.ts';

/** A lead that has the number, and how many have it. */
export interface Winner {
  readonly column: PhoneColumn;
  readonly matches: number;
  readonly leadId: number;
  readonly listId: number;
  /** The list through which it came, whose custom table counts first; 0: none. */
  readonly entryListId: number;
}

/** A lead with the custom values that came with it, if their table was predicted right. */
interface LeadWithCustom extends DialerLead {
  readonly predicted?: {
    readonly fields: CustomFields | undefined;
    readonly row: Row;
    /** Where the values begin in the row. */
    readonly from: number;
  };
}

/** What a first statement brought of a lead; undefined: there is none that may be seen. */
export type PrefetchedLead = LeadWithCustom | Winner | undefined;

/** Reads what is still missing of a lead, by a statement where one is needed. */
export type CompleteLead = (lead: PrefetchedLead) => Promise<LookupResult | undefined>;

/** An account's columns, and what came with them. */
export interface AccountRead {
  readonly schema: SchemaSnapshot;
  /** undefined: there is no such user. */
  readonly account: Row | undefined;
  /** Within what that account may see. */
  readonly lead: PrefetchedLead;
}

/** Finds leads in a dialer: one statement, and a second one for custom values or for a number. */
export interface DialerLookups {
  /** One statement for the account and, with a query, what it may see of the lead. */
  readAccount(user: string, query: LookupQuery | undefined): Promise<AccountRead>;
  /** For requests without an account: a token, the operator, one of many items. */
  find(query: LookupQuery, scope: ListScope): Promise<PrefetchedLead>;
}

/** @param country under which numbers are compared */
export function createLookups(read: Read, cache: SchemaCache, country: Country): DialerLookups {
  async function readWithLead(schema: SchemaSnapshot, user: Parameter, leadId: number): Promise<AccountRead> {
    const fields = schema.prediction.of(leadId);
    const [row] = await read(schema.statements.accountAndLead(fields), [wholeNumber(leadId), user]);
    const lead = row === undefined ? undefined : dialerLeadOf(row, ACCOUNT_WIDTH);
    if (row === undefined || lead === undefined) return { schema, account: row, lead: undefined };
    return {
      schema,
      account: row,
      lead: { ...lead, predicted: { fields, row, from: ACCOUNT_WIDTH + LEAD_WIDTH } },
    };
  }

  async function readWithWinner(
    schema: SchemaSnapshot,
    user: Parameter,
    phone: PhoneNumber,
  ): Promise<AccountRead> {
    const { searched, accountAndWinners } = schema.statements;
    const rows = await read(accountAndWinners, bindNumber(searched, phone, country, [user]));
    return { schema, account: rows[0], lead: winnerOf(searched, rows, ACCOUNT_WIDTH) };
  }

  return {
    readAccount: (name, query) =>
      cache.use(async (schema) => {
        const user = bindableName(name);
        const { account, searched } = schema.statements;
        if (query?.by === 'lead_id') return readWithLead(schema, user, query.leadId);
        if (query?.by === 'phone_number' && searched.length > 0)
          return readWithWinner(schema, user, query.phone);
        const [row] = await read(account, [user]);
        return { schema, account: row, lead: undefined };
      }),
    find: (query, scope) =>
      cache.use(async ({ statements: { lead, searched, winners } }) => {
        const isRestricted = scope !== 'every list';
        const lists = isRestricted ? [scope.join(',')] : [];
        if (query.by === 'lead_id') {
          const [row = []] = await read(lead(isRestricted), [wholeNumber(query.leadId), ...lists]);
          return dialerLeadOf(row);
        }
        if (searched.length === 0) return undefined;
        const rows = await read(winners(isRestricted), bindNumber(searched, query.phone, country, lists));
        return winnerOf(searched, rows, 0);
      }),
  };
}

/** For each column: the digits, the spellings, and the statement's other parameters. */
function bindNumber(
  searched: readonly PhoneColumn[],
  phone: PhoneNumber,
  country: Country,
  others: readonly Parameter[],
): readonly Parameter[] {
  const bound = [phone.digits, ...spellingParameters(phone, country), ...others];
  return searched.flatMap(() => bound);
}

/** A later column counts only if the earlier ones gave nothing. */
function winnerOf(searched: readonly PhoneColumn[], rows: readonly Row[], from: number): Winner | undefined {
  for (const column of searched) {
    const row = rows.find((cells) => cells[from] === column);
    const matches = Number(row?.[from + 1] ?? 0);
    if (row === undefined || matches === 0) continue;
    const [leadId = 0, listId = 0, entryListId = 0] = String(row[from + 2])
      .split(':')
      .map(Number);
    return { column, matches, leadId, listId, entryListId };
  }
  return undefined;
}

/**
 * @param isCustomerElsewhere asks GOautodial's database on another server; left out: it is on the dialer's, or nowhere
 */
export function createCompleteLead(
  read: Read,
  cache: SchemaCache,
  isCustomerElsewhere: (leadId: number) => Promise<boolean> = () => Promise.resolve(false),
): CompleteLead {
  function readCustom({ lead, entryListId, predicted }: LeadWithCustom): Promise<LookupResult['custom']> {
    const lists = listsOf(entryListId, lead.list_id);
    return cache.use(async ({ prediction }) => {
      const fields = await customFieldsOf(cache, lists);
      prediction.note(lead.lead_id, fields);
      if (fields === undefined) return null;
      if (predicted?.fields === fields) return customInfoOf(fields, predicted.row, predicted.from);
      const [row] = await read(fields.statement, [wholeNumber(lead.lead_id)]);
      return row === undefined ? null : customInfoOf(fields, row);
    }, lists);
  }

  function readWinner({ column, matches, ...winner }: Winner): Promise<LookupResult | undefined> {
    const { leadId, entryListId, listId } = winner;
    const lists = listsOf(entryListId, listId);
    return cache.use(async ({ statements }) => {
      const fields = await customFieldsOf(cache, lists);
      const [row = []] = await read(statements.leadAndCustom(fields), [wholeNumber(leadId)]);
      const found = dialerLeadOf(row);
      if (found === undefined) return undefined;
      const custom = fields === undefined ? null : customInfoOf(fields, row, LEAD_WIDTH);
      const { lead, isCustomer } = found;
      return { leadId, lead, custom, isCustomer, foundBy: { column, matches } };
    }, lists);
  }

  async function readRest(found: LeadWithCustom): Promise<LookupResult> {
    const { lead, isCustomer } = found;
    return { leadId: lead.lead_id, lead, custom: await readCustom(found), isCustomer };
  }

  return async (lead) => {
    if (lead === undefined) return undefined;
    const [rest, leadId] =
      'column' in lead ? [readWinner(lead), lead.leadId] : [readRest(lead), lead.lead.lead_id];
    const [result, isCustomer] = await Promise.all([rest, isCustomerElsewhere(leadId)]);
    return result && { ...result, isCustomer: result.isCustomer || isCustomer };
  };
}

/** The lists that may hold a lead's custom values, in the order in which they count. */
function listsOf(entryListId: number, listId: number): readonly number[] {
  return entryListId > 0 ? [entryListId, listId] : [listId];
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
