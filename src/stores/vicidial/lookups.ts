import type { ListScope, PhoneColumn } from '../../core/lead.ts';
import type { LookupResult } from '../../core/lead-store.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { LookupQuery } from '../../core/query.ts';
import { MAX_STORED_SPELLINGS, storedSpellings } from './stored-spellings.ts';
import type { Parameter, Row } from './parameter.ts';
import { createCustomPrediction, type CustomPrediction } from './custom-prediction.ts';
import { retryAfterRefresh, type SchemaSnapshot, type SchemaCache } from './schema-cache.ts';
import { dialerLeadOf, LEAD_WIDTH } from './lead-row.ts';
import { wholeNumber, type Found, type LeadReader, type Winner } from './lead-reader.ts';
import type { Read } from './schema.ts';
import { ACCOUNT_WIDTH } from './statements.ts';

/** What one look at the dialer brought: the account's columns, and a way to the lead within what it may see. */
export interface DialerAccountRead {
  readonly facts: SchemaSnapshot;
  /** undefined: there is no such user. */
  readonly account: Row | undefined;
  readonly find: () => Found;
}

/** Finds leads in a dialer: one statement, and a second one where custom values or a number are asked for. */
export interface DialerLookups {
  visit(user: string, question: LookupQuery | undefined): DialerAccountRead | Promise<DialerAccountRead>;
  find(question: LookupQuery, scope: ListScope): Found;
}

interface Means {
  readonly read: Read;
  readonly reader: LeadReader;
  /** The country under which numbers are compared. */
  readonly country: Country;
}

export function createLookups(knowledge: SchemaCache, means: Means): DialerLookups {
  const guess = createCustomPrediction();
  const withFacts = <Result>(work: (facts: SchemaSnapshot) => Result | Promise<Result>) =>
    retryAfterRefresh(
      knowledge.snapshot(),
      () => {
        guess.forget();
        return knowledge.refresh();
      },
      work,
    );

  return {
    visit(name, question) {
      const user = bindableName(name);
      return withFacts((facts) => {
        if (question?.by === 'lead_id') return visitByLead(means, guess, facts, user, question.leadId);
        if (question?.by === 'phone_number' && facts.statements.searched.length > 0) {
          return visitByNumber(means, facts, user, question.phone);
        }
        return means
          .read(facts.statements.account, [user])
          .then(([account]): DialerAccountRead => ({ facts, account, find: findNothing }));
      });
    },
    find: (question, scope) => withFacts((facts) => findWithin(means, facts, question, scope)),
  };
}

const findNothing = () => undefined;

function visitByLead(
  { read, reader }: Means,
  guess: CustomPrediction,
  facts: SchemaSnapshot,
  user: Parameter,
  leadId: number,
): Promise<DialerAccountRead> {
  const fields = guess.of(leadId);
  return read(facts.statements.accountAndLead(fields), [wholeNumber(leadId), user]).then(([row]) => {
    if (row === undefined) return { facts, account: undefined, find: findNothing };
    const guessed = { fields, row, from: ACCOUNT_WIDTH + LEAD_WIDTH, note: guess.note };
    return { facts, account: row, find: () => reader.complete(dialerLeadOf(row, ACCOUNT_WIDTH), guessed) };
  });
}

function visitByNumber(
  { read, reader, country }: Means,
  facts: SchemaSnapshot,
  user: Parameter,
  phone: PhoneNumber,
): Promise<DialerAccountRead> {
  const { searched, accountAndWinners } = facts.statements;
  return read(accountAndWinners, bindNumber(searched, phone, country, [user])).then((rows) => ({
    facts,
    account: rows[0],
    find: () => reader.fetch(winnerOf(searched, rows, ACCOUNT_WIDTH)),
  }));
}

/** For the operator, who needs no account. */
async function findWithin(
  { read, reader, country }: Means,
  facts: SchemaSnapshot,
  question: LookupQuery,
  scope: ListScope,
): Promise<LookupResult | undefined> {
  const { lead, searched, winners } = facts.statements;
  const isRestricted = scope !== 'every list';
  const lists = isRestricted ? [scope.join(',')] : [];
  if (question.by === 'lead_id') {
    const [row = []] = await read(lead(isRestricted), [wholeNumber(question.leadId), ...lists]);
    return reader.complete(dialerLeadOf(row));
  }
  if (searched.length === 0) return undefined;
  const rows = await read(winners(isRestricted), bindNumber(searched, question.phone, country, lists));
  return reader.fetch(winnerOf(searched, rows, 0));
}

/** For each column the digits, as many spellings as the statement has places for, and what else it asks there. */
function bindNumber(
  searched: readonly PhoneColumn[],
  phone: PhoneNumber,
  country: Country,
  others: readonly Parameter[],
): readonly Parameter[] {
  const bound = [phone.digits, ...placesOf(phone, country), ...others];
  return searched.flatMap(() => bound);
}

/** The spellings of a number; a place that is left over matches nothing. */
export function placesOf(phone: PhoneNumber, country: Country): readonly Parameter[] {
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
