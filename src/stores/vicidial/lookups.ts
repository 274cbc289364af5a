import type { LookupResult } from '../../core/lead-store.ts';
import type { ListScope, PhoneColumn } from '../../core/lead.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { LookupQuery } from '../../core/query.ts';
import { createCustomPrediction, type CustomPrediction } from './custom-prediction.ts';
import { wholeNumber, type LeadReader, type PredictedCustom, type Winner } from './lead-reader.ts';
import { dialerLeadOf, LEAD_WIDTH, type DialerLead } from './lead-row.ts';
import type { Parameter, Row } from './parameter.ts';
import { retryAfterRefresh, type SchemaCache, type SchemaSnapshot } from './schema-cache.ts';
import type { Read } from './schema.ts';
import { ACCOUNT_WIDTH } from './statements.ts';
import { MAX_STORED_SPELLINGS, storedSpellings } from './stored-spellings.ts';

/** What the statement that read an account brought of the lead, within what that account may see. */
export type PrefetchedLead =
  | { readonly lead: DialerLead | undefined; readonly custom: PredictedCustom }
  | { readonly winner: Winner | undefined }
  | undefined;

/** An account's columns, and what came with them. */
export interface AccountRead {
  readonly schema: SchemaSnapshot;
  /** undefined: there is no such user. */
  readonly account: Row | undefined;
  readonly lead: PrefetchedLead;
}

/** Finds leads in a dialer: one statement, and a second one where custom values or a number are asked for. */
export interface DialerLookups {
  /** One statement for the account and, with a query, what it may see of the lead. */
  readAccount(user: string, query: LookupQuery | undefined): Promise<AccountRead>;
  /** The second statement, where one is needed. */
  complete(lead: PrefetchedLead): Promise<LookupResult | undefined>;
  /** For those who have no account: a token, the operator, one of many items. */
  find(query: LookupQuery, scope: ListScope): Promise<LookupResult | undefined>;
}

interface LookupParts {
  readonly read: Read;
  readonly reader: LeadReader;
  /** The country under which numbers are compared. */
  readonly country: Country;
}

export function createLookups(cache: SchemaCache, parts: LookupParts): DialerLookups {
  const { read, reader, country } = parts;
  const prediction = createCustomPrediction();
  const withSchema = async <Result>(work: (schema: SchemaSnapshot) => Promise<Result>) =>
    await retryAfterRefresh(
      cache.snapshot(),
      () => {
        prediction.forget();
        return cache.refresh();
      },
      work,
    );

  return {
    readAccount(name, query) {
      const user = bindableName(name);
      return withSchema(async (schema) => {
        const { statements } = schema;
        if (query?.by === 'lead_id') return readWithLead(read, prediction, schema, user, query.leadId);
        if (query?.by === 'phone_number' && statements.searched.length > 0) {
          const bound = bindNumber(statements.searched, query.phone, country, [user]);
          const rows = await read(statements.accountAndWinners, bound);
          const winner = winnerOf(statements.searched, rows, ACCOUNT_WIDTH);
          return { schema, account: rows[0], lead: { winner } };
        }
        const [account] = await read(statements.account, [user]);
        return { schema, account, lead: undefined };
      });
    },
    async complete(lead) {
      if (lead === undefined) return undefined;
      return 'winner' in lead ? reader.fetch(lead.winner) : reader.complete(lead.lead, lead.custom);
    },
    find: (query, scope) => withSchema((schema) => findWithin(parts, schema, query, scope)),
  };
}

async function readWithLead(
  read: Read,
  prediction: CustomPrediction,
  schema: SchemaSnapshot,
  user: Parameter,
  leadId: number,
): Promise<AccountRead> {
  const fields = prediction.of(leadId);
  const [row] = await read(schema.statements.accountAndLead(fields), [wholeNumber(leadId), user]);
  if (row === undefined) return { schema, account: undefined, lead: undefined };
  const custom = { fields, row, from: ACCOUNT_WIDTH + LEAD_WIDTH, note: prediction.note };
  return { schema, account: row, lead: { lead: dialerLeadOf(row, ACCOUNT_WIDTH), custom } };
}

async function findWithin(
  { read, reader, country }: LookupParts,
  { statements: { lead, searched, winners } }: SchemaSnapshot,
  query: LookupQuery,
  scope: ListScope,
): Promise<LookupResult | undefined> {
  const isRestricted = scope !== 'every list';
  const lists = isRestricted ? [scope.join(',')] : [];
  if (query.by === 'lead_id') {
    const [row = []] = await read(lead(isRestricted), [wholeNumber(query.leadId), ...lists]);
    return reader.complete(dialerLeadOf(row));
  }
  if (searched.length === 0) return undefined;
  const rows = await read(winners(isRestricted), bindNumber(searched, query.phone, country, lists));
  return reader.fetch(winnerOf(searched, rows, 0));
}

/** For each column the digits, as many spellings as the statement has placeholders for, and what else it asks there. */
function bindNumber(
  searched: readonly PhoneColumn[],
  phone: PhoneNumber,
  country: Country,
  others: readonly Parameter[],
): readonly Parameter[] {
  const bound = [phone.digits, ...spellingParameters(phone, country), ...others];
  return searched.flatMap(() => bound);
}

/** The spellings of a number; a placeholder that is left over matches nothing. */
export function spellingParameters(phone: PhoneNumber, country: Country): readonly Parameter[] {
  const spellings = storedSpellings(phone, country);
  return Array.from({ length: MAX_STORED_SPELLINGS }, (_, at) => spellings[at] ?? null);
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

/** A name that the dialer's columns cannot hold is nobody's: comparing it would make the server convert the column. */
export function bindableName(name: string): Parameter {
  return /[\ud800-\udfff]/.test(name) ? null : name;
}
