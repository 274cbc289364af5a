import type { SQLInputValue } from 'node:sqlite';

import { PHONE_COLUMNS, type ListScope, type PhoneColumn } from '../../core/lead.ts';
import type { Finding, LeadStore } from '../../core/lead-store.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { Question } from '../../core/query.ts';
import { atTheDoor } from '../store-failure.ts';
import type { Connection } from './connection.ts';
import { FOUND_COLUMNS, type FoundLead } from './lead-result.ts';
import { bindScope, createLeadReads, withinScope, type LeadReads } from './lead-reads.ts';
import { createSearches } from './lead-searches.ts';
import { KEY_COLUMNS, SELECT_CUSTOM_FIELDS, type LeadRow } from './lead-row.ts';

const SELECT_LEAD = `SELECT ${FOUND_COLUMNS.join(', ')}`;

/** Nothing for those who may see every list. */
function inScope(restricted: boolean, place: string): string {
  return restricted ? ` AND ${withinScope(place)}` : '';
}

/** The statements of a lookup, by what they find: a test reads the query plan of each. */
export const LOOKUP_STATEMENTS = {
  byId: (restricted: boolean) => `${SELECT_LEAD} FROM leads WHERE lead_id = ?1${inScope(restricted, '?2')}`,

  /**
   * How many leads have a number, and one of them: the index alone is read. Binds the key (?1) and the scope if restricted
   * (?2).
   */
  countByPhone: (column: PhoneColumn, restricted: boolean) =>
    `SELECT count(*), max(lead_id) FROM leads WHERE ${KEY_COLUMNS[column]} = ?1${inScope(restricted, '?2')}`,

  /**
   * The winner of several. Binds the key (?1), the digits as sent (?2) and the scope if restricted (?3). Exact stored digits
   * come first.
   */
  winnerByPhone: (column: PhoneColumn, restricted: boolean) =>
    `${SELECT_LEAD} FROM leads WHERE ${KEY_COLUMNS[column]} = ?1${inScope(restricted, '?3')}
     ORDER BY ${column} = ?2 DESC, last_local_call_time DESC, modify_date DESC, lead_id DESC LIMIT 1`,

  customFields: () => SELECT_CUSTOM_FIELDS,
} as const;

/**
 * Lookups in the embedded store. Every statement is prepared once and reads by an index.
 *
 * @param address3IsPhone whether the operator keeps a third number in address3
 */
export function createLeadStore(connection: Connection, address3IsPhone: boolean): LeadStore {
  const { database, readTurn, country } = connection;
  const phoneColumns = PHONE_COLUMNS.filter((column) => column !== 'address3' || address3IsPhone);
  const reads = createLeadReads(database);
  const byId = rowWithin(reads, LOOKUP_STATEMENTS.byId);
  const byPhone = phoneColumns.map((column) => ({
    column,
    count: rowWithin(reads, (restricted) => LOOKUP_STATEMENTS.countByPhone(column, restricted)),
    winner: rowWithin(reads, (restricted) => LOOKUP_STATEMENTS.winnerByPhone(column, restricted)),
  }));

  function findById(leadId: number, scope: ListScope): FoundLead | undefined {
    const row = byId(scope, leadId);
    return row === undefined ? undefined : reads.foundOf(row);
  }

  /** Most numbers are one lead's: counted first and read by its id, it takes two thirds of the time of a search in order. */
  function findByPhone({ key, digits }: PhoneNumber, scope: ListScope): Finding | undefined {
    for (const { column, count, winner } of byPhone) {
      const [matches, leadId] = count(scope, key) as [number, number | null];
      if (leadId === null) continue;
      const row = matches === 1 ? byId(scope, leadId) : winner(scope, key, digits);
      if (row === undefined) continue;
      const found = reads.foundOf(row);
      found.foundBy = { column, matches };
      return found;
    }
    return undefined;
  }

  return {
    country,
    phoneColumns,
    ...createSearches(readTurn, reads, phoneColumns),
    find(question: Question, scope: ListScope) {
      return atTheDoor(() => {
        readTurn.begin();
        return question.by === 'lead_id'
          ? findById(question.leadId, scope)
          : findByPhone(question.phone, scope);
      });
    },
  };
}

/** Reads one row within a scope, whose lists, if there are any, are bound last. */
function rowWithin(reads: LeadReads, sqlOf: (restricted: boolean) => string) {
  const statement = reads.prepareForScope(sqlOf);
  return (scope: ListScope, ...bound: readonly SQLInputValue[]) =>
    (scope === 'every list'
      ? statement(scope).get(...bound)
      : statement(scope).get(...bound, bindScope(scope))) as LeadRow | undefined;
}
