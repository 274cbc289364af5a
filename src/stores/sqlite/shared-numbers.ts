import type { SQLInputValue, StatementSync } from 'node:sqlite';

import type { ListScope, PhoneColumn } from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import { KEY_COLUMNS, type LeadRow } from './rows.ts';

/** A lead with a number, and what decides its place among the others with it. */
interface Candidate {
  readonly leadId: number;
  readonly isExact: boolean;
  readonly calledAt: string | null;
  readonly modifiedAt: string;
}

/** The statements for a number that many leads share: a test reads the query plan of each. */
export const SHARED_STATEMENTS = {
  /** The next list with such leads. Binds the key and the list before. */
  nextList: (column: PhoneColumn) =>
    `SELECT min(list_id) FROM leads WHERE ${KEY_COLUMNS[column]} = ? AND list_id > ?`,
  /** The next spelling of the number in a list. Binds the key, the list and the spelling before. */
  nextSpelling: (column: PhoneColumn) =>
    `SELECT min(${column}) FROM leads WHERE ${KEY_COLUMNS[column]} = ? AND list_id = ? AND ${column} > ?`,
  /** The first leads of a list with one spelling. Binds the key, the list, the spelling, and how many. */
  first: (column: PhoneColumn) =>
    `SELECT lead_id, last_local_call_time, modify_date FROM leads
     WHERE ${KEY_COLUMNS[column]} = ? AND list_id = ? AND ${column} = ?
     ORDER BY last_local_call_time DESC, modify_date DESC, lead_id DESC LIMIT ?`,
} as const;

/** Lists and spellings of a number that are looked at; a file may have any number of spellings. Each costs some 5 us. */
const MOST_PARTS = 200;
/** Rows that are read of them in all. */
const MOST_ROWS = 20_000;

/**
 * The first leads, in the order of winners, that have a number in one column. The index has them in this order for each list
 * and spelling: those are merged, so that as many rows are read as are wanted for each, however many leads share the number.
 * Of a number in more than MOST_PARTS lists and spellings, or of pages that would read more than MOST_ROWS, it is the best of
 * those; the spelling that was asked for comes first in each list.
 *
 * @param prepare makes a statement whose rows come as arrays
 */
export function createSharedNumbers(prepare: (sql: string) => StatementSync, column: PhoneColumn) {
  const nextList = prepare(SHARED_STATEMENTS.nextList(column));
  const nextSpelling = prepare(SHARED_STATEMENTS.nextSpelling(column));
  const first = prepare(SHARED_STATEMENTS.first(column));

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

  /** @returns ids of at most `most` leads, the winner first */
  return ({ key, digits }: PhoneNumber, scope: ListScope, most: number): readonly number[] => {
    const candidates: Candidate[] = [];
    let parts = 0;
    function take(listId: number, spelling: string): void {
      parts += 1;
      const rows = first.all(key, listId, spelling, most) as unknown as readonly LeadRow[];
      for (const [leadId, calledAt, modifiedAt] of rows as readonly [number, string | null, string][]) {
        candidates.push({ leadId, isExact: spelling === digits, calledAt, modifiedAt });
      }
    }
    const isEnough = () => parts >= MOST_PARTS || candidates.length >= MOST_ROWS;
    for (const listId of scope === 'every list' ? steps(nextList, [key], -1) : new Set(scope)) {
      if (isEnough()) break;
      take(listId, digits);
      for (const spelling of steps(nextSpelling, [key, listId], '')) {
        if (isEnough()) break;
        if (spelling !== digits) take(listId, spelling);
      }
    }
    return candidates
      .toSorted(byRank)
      .slice(0, most)
      .map(({ leadId }) => leadId);
  };
}

/** As `ORDER BY exact DESC, last_local_call_time DESC, modify_date DESC, lead_id DESC`: without a call comes last. */
function byRank(a: Candidate, b: Candidate): number {
  return (
    Number(b.isExact) - Number(a.isExact) ||
    compare(b.calledAt ?? '', a.calledAt ?? '') ||
    compare(b.modifiedAt, a.modifiedAt) ||
    b.leadId - a.leadId
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
