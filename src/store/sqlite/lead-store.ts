import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import {
  PHONE_COLUMNS,
  type CustomField,
  type CustomFieldType,
  type ListScope,
  type PhoneColumn,
} from '../../lead/lead.ts';
import type { Finding, LeadStore } from '../../lead/lead-store.ts';
import type { PhoneNumber } from '../../lead/phone.ts';
import type { Question } from '../../lead/question.ts';
import { atTheDoor } from '../at-the-door.ts';
import type { Connection } from './connection.ts';
import { FoundLead, FOUND_COLUMNS } from './found-lead.ts';
import { createSearches } from './lead-searches.ts';
import { customInfoOf, KEY_COLUMNS, SELECT_CUSTOM_FIELDS, type LeadRow } from './lead-row.ts';

const SELECT_LEAD = `SELECT ${FOUND_COLUMNS.join(', ')}`;

/** What is within the scope bound at `place`. */
function inScope(restricted: boolean, place: string): string {
  return restricted ? ` AND list_id IN (SELECT value FROM json_each(${place}))` : '';
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
  const pair = (sqlOf: (restricted: boolean) => string) => preparePair(database, sqlOf);
  const byId = pair(LOOKUP_STATEMENTS.byId);
  const byPhone = phoneColumns.map((column) => ({
    column,
    count: pair((restricted) => LOOKUP_STATEMENTS.countByPhone(column, restricted)),
    winner: pair((restricted) => LOOKUP_STATEMENTS.winnerByPhone(column, restricted)),
  }));
  const customFields = prepareRows(database, LOOKUP_STATEMENTS.customFields());

  function readFields(listId: number): readonly CustomField[] {
    const rows = customFields.all(listId) as unknown as readonly LeadRow[];
    return rows.map(([label, type]) => ({ label: label as string, type: type as CustomFieldType }));
  }

  function findingOf(row: LeadRow): FoundLead {
    const found = new FoundLead(row);
    // Most leads have no custom values: those need no second statement.
    if (found.customJson !== null) found.custom = customInfoOf(found.customJson, readFields(found.listId));
    return found;
  }

  function findById(leadId: number, scope: ListScope): FoundLead | undefined {
    const row = byId(scope, leadId);
    return row === undefined ? undefined : findingOf(row);
  }

  /** Most numbers are one lead's: counted first and read by its id, it takes two thirds of the time of a search in order. */
  function findByPhone({ key, digits }: PhoneNumber, scope: ListScope): Finding | undefined {
    for (const { column, count, winner } of byPhone) {
      const [matches, leadId] = count(scope, key) as [number, number | null];
      if (leadId === null) continue;
      const row = matches === 1 ? byId(scope, leadId) : winner(scope, key, digits);
      if (row === undefined) continue;
      const found = findingOf(row);
      found.foundBy = { column, matches };
      return found;
    }
    return undefined;
  }

  return {
    country,
    phoneColumns,
    ...createSearches(connection, phoneColumns),
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

function prepareRows(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

/** A statement for those who may see every list, and its like for the others, which binds their lists last. */
function preparePair(database: DatabaseSync, sqlOf: (restricted: boolean) => string) {
  const [all, scoped] = [prepareRows(database, sqlOf(false)), prepareRows(database, sqlOf(true))];
  return (scope: ListScope, ...bound: readonly SQLInputValue[]) =>
    (scope === 'every list' ? all.get(...bound) : scoped.get(...bound, JSON.stringify(scope))) as
      LeadRow | undefined;
}
