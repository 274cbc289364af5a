import type { StatementSync } from 'node:sqlite';

import type { CustomFieldType, ListScope, PhoneColumn } from '../../lead/lead.ts';
import type { Finding, LeadPage, LeadStore, ListDescription, Page } from '../../lead/lead-store.ts';
import type { PhoneNumber } from '../../lead/phone.ts';
import { atTheDoor } from '../at-the-door.ts';
import type { Connection } from './connection.ts';
import { AFTER_FOUND, FOUND_COLUMNS, FoundLead } from './found-lead.ts';
import { customInfoOf, KEY_COLUMNS, SELECT_CUSTOM_FIELDS, type LeadRow } from './lead-row.ts';

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
    ...(restricted ? ['list_id IN (SELECT value FROM json_each(?5))'] : []),
  ].join(' AND ');
}

/** Searches in the embedded store; each statement is prepared once. */
export function createSearches(
  { database, readTurn }: Connection,
  columns: readonly PhoneColumn[],
): Pick<LeadStore, 'findAll' | 'describeList'> {
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const forScope = (statementFor: (restricted: boolean) => string) => {
    const [all, some] = [prepare(statementFor(false)), prepare(statementFor(true))];
    return (scope: ListScope) => (scope === 'every list' ? all : some);
  };
  const page = forScope((restricted) => SEARCH_STATEMENTS.page(columns, restricted));
  const total = forScope((restricted) => SEARCH_STATEMENTS.total(columns, restricted));
  const list = prepare(SEARCH_STATEMENTS.list);
  const customFields = prepare(SELECT_CUSTOM_FIELDS);

  function readFields(listId: number): ListDescription['fields'] {
    const rows = customFields.all(listId) as unknown as readonly LeadRow[];
    return rows.map(([label, type]) => ({
      label: label as string,
      type: type as CustomFieldType,
      caption: label as string,
    }));
  }

  function findAll({ key, digits }: PhoneNumber, scope: ListScope, { limit, offset }: Page): LeadPage {
    const lists = scope === 'every list' ? {} : { 5: JSON.stringify(scope) };
    const [counted] = total(scope).all({ 1: key, ...lists }) as unknown as readonly LeadRow[];
    const matches = Number(counted?.[0] ?? 0);
    const bound = { 1: key, 2: digits, 3: limit, 4: offset, ...lists };
    const rows = page(scope).all(bound) as unknown as readonly LeadRow[];
    return { total: matches, matches: rows.map((row) => findingOf(row, matches)) };
  }

  function findingOf(row: LeadRow, matches: number): Finding {
    const found = new FoundLead(row);
    if (found.customJson !== null) found.custom = customInfoOf(found.customJson, readFields(found.listId));
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
        return { listId, name: row[0] as string | null, fields: readFields(listId) };
      }),
  };
}
