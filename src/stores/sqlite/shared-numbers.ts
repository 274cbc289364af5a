import type { SQLInputValue, StatementSync } from 'node:sqlite';

import type { ListScope } from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { LeadRow } from './rows.ts';

/** A lead with a number, and what decides its place among the others with it. */
export interface Candidate {
  readonly leadId: number;
  /** PART of lead-numbers.ts. */
  readonly part: number;
  /** 0: read under the lead's own country, which comes first. */
  readonly reading: number;
  readonly isExact: boolean;
  readonly calledAt: string | null;
  readonly modifiedAt: string;
}

/** What candidateOf reads, in its order. */
export const CANDIDATE_COLUMNS = 'lead_id, part, reading, number, last_local_call_time, modify_date';

/** @param digits as they were asked for */
export function candidateOf(row: LeadRow, digits: string): Candidate {
  const [leadId, part, reading, number, calledAt, modifiedAt] = row as readonly [
    number,
    number,
    number,
    string,
    string | null,
    string,
  ];
  return { leadId, part, reading, isExact: number === digits, calledAt, modifiedAt };
}

/**
 * The order of winners (docs/goapi-compatibility.md): by part; own country; exact stored digits; last called, last modified,
 * highest id. Without a call comes last.
 */
export function byRank(a: Candidate, b: Candidate): number {
  return (
    a.part - b.part ||
    a.reading - b.reading ||
    Number(b.isExact) - Number(a.isExact) ||
    compare(b.calledAt ?? '', a.calledAt ?? '') ||
    compare(b.modifiedAt, a.modifiedAt) ||
    b.leadId - a.leadId
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** One part and reading of a number. */
const OF_PART = 'key = ?1 AND part = ?2 AND reading = ?3';

/** The statements for a number that many leads share: a test reads the query plan of each. */
export const SHARED_STATEMENTS = {
  /** The next list with such leads. Binds the list before. */
  nextList: `SELECT min(list_id) FROM lead_numbers WHERE ${OF_PART} AND list_id > ?4`,
  /** The next spelling of the number in a list. Binds the list, and the spelling before. */
  nextSpelling: `SELECT min(number) FROM lead_numbers WHERE ${OF_PART} AND list_id = ?4 AND number > ?5`,
  /** The first leads of a list with one spelling. Binds the list, the spelling, and how many. */
  first: `SELECT ${CANDIDATE_COLUMNS} FROM lead_numbers WHERE ${OF_PART} AND list_id = ?4 AND number = ?5
    ORDER BY last_local_call_time DESC, modify_date DESC, lead_id DESC LIMIT ?6`,
} as const;

/** Lists and spellings of a number that are looked at; a file may have any number of spellings. Each costs some 5 us. */
const MOST_PARTS = 200;
/** Rows that are read of them in all. */
const MOST_ROWS = 20_000;
const READINGS = [0, 1];

/**
 * The first leads, in the order of winners, that have a number in one part. The index has them in this order for each list
 * and spelling: those are merged, so that as many rows are read as are wanted for each, however many leads share the number.
 * Of a number in more than MOST_PARTS lists and spellings, or of pages that would read more than MOST_ROWS, it is the best of
 * those; the spelling that was asked for comes first in each list.
 *
 * @param prepare makes a statement whose rows come as arrays
 */
export function createSharedNumbers(prepare: (sql: string) => StatementSync) {
  const nextList = prepare(SHARED_STATEMENTS.nextList);
  const nextSpelling = prepare(SHARED_STATEMENTS.nextSpelling);
  const first = prepare(SHARED_STATEMENTS.first);

  /** Steps through the different values that a statement gives, each bound for the next. */
  function* steps<Value extends string | number>(
    statement: StatementSync,
    bound: readonly SQLInputValue[],
    before: Value,
  ): Generator<Value> {
    for (let last = before; ;) {
      const [next] = statement.get(...bound, last) as unknown as readonly [Value | null];
      if (next === null) return;
      yield next;
      last = next;
    }
  }

  function ofReading(
    { key, digits }: PhoneNumber,
    bound: readonly [part: number, reading: number],
    scope: ListScope,
    most: number,
  ): readonly Candidate[] {
    const candidates: Candidate[] = [];
    let parts = 0;
    function take(listId: number, spelling: string): void {
      const rows = first.all(key, ...bound, listId, spelling, most) as unknown as readonly LeadRow[];
      parts += Math.sign(rows.length);
      for (const row of rows) candidates.push(candidateOf(row, digits));
    }
    const isEnough = () => parts >= MOST_PARTS || candidates.length >= MOST_ROWS;
    // Of the user's lists those that have such leads: a user may have any number of lists.
    const seen = scope === 'every list' ? undefined : new Set(scope);
    for (const listId of seen === undefined || seen.size > MOST_PARTS
      ? steps(nextList, [key, ...bound], -1)
      : seen) {
      if (seen !== undefined && !seen.has(listId)) continue;
      if (isEnough()) break;
      take(listId, digits);
      for (const spelling of steps(nextSpelling, [key, ...bound, listId], '')) {
        if (isEnough()) break;
        if (spelling !== digits) take(listId, spelling);
      }
    }
    return candidates.sort(byRank).slice(0, most);
  }

  /** @returns at most `most` leads, the winner first */
  return (phone: PhoneNumber, part: number, scope: ListScope, most: number): readonly Candidate[] => {
    const found: Candidate[] = [];
    for (const reading of READINGS) {
      if (found.length < most) found.push(...ofReading(phone, [part, reading], scope, most - found.length));
    }
    return found;
  };
}
