import type { DatabaseSync } from 'node:sqlite';

import { type LeadRow, prepareCustomFields } from '../rows.ts';
import { type SearchedField, searchedFieldsOf, searchText } from '../search-text.ts';

/** What textOf reads, in its order. The subquery is NULL for a lead that no other system knows. */
const COLUMNS = `lead_id, list_id, first_name, middle_initial, last_name, email, custom,
  (SELECT json_group_array(external_id) FROM external_ids WHERE external_ids.lead_id = leads.lead_id)`;

/** Makes the texts under which leads are in the index of search. */
export function createSearchTexts(database: DatabaseSync) {
  const one = database.prepare(`SELECT ${COLUMNS} FROM leads WHERE lead_id = ?`);
  const range = database.prepare(
    `SELECT ${COLUMNS} FROM leads WHERE lead_id BETWEEN ? AND ? ORDER BY lead_id LIMIT ? + 0`,
  );
  for (const statement of [one, range]) statement.setReturnArrays(true);
  const fieldsOf = prepareCustomFields(database);
  let searched = new Map<number, readonly SearchedField[]>();

  function searchedFields(listId: number): readonly SearchedField[] {
    const fields = searched.get(listId) ?? searchedFieldsOf(fieldsOf(listId));
    searched.set(listId, fields);
    return fields;
  }

  function textOf(row: LeadRow, without?: ReadonlySet<string>): string {
    const [, listId, first, middle, last, email = null, custom = null, ids] = row as readonly [
      number,
      number,
      ...(string | null)[],
    ];
    const externalIds = ids && ids !== '[]' ? (JSON.parse(ids) as readonly string[]) : [];
    const names = [first ?? null, middle ?? null, last ?? null];
    return searchText(
      { listId, names, email, custom, externalIds },
      custom === null ? [] : searchedFields(listId),
      without,
    );
  }

  return {
    /** To be called at the beginning of a transaction: fields of lists may have changed. */
    forgetFields: () => void (searched = new Map()),
    /** @param without fields whose words are left out. @returns undefined: there is no such lead */
    ofLead(leadId: number, without?: ReadonlySet<string>): string | undefined {
      const row = one.get(leadId) as unknown as LeadRow | undefined;
      return row && textOf(row, without);
    },
    /** The first leads of a range of ids, by their ids; fewer than `most` are all. */
    ofRange(first: number, last: number, most: number): ReadonlyMap<number, string> {
      const rows = range.all(first, last, most) as unknown as readonly LeadRow[];
      return new Map(rows.map((row) => [row[0] as number, textOf(row)]));
    },
  };
}
