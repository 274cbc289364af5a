/** What files write for a gender; the dialer's letters, by the words. */
const GENDERS = new Map(
  Object.entries({
    F: 'f female femenino femenina feminino feminina fem mujer mulher woman w dama sra senora girl',
    M: 'm male masculino masculina masc hombre homem man varon h caballero sr senor boy',
    U: 'u unknown unspecified undefined otro otra other outro x nb no_binario desconocido no_especificado sin_especificar not_specified nd na n_a',
  }).flatMap(([letter, words]) => words.split(' ').map((word) => [word, letter] as const)),
);

/**
 * @param isMujer whether M stands for a woman: the column has H (hombre) for men
 * @returns F, M or U (unknown); undefined: none of the words
 */
export function readGender(text: string, isMujer: boolean): string | undefined {
  // What nearly every file has.
  if (!isMujer && (text === 'F' || text === 'M')) return text;
  const word = text
    .trim()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, '_')
    .replace(/^_|_$/g, '');
  if (word === 'm' && isMujer) return 'F';
  return GENDERS.get(word);
}

/** Signs that UTF-8 makes when it is read as Windows-1252: `Ã©`, `Â¿`, `â€™`. */
const MOJIBAKE =
  /[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]/;

/** The bytes 0x80 to 0x9f of Windows-1252, by character. */
const BYTES: ReadonlyMap<string, number> = new Map(
  Array.from('€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ', (sign, at) => [sign, 0x80 + at] as const),
);

/** True for text that was read in the wrong encoding. */
export function isMisread(text: string): boolean {
  return MOJIBAKE.test(text) && decoded(text) !== undefined;
}

/**
 * Text that was read in the wrong encoding, as it was meant: `JosÃ©` is `José`. Only where all of it is such text; else it
 * stays as it is.
 */
export function repairText(text: string): string {
  return MOJIBAKE.test(text) ? (decoded(text) ?? text) : text;
}

function decoded(text: string): string | undefined {
  const bytes: number[] = [];
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    const byte = BYTES.get(sign) ?? code;
    if (byte > 0xff) return undefined;
    bytes.push(byte);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}
