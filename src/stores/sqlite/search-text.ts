import type { DatabaseSync } from 'node:sqlite';

import type { CustomValue } from '../../core/lead.ts';
import { idWords, nameWords, searchWords } from '../../core/search-words.ts';
import { searchedAs } from '../../files/searched-fields.ts';
import { type LeadRow, prepareCustomFields } from './rows.ts';

/** The rest of a lead's words finds nobody: so long are no names. */
const MOST_WORDS = 60;

/** What textOf reads, in its order. The subquery is NULL for a lead that no other system knows. */
const COLUMNS = `lead_id, list_id, first_name, middle_initial, last_name, email, custom,
  (SELECT json_group_array(external_id) FROM external_ids WHERE external_ids.lead_id = leads.lead_id)`;

/** Before the id of a list, so that it is none of the words: a search within lists is one of the index alone. */
export const listWord = (listId: number) => `§${listId}`;

/**
 * Makes the text under which a lead is in the index of search: its list, then the words of its names, companies, ids and e-mail.
 * What stands first counts more (text-ranking.ts).
 */
export function createSearchTexts(database: DatabaseSync) {
  const one = database.prepare(`SELECT ${COLUMNS} FROM leads WHERE lead_id = ?`);
  const range = database.prepare(
    `SELECT ${COLUMNS} FROM leads WHERE lead_id BETWEEN ? AND ? ORDER BY lead_id LIMIT ?`,
  );
  for (const statement of [one, range]) statement.setReturnArrays(true);
  const fieldsOf = prepareCustomFields(database);
  type SearchedField = readonly [label: string, as: 'company' | 'id'];
  let searched = new Map<number, readonly SearchedField[]>();

  function searchedFields(listId: number): readonly SearchedField[] {
    const known = searched.get(listId);
    if (known !== undefined) return known;
    const fields = fieldsOf(listId).flatMap((field) => {
      const as = searchedAs(field);
      return as === undefined ? [] : [[field.label, as] as const];
    });
    searched.set(listId, fields);
    return fields;
  }

  function customWords(listId: number, json: string): readonly string[] {
    const fields = searchedFields(listId);
    if (fields.length === 0) return [];
    const values = new Map(Object.entries(JSON.parse(json) as Record<string, CustomValue>));
    const of = (wanted: 'company' | 'id', words: (text: string) => readonly string[]) =>
      fields.flatMap(([label, as]) => (as === wanted ? words(String(values.get(label) ?? '')) : []));
    return [...of('company', nameWords), ...of('id', idWords)];
  }

  function textOf(row: LeadRow): string {
    const [, listId, first, middle, last, email, custom, ids] = row as readonly [
      number,
      number,
      ...(string | null)[],
    ];
    const words = new Set(nameWords([first, middle, last].map((name) => name ?? '').join(' ')));
    const add = (more: readonly string[]) => more.forEach((word) => words.add(word));
    if (custom) add(customWords(listId, custom));
    if (ids && ids !== '[]') add((JSON.parse(ids) as readonly string[]).flatMap(idWords));
    if (email) add(searchWords(email));
    return [listWord(listId), ...[...words].slice(0, MOST_WORDS)].join(' ');
  }

  return {
    /** To be called at the beginning of a transaction: fields of lists may have changed. */
    forgetFields: () => void (searched = new Map()),
    /** @returns undefined: there is no such lead */
    ofLead(leadId: number): string | undefined {
      const row = one.get(leadId) as unknown as LeadRow | undefined;
      return row && textOf(row);
    },
    /** The first leads of a range of ids, by their ids; fewer than `most` are all. */
    ofRange: (first: number, last: number, most: number): ReadonlyMap<number, string> =>
      new Map(
        (range.all(first, last, most) as unknown as readonly LeadRow[]).map((row) => [
          row[0] as number,
          textOf(row),
        ]),
      ),
  };
}
