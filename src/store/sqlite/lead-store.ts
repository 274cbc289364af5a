import type { StatementSync } from 'node:sqlite';

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
import { FoundLead, AFTER_FOUND, FOUND_COLUMNS } from './found-lead.ts';
import { createSearches } from './lead-searches.ts';
import { customInfoOf, KEY_COLUMNS, SELECT_CUSTOM_FIELDS, type LeadRow } from './lead-row.ts';

const SELECT_LEAD = `SELECT ${FOUND_COLUMNS.join(', ')}`;

/** The statements of a lookup, by what they find: a test reads the query plan of each. */
export const LOOKUP_STATEMENTS = {
  byId: (restricted: boolean) =>
    `${SELECT_LEAD} FROM leads WHERE lead_id = ?1${restricted ? ' AND list_id IN (SELECT value FROM json_each(?2))' : ''}`,

  /**
   * Binds the key (?1), the digits as sent (?2) and the scope if restricted (?3). Exact stored digits come
   * first; the count reads the index alone.
   */
  byPhone(column: PhoneColumn, restricted: boolean) {
    const having = `${KEY_COLUMNS[column]} = ?1${restricted ? ' AND list_id IN (SELECT value FROM json_each(?3))' : ''}`;
    return `${SELECT_LEAD}, (SELECT count(*) FROM leads WHERE ${having}) FROM leads WHERE ${having}
     ORDER BY ${column} = ?2 DESC, last_local_call_time DESC, modify_date DESC, lead_id DESC LIMIT 1`;
  },

  customFields: () => SELECT_CUSTOM_FIELDS,
} as const;

/**
 * Lookups in the embedded store. Every statement is prepared once and reads by an index.
 *
 * @param address3IsPhone whether the operator keeps a third number in address3
 */
export function createLeadStore(connection: Connection, address3IsPhone: boolean): LeadStore {
  const { database, readTurn, country } = connection;
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const phoneColumns = PHONE_COLUMNS.filter((column) => column !== 'address3' || address3IsPhone);
  const byId = { all: prepare(LOOKUP_STATEMENTS.byId(false)), scoped: prepare(LOOKUP_STATEMENTS.byId(true)) };
  const byPhone = phoneColumns.map((column) => ({
    column,
    all: prepare(LOOKUP_STATEMENTS.byPhone(column, false)),
    scoped: prepare(LOOKUP_STATEMENTS.byPhone(column, true)),
  }));
  const customFields = prepare(LOOKUP_STATEMENTS.customFields());

  function readFields(listId: number): readonly CustomField[] {
    const rows = customFields.all(listId) as unknown as readonly LeadRow[];
    return rows.map(([label, type]) => ({ label: label as string, type: type as CustomFieldType }));
  }

  function findingOf(row: unknown, column?: PhoneColumn): Finding {
    const cells = row as LeadRow;
    const found = new FoundLead(cells);
    // Most leads have no custom values: those need no second statement.
    if (found.customJson !== null) found.custom = customInfoOf(found.customJson, readFields(found.listId));
    if (column !== undefined) found.foundBy = { column, matches: cells[AFTER_FOUND] as number };
    return found;
  }

  function findById(leadId: number, scope: ListScope): Finding | undefined {
    const row =
      scope === 'every list' ? byId.all.get(leadId) : byId.scoped.get(leadId, JSON.stringify(scope));
    return row === undefined ? undefined : findingOf(row);
  }

  function findByPhone({ key, digits }: PhoneNumber, scope: ListScope): Finding | undefined {
    for (const { column, all, scoped } of byPhone) {
      const row =
        scope === 'every list' ? all.get(key, digits) : scoped.get(key, digits, JSON.stringify(scope));
      if (row !== undefined) return findingOf(row, column);
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
