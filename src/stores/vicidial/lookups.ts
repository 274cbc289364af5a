import type { LookupResult } from '../../core/lead-store.ts';
import type { ListScope, PhoneColumn } from '../../core/lead.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { LookupQuery } from '../../core/query.ts';
import type { LeadReader, PredictedCustom, Winner } from './lead-reader.ts';
import { dialerLeadOf, LEAD_WIDTH, type DialerLead } from './lead-row.ts';
import type { SchemaCache, SchemaSnapshot } from './schema-cache.ts';
import { bindableName, wholeNumber, type Parameter, type Read, type Row } from './sql.ts';
import { ACCOUNT_WIDTH } from './statements.ts';
import { spellingParameters } from './stored-spellings.ts';

/** What the statement that read an account brought of the lead, within what that account may see. */
export type PrefetchedLead =
  | { readonly lead: DialerLead | undefined; readonly custom?: PredictedCustom }
  | { readonly winner: Winner | undefined }
  | undefined;

/** An account's columns, and what came with them. */
export interface AccountRead {
  readonly schema: SchemaSnapshot;
  /** undefined: there is no such user. */
  readonly account: Row | undefined;
  readonly lead: PrefetchedLead;
}

/** Finds leads in a dialer: one statement, and a second one for custom values or for a number. */
export interface DialerLookups {
  /** One statement for the account and, with a query, what it may see of the lead. */
  readAccount(user: string, query: LookupQuery | undefined): Promise<AccountRead>;
  /** The second statement, where one is needed. */
  complete(lead: PrefetchedLead): Promise<LookupResult | undefined>;
  /** For requests without an account: a token, the operator, one of many items. */
  find(query: LookupQuery, scope: ListScope): Promise<LookupResult | undefined>;
}

interface LookupParts {
  readonly read: Read;
  readonly reader: LeadReader;
  /** The country under which numbers are compared. */
  readonly country: Country;
}

export function createLookups(cache: SchemaCache, { read, reader, country }: LookupParts): DialerLookups {
  async function readWithLead(schema: SchemaSnapshot, user: Parameter, leadId: number): Promise<AccountRead> {
    const fields = schema.prediction.of(leadId);
    const [row] = await read(schema.statements.accountAndLead(fields), [wholeNumber(leadId), user]);
    if (row === undefined) return { schema, account: undefined, lead: undefined };
    const custom = { fields, row, from: ACCOUNT_WIDTH + LEAD_WIDTH };
    return { schema, account: row, lead: { lead: dialerLeadOf(row, ACCOUNT_WIDTH), custom } };
  }

  async function readWithWinner(
    schema: SchemaSnapshot,
    user: Parameter,
    phone: PhoneNumber,
  ): Promise<AccountRead> {
    const { searched, accountAndWinners } = schema.statements;
    const rows = await read(accountAndWinners, bindNumber(searched, phone, country, [user]));
    return { schema, account: rows[0], lead: { winner: winnerOf(searched, rows, ACCOUNT_WIDTH) } };
  }

  async function findWithin(
    { statements: { lead, searched, winners } }: SchemaSnapshot,
    query: LookupQuery,
    scope: ListScope,
  ): Promise<PrefetchedLead> {
    const isRestricted = scope !== 'every list';
    const lists = isRestricted ? [scope.join(',')] : [];
    if (query.by === 'lead_id') {
      const [row = []] = await read(lead(isRestricted), [wholeNumber(query.leadId), ...lists]);
      return { lead: dialerLeadOf(row) };
    }
    if (searched.length === 0) return undefined;
    const rows = await read(winners(isRestricted), bindNumber(searched, query.phone, country, lists));
    return { winner: winnerOf(searched, rows, 0) };
  }

  async function complete(lead: PrefetchedLead): Promise<LookupResult | undefined> {
    if (lead === undefined) return undefined;
    return 'winner' in lead ? reader.fetch(lead.winner) : reader.complete(lead.lead, lead.custom);
  }

  return {
    readAccount(name, query) {
      const user = bindableName(name);
      return cache.use(async (schema) => {
        const { account, searched } = schema.statements;
        if (query?.by === 'lead_id') return readWithLead(schema, user, query.leadId);
        if (query?.by === 'phone_number' && searched.length > 0)
          return readWithWinner(schema, user, query.phone);
        const [row] = await read(account, [user]);
        return { schema, account: row, lead: undefined };
      });
    },
    complete,
    find: async (query, scope) => complete(await cache.use((schema) => findWithin(schema, query, scope))),
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
