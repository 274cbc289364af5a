import type { SQLInputValue, StatementSync } from 'node:sqlite';

import type { ListScope } from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import { byRank, type Candidate, CANDIDATE_COLUMNS, candidateOf, type LeadRow } from '../rows.ts';

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
    ORDER BY last_local_call_time DESC, modify_date DESC, lead_id DESC LIMIT ?6 + 0`,
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
