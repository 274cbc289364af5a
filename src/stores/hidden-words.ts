import type { MasksOf } from '../core/lead.ts';
import { isSearched, LIST_SIGN } from './search-text.ts';
import type { SearchedText } from './text-ranking.ts';

/** There are few lists. */
export const SELECT_MASKS = 'SELECT list_id, masked FROM lists WHERE masked IS NOT NULL';

/**
 * The fields of a lead by whose words somebody must not find it, who sees them masked: they could be guessed letter by letter.
 *
 * @param masks by the settings
 * @param ofLists by the lists themselves
 */
export function createHiddenFields(
  masks: MasksOf,
  ofLists: ReadonlyMap<number, readonly string[]>,
): (text: SearchedText) => ReadonlySet<string> {
  const hidden = new Map<number, ReadonlySet<string>>();
  return ({ words }) => {
    const listId = Number(words[0]?.slice(LIST_SIGN.length));
    const fields =
      hidden.get(listId) ?? new Set([...masks(listId), ...(ofLists.get(listId) ?? [])].filter(isSearched));
    hidden.set(listId, fields);
    return fields;
  };
}

/** As the index finds them: a single letter but the last is an initial. */
export function isFoundBy(words: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((word, at) =>
    word.length === 1 && at < wanted.length - 1
      ? words.includes(word)
      : words.some((own) => own.startsWith(word)),
  );
}
