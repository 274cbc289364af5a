import type { CustomField, CustomValue } from '../core/lead.ts';
import { CUSTOM_PREFIX } from '../core/lead-state.ts';
import { idWords, nameWords, searchWords } from '../core/search-words.ts';
import { searchedAs } from '../files/searched-fields.ts';

/** The rest of a lead's words finds nobody: so long are no names. */
const MOST_WORDS = 60;

/** Before the id of a list, so that it is none of the words: a search within lists is one of the index alone. */
export const LIST_SIGN = '§';
export const listWord = (listId: number) => `${LIST_SIGN}${listId}`;

/** As SearchedLead has them. */
const NAMES = ['first_name', 'middle_initial', 'last_name'];
const NOTHING: ReadonlySet<string> = new Set();

/** Whether leads are found by the words of a field; which custom fields these are, their lists say. */
export function isSearched(field: string): boolean {
  return field.startsWith(CUSTOM_PREFIX) || field === 'email' || NAMES.includes(field);
}

/** What of a lead it is found by. */
export interface SearchedLead {
  readonly listId: number;
  /** First, middle and last. */
  readonly names: readonly (string | null)[];
  readonly email: string | null;
  /** As stored; null: none. */
  readonly custom: string | null;
  readonly externalIds: readonly string[];
}

export type SearchedField = readonly [label: string, as: 'company' | 'id'];

/** Those of a list's fields by whose values leads are found. */
export function searchedFieldsOf(fields: readonly CustomField[]): readonly SearchedField[] {
  return fields.flatMap((field) => {
    const as = searchedAs(field);
    return as === undefined ? [] : [[field.label, as] as const];
  });
}

/**
 * The text under which a lead is in the index of search: its list, then the words of its names, companies, ids and e-mail.
 * What stands first counts more (text-ranking.ts).
 *
 * @param without fields whose words are left out
 */
export function searchText(
  { listId, names, email, custom, externalIds }: SearchedLead,
  fields: readonly SearchedField[],
  without = NOTHING,
): string {
  const seen = names.filter((_, at) => !without.has(NAMES[at] ?? ''));
  const words = new Set(nameWords(seen.map((name) => name ?? '').join(' ')));
  const add = (more: readonly string[]) => more.forEach((word) => words.add(word));
  const isSeen = ([label]: SearchedField) => !without.has(CUSTOM_PREFIX + label);
  if (custom) add(customWords(custom, fields.filter(isSeen)));
  if (!hidesIds(without)) add(externalIds.flatMap(idWords));
  if (email && !without.has('email')) add(searchWords(email));
  return [listWord(listId), ...[...words].slice(0, MOST_WORDS)].join(' ');
}

function customWords(json: string, fields: readonly SearchedField[]): readonly string[] {
  if (fields.length === 0) return [];
  const values = new Map(Object.entries(JSON.parse(json) as Record<string, CustomValue>));
  const of = (wanted: 'company' | 'id', words: (text: string) => readonly string[]) =>
    fields.flatMap(([label, as]) => (as === wanted ? words(String(values.get(label) ?? '')) : []));
  return [...of('company', nameWords), ...of('id', idWords)];
}

/** The id by which another system knows a lead may be the value of a custom field. */
function hidesIds(without: ReadonlySet<string>): boolean {
  return [...without].some((field) => field.startsWith(CUSTOM_PREFIX));
}
