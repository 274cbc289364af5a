import type { LookupResult } from '../../core/lead-store.ts';
import { writeMatches, type Lead } from '../../core/lead.ts';
import { PLAIN_LETTERS } from '../../core/search-words.ts';

/** How a telephone shows texts. */
export interface Display {
  /** It has no letters but those of ASCII. */
  readonly isAscii?: boolean;
}

/** What displays of telephones and their protocols take. */
const MAX_CHARACTERS = 80;

/** The name that a telephone shows for a lead; empty when none is stored. */
export function callerName({ first_name, middle_initial, last_name }: Lead, display?: Display): string {
  return shownText(
    [first_name, middle_initial, last_name].filter((part) => part !== null).join(' '),
    display,
  );
}

/**
 * `key=value&…` for Asterisk's `CURLOPT(hashcompat)`: spaces as `%20`, which both of its modes read; no empty values, and no
 * brackets.
 *
 * @param name the name that is shown
 */
export function callerHash(
  { lead, isCustomer, foundBy }: LookupResult,
  name: string,
  display?: Display,
): string {
  const { lead_id, list_id, title, first_name, middle_initial, last_name, city, state, status } = lead;
  return hashOf(
    {
      name,
      lead_id,
      list_id,
      title,
      first_name,
      middle_initial,
      last_name,
      city,
      state,
      status,
      is_customer: isCustomer ? 1 : 0,
      matched: foundBy?.column,
      matches: foundBy && writeMatches(foundBy.matches),
    },
    display,
  );
}

export function hashOf(
  fields: Readonly<Record<string, string | number | null | undefined>>,
  display?: Display,
): string {
  return Object.entries(fields)
    .map(([key, value]) => [key, withoutBrackets(shownText(String(value ?? ''), display))] as const)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
}

/** Asterisk counts brackets in the values of a hash: one that is not closed empties every other member. */
function withoutBrackets(text: string): string {
  return text
    .replace(/[()[\]]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/**
 * Only visible characters, and none that would end a name in a SIP header, begin a tag on a switchboard's page, or be a
 * variable, a command or a format to a switchboard: FreeSWITCH runs `${system …}` in a caller's name.
 */
export function shownText(text: string, { isAscii = false }: Display = {}): string {
  const visible = text.toWellFormed().replace(/[\p{C}\s]+/gu, ' ');
  // Wide signs become their ASCII form, so what must not be there is looked for after that.
  const allowed = (isAscii ? toAscii(visible) : visible)
    .replace(/[<>"\\${}`%]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
  return Array.from(allowed).slice(0, MAX_CHARACTERS).join('').trim();
}

/** Letters and signs that Unicode does not take apart into an ASCII one and its accent. */
const ASCII = new Map([
  ...Object.entries(PLAIN_LETTERS),
  ...Object.entries(PLAIN_LETTERS).map(
    ([letter, plain]) => [letter.toUpperCase(), plain.toUpperCase()] as const,
  ),
  ...Array.from('‘’ʼ´', (sign) => [sign, "'"] as const),
  ...Array.from('‐‑‒–—−', (sign) => [sign, '-'] as const),
  ['⁄', '/'],
]);

/** `Peña Łódź` as `Pena Lodz`; what has no such form, such as a Chinese name, is left out. */
function toAscii(text: string): string {
  const letters = Array.from(text, (letter) => ASCII.get(letter) ?? letter)
    .join('')
    .normalize('NFKD');
  return Array.from(letters, (letter) => ASCII.get(letter) ?? letter)
    .join('')
    .replace(/[^ -~]+/g, '');
}
