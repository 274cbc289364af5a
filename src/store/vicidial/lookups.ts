import type { ListScope, PhoneColumn } from '../../lead/lead.ts';
import type { Finding } from '../../lead/lead-store.ts';
import type { Country, PhoneNumber } from '../../lead/phone.ts';
import type { Question } from '../../lead/question.ts';
import { MAX_STORED_SPELLINGS, storedSpellings } from '../../lead/stored-spellings.ts';
import type { Parameter, Row } from './dialer-connection.ts';
import { retryAfterLearning, type DialerFacts, type Knowledge } from './knowledge.ts';
import { dialerLeadOf } from './lead-row.ts';
import { wholeNumber, type LeadReader, type Winner } from './lead-reader.ts';
import type { Read } from './schema.ts';
import { ACCOUNT_WIDTH } from './statements.ts';

/** What one look at the dialer brought: the account's columns, and a way to the lead within what it may see. */
export interface DialerVisit {
  readonly facts: DialerFacts;
  /** undefined: there is no such user. */
  readonly account: Row | undefined;
  find(): Promise<Finding | undefined>;
}

/** Finds leads in a dialer: one statement, and a second one where custom values or a number are asked for. */
export interface DialerLookups {
  visit(user: string, question: Question | undefined): Promise<DialerVisit>;
  find(question: Question, scope: ListScope): Promise<Finding | undefined>;
}

/** @param country under which numbers are compared */
export function createLookups(
  read: Read,
  knowledge: Knowledge,
  reader: LeadReader,
  country: Country,
): DialerLookups {
  function withFacts<Result>(work: (facts: DialerFacts) => Promise<Result>): Promise<Result> {
    return retryAfterLearning(
      async () => work(await knowledge.facts()),
      () => knowledge.learnFacts(),
    );
  }

  async function visitByLead(facts: DialerFacts, user: Parameter, leadId: number): Promise<DialerVisit> {
    const [row] = await read(facts.statements.accountAndLead, [wholeNumber(leadId), user]);
    const found = row === undefined ? undefined : dialerLeadOf(row, ACCOUNT_WIDTH);
    return { facts, account: row, find: () => reader.complete(found) };
  }

  async function visitByNumber(
    facts: DialerFacts,
    user: Parameter,
    phone: PhoneNumber,
  ): Promise<DialerVisit> {
    const { searched, accountAndWinners } = facts.statements;
    const rows = await read(accountAndWinners, bindFor(searched, phone, [user]));
    const winner = winnerOf(searched, rows, ACCOUNT_WIDTH);
    return { facts, account: rows[0], find: () => reader.fetch(facts, winner) };
  }

  /** For each column its digits, its spellings, and what else the statement asks there. */
  function bindFor(
    searched: readonly PhoneColumn[],
    phone: PhoneNumber,
    others: readonly Parameter[],
  ): readonly Parameter[] {
    const spelled = spell(phone, country);
    return searched.flatMap(() => [phone.digits, ...spelled, ...others]);
  }

  return {
    visit(name, question) {
      const user = bindableName(name);
      return withFacts(async (facts) => {
        if (question?.by === 'lead_id') return visitByLead(facts, user, question.leadId);
        if (question?.by === 'phone_number' && facts.statements.searched.length > 0) {
          return visitByNumber(facts, user, question.phone);
        }
        const [account] = await read(facts.statements.account, [user]);
        return { facts, account, find: () => Promise.resolve(undefined) };
      });
    },
    find(question, scope) {
      const isRestricted = scope !== 'every list';
      const lists = isRestricted ? [scope.join(',')] : [];
      return withFacts(async (facts) => {
        const { lead, searched, winners } = facts.statements;
        if (question.by === 'lead_id') {
          const [row = []] = await read(lead(isRestricted), [wholeNumber(question.leadId), ...lists]);
          return reader.complete(dialerLeadOf(row));
        }
        if (searched.length === 0) return undefined;
        const rows = await read(winners(isRestricted), bindFor(searched, question.phone, lists));
        return reader.fetch(facts, winnerOf(searched, rows, 0));
      });
    },
  };
}

/** As many as the statement has places for; a place that is left over matches nothing. */
function spell(phone: PhoneNumber, country: Country): readonly Parameter[] {
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
function bindableName(name: string): Parameter {
  return /[\ud800-\udfff]/.test(name) ? null : name;
}
