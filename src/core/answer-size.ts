import type { LookupResult } from './lead-store.ts';

/**
 * The leads of one answer may have so many characters together. With what they are written as, an answer then takes some 40 MB of
 * memory at most, and usually 16. A thousand leads have about a million.
 */
export const ANSWER_CHARACTERS = 4 * 1024 * 1024;

/** What a further number is written with, at most. */
const AROUND_NUMBER = 128;

/** About how many characters a lead has when it is written. */
export function charactersOf(result: LookupResult): number {
  const { custom, further = [] } = result;
  let characters = result.leadJson?.length ?? lengthOf(Object.values(result.lead));
  for (const [label, value] of custom ?? []) characters += lengthOf([label, value]);
  for (const { label, number } of further) characters += lengthOf([label, number]) + AROUND_NUMBER;
  return characters;
}

function lengthOf(values: readonly (string | number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value === null ? 0 : String(value).length), 0);
}

/**
 * Keeps what belongs into one answer: leads up to ANSWER_CHARACTERS together, and the first one however large it is, or nobody
 * could ever read it.
 */
export function createAnswerSize() {
  let characters = 0;
  return {
    /** @returns false: with so many more there would be too many */
    add: (more: number): boolean => {
      const isFirst = characters === 0;
      if (!isFirst && characters + more > ANSWER_CHARACTERS) return false;
      characters += more;
      return true;
    },
    characters: () => characters,
  };
}

/**
 * Reads leads until they are as large as an answer may be.
 *
 * @returns `isCut`: there are more
 */
export function readFitting<Key, Result extends LookupResult>(
  keys: readonly Key[],
  read: (key: Key) => Result | undefined,
): { readonly matches: readonly Result[]; readonly isCut?: true } {
  const size = createAnswerSize();
  const matches: Result[] = [];
  for (const key of keys) {
    const lead = read(key);
    if (lead === undefined) continue;
    if (!size.add(charactersOf(lead))) return { matches, isCut: true };
    matches.push(lead);
  }
  return { matches };
}
