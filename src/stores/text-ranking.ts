/** A lead with its words as the index has them: its list, then those of its names first. */
export interface SearchedText {
  readonly leadId: number;
  readonly words: readonly string[];
}

/**
 * The order of leads that have all words of a search: those that have most of them as whole words come first, then those that have
 * them nearest to the beginning of their names, then the newest. A lead that comes twice counts once.
 */
export function rankTexts(texts: readonly SearchedText[], wanted: readonly string[]): readonly number[] {
  const scored = texts.map(({ leadId, words }) => {
    let [whole, places] = [0, 0];
    for (const word of wanted) {
      const at = words.indexOf(word);
      whole += at < 0 ? 0 : 1;
      places += at < 0 ? words.findIndex((own) => own.startsWith(word)) : at;
    }
    return { leadId, whole, places };
  });
  scored.sort((a, b) => b.whole - a.whole || a.places - b.places || b.leadId - a.leadId);
  return [...new Set(scored.map(({ leadId }) => leadId))];
}

/** Whether a lead has each word as the beginning of one of its own. */
export function hasBeginnings({ words }: SearchedText, wanted: readonly string[]): boolean {
  return wanted.every((beginning) => words.some((word) => word.startsWith(beginning)));
}

export function hasWords({ words }: SearchedText, wanted: readonly string[]): boolean {
  return wanted.every((word) => words.includes(word));
}
