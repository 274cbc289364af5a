import { LISTS_CHARACTERS } from '../core/list-patch.ts';

/** Texts as they are stored; null where there are none. */
export function textsJsonOf(texts: readonly string[]): string | null {
  return texts.length === 0 ? null : JSON.stringify(texts);
}

/** @param json as stored; null: none */
export function textsOf(json: unknown): readonly string[] {
  return typeof json === 'string' ? (JSON.parse(json) as readonly string[]) : [];
}

/** So many leads of a list are named at a time. */
export const LEADS_AT_ONCE = 500;

/** What a list counts beside its texts. */
const LIST_CHARACTERS = 64;

const TEXTS = ['name', 'statuses', 'masked'].map((column) => `coalesce(octet_length(${column}), 0)`);
const BYTES = `${LIST_CHARACTERS} + ${TEXTS.join(' + ')}`;

/** The bytes of all lists and of one. @param listId a placeholder */
export const selectListSizes = (listId: string) =>
  `SELECT coalesce(sum(${BYTES}), 0), coalesce(sum(${BYTES}) FILTER (WHERE list_id = ${listId}), 0) FROM lists`;

/**
 * Whether a list may be set so: it does not get larger, or all lists together are small enough.
 *
 * @param sizes as selectListSizes reads them
 * @param texts that it would have, as stored
 */
export function isWithinListLimit(
  [total, own]: readonly [total: number, own: number],
  texts: readonly (string | null)[],
): boolean {
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), LIST_CHARACTERS);
  return size <= own || total - own + size <= LISTS_CHARACTERS;
}
