/** A longer word is cut: nobody types more of it. */
const MOST_LETTERS = 64;

/** Small letters that Unicode does not take apart into a letter and its accent. */
export const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  þ: 'th',
};
const NOT_PLAIN = new RegExp(`[${Object.keys(PLAIN_LETTERS).join('')}]`, 'g');
const MARKS = /\p{M}+/gu;
/** Within a word: `O'Brien` is one. */
const APOSTROPHES = /(?<=\p{L})['’ʼ`´](?=\p{L})/gu;
const WORDS = /[\p{L}\p{N}]+/gu;

/** Text in which `PEÑA` and `Pena` are one. */
function fold(text: string): string {
  const plain = text.toLowerCase().normalize('NFKD').replace(MARKS, '');
  return plain.replace(NOT_PLAIN, (letter) => PLAIN_LETTERS[letter] ?? letter);
}

/** The words of a text as they compare: without accents and case, letters and digits alone, in their order. */
export function searchWords(text: string): readonly string[] {
  return wordsOf(fold(text.replace(APOSTROPHES, '')));
}

/** Besides its words the parts of those with an apostrophe: `D'Angelo` is found as `dangelo` and as `angelo`. */
export function nameWords(name: string): readonly string[] {
  const words = searchWords(name);
  return name.search(APOSTROPHES) < 0 ? words : [...words, ...wordsOf(fold(name))];
}

/** Besides its words the id in one piece: `A-1023/4` is found as `a10234`, too. */
export function idWords(id: string): readonly string[] {
  const words = searchWords(id);
  return words.length < 2 ? words : [...words, words.join('').slice(0, MOST_LETTERS)];
}

function wordsOf(folded: string): readonly string[] {
  return (folded.match(WORDS) ?? []).map((word) => word.slice(0, MOST_LETTERS));
}
