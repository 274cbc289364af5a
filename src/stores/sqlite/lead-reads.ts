import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { CustomField, CustomFieldType, ListScope } from '../../core/lead.ts';
import { FoundLead } from './lead-result.ts';
import { customInfoOf, SELECT_CUSTOM_FIELDS, type LeadRow } from './lead-row.ts';

/** What lookups and searches of one store share. */
export interface LeadReads {
  /** Its rows come as arrays. */
  prepare(sql: string): StatementSync;
  /** A statement for those who may see every list, and its like for the others. */
  prepareForScope(sqlOf: (restricted: boolean) => string): (scope: ListScope) => StatementSync;
  fieldsOf(listId: number): readonly CustomField[];
  /** @param row begins with FOUND_COLUMNS */
  foundOf(row: LeadRow): FoundLead;
}

/** The condition by which a statement sees only leads of the lists that are bound at `place`, as `bindScope` gives them. */
export function withinScope(place: string): string {
  return `list_id IN (SELECT value FROM json_each(${place}))`;
}

/** A scope that is no 'every list', as it is bound. */
export function bindScope(scope: readonly number[]): string {
  return JSON.stringify(scope);
}

export function createLeadReads(database: DatabaseSync): LeadReads {
  function prepare(sql: string): StatementSync {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  }

  const customFields = prepare(SELECT_CUSTOM_FIELDS);

  function fieldsOf(listId: number): readonly CustomField[] {
    const rows = customFields.all(listId) as unknown as readonly LeadRow[];
    return rows.map(([label, type]) => ({ label: label as string, type: type as CustomFieldType }));
  }

  return {
    prepare,
    prepareForScope(sqlOf) {
      const [all, restricted] = [prepare(sqlOf(false)), prepare(sqlOf(true))];
      return (scope) => (scope === 'every list' ? all : restricted);
    },
    fieldsOf,
    foundOf(row) {
      const found = new FoundLead(row);
      // Most leads have no custom values: those need no second statement.
      if (found.customJson !== null) found.custom = customInfoOf(found.customJson, fieldsOf(found.listId));
      return found;
    },
  };
}
