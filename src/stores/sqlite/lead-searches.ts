import type { ListScope, PhoneColumn } from '../../core/lead.ts';
import type { Finding, LeadPage, LeadStore, Page } from '../../core/lead-store.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import { atTheDoor } from '../store-failure.ts';
import { AFTER_FOUND, FOUND_COLUMNS } from './lead-result.ts';
import { bindScope, withinScope, type LeadReads } from './lead-reads.ts';
import { KEY_COLUMNS, type LeadRow } from './lead-row.ts';
import type { ReadTurn } from './read-batch.ts';

/** The statements of searches: a test reads the query plan of each. */
export const SEARCH_STATEMENTS = {
  /**
   * Binds the key (?1), the digits as sent (?2), limit and offset (?3, ?4) and the scope if restricted (?5). Only the leads of
   * the page are read in full.
   */
  page(columns: readonly PhoneColumn[], restricted: boolean) {
    const matches = columns.map(
      (
        column,
        place,
      ) => `SELECT lead_id, ${place} AS place, ${column} = ?2 AS exact, last_local_call_time AS called,
        modify_date AS modified FROM leads WHERE ${having(columns, place, restricted)}`,
    );
    const order = 'ORDER BY place, exact DESC, called DESC, modified DESC, lead_id DESC';
    return `WITH page AS (${matches.join(' UNION ALL ')} ${order} LIMIT ?3 OFFSET ?4)
      SELECT ${FOUND_COLUMNS.join(', ')}, place FROM page CROSS JOIN leads USING (lead_id) ${order}`;
  },

  /** Binds the key (?1) and the scope if restricted (?5). */
  total(columns: readonly PhoneColumn[], restricted: boolean) {
    const counts = columns.map(
      (_, place) => `(SELECT count(*) FROM leads WHERE ${having(columns, place, restricted)})`,
    );
    return `SELECT ${counts.join(' + ')}`;
  },

  list: 'SELECT name FROM lists WHERE list_id = ?',
} as const;

/** Every statement that a search may run. */
export function searchStatements(columns: readonly PhoneColumn[]): readonly string[] {
  return [
    ...[false, true].flatMap((restricted) => [
      SEARCH_STATEMENTS.page(columns, restricted),
      SEARCH_STATEMENTS.total(columns, restricted),
    ]),
    SEARCH_STATEMENTS.list,
  ];
}

/** A lead that an earlier column has found does not come again. */
function having(columns: readonly PhoneColumn[], place: number, restricted: boolean): string {
  const [own = '', ...earlier] = columns
    .slice(0, place + 1)
    .map((column) => KEY_COLUMNS[column])
    .reverse();
  return [
    `${own} = ?1`,
    ...earlier.map((key) => `${key} IS NOT ?1`),
    ...(restricted ? [withinScope('?5')] : []),
  ].join(' AND ');
}

/** Searches in the embedded store; each statement is prepared once. */
export function createSearches(
  readTurn: ReadTurn,
  reads: LeadReads,
  columns: readonly PhoneColumn[],
): Pick<LeadStore, 'findAll' | 'describeList'> {
  const page = reads.prepareForScope((restricted) => SEARCH_STATEMENTS.page(columns, restricted));
  const total = reads.prepareForScope((restricted) => SEARCH_STATEMENTS.total(columns, restricted));
  const list = reads.prepare(SEARCH_STATEMENTS.list);

  function findAll({ key, digits }: PhoneNumber, scope: ListScope, { limit, offset }: Page): LeadPage {
    const lists = scope === 'every list' ? {} : { 5: bindScope(scope) };
    const [counted] = total(scope).all({ 1: key, ...lists }) as unknown as readonly LeadRow[];
    const matches = Number(counted?.[0] ?? 0);
    const bound = { 1: key, 2: digits, 3: limit, 4: offset, ...lists };
    const rows = page(scope).all(bound) as unknown as readonly LeadRow[];
    return { total: matches, matches: rows.map((row) => findingOf(row, matches)) };
  }

  function findingOf(row: LeadRow, matches: number): Finding {
    const found = reads.foundOf(row);
    found.foundBy = { column: columns[Number(row[AFTER_FOUND])] ?? 'phone_number', matches };
    return found;
  }

  return {
    findAll: (phone, scope, at) =>
      atTheDoor(() => {
        readTurn.begin();
        return findAll(phone, scope, at);
      }),
    describeList: (listId) =>
      atTheDoor(() => {
        readTurn.begin();
        const row = list.get(listId) as unknown as LeadRow | undefined;
        if (row === undefined) return undefined;
        const fields = reads.fieldsOf(listId).map((field) => ({ ...field, caption: field.label }));
        return { listId, name: row[0] as string | null, fields };
      }),
  };
}
