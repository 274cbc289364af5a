import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The calling codes of the countries for which src/endpoints/card/places/ has a file. */
export const CODES_WITH_PLACES = ['1', '34', '52', '54', '55', '56', '57'] as const;
type PlaceCode = (typeof CODES_WITH_PLACES)[number];

/** Where a number was given out; its owner may be elsewhere. */
export interface NumberPlace {
  /** A town with its state, or a region. */
  readonly en: string;
  readonly es: string;
  /** Names of the IANA database; none: not known. */
  readonly zones: readonly string[];
}

/** No prefix of the data is longer. */
const LONGEST_PREFIX = 7;

/** The data of a country as they are in its file, and where in them the section of each pair of first digits is. */
interface PlaceData {
  readonly bytes: Buffer;
  readonly sections: ReadonlyMap<string, readonly [start: number, end: number]>;
}

/** Of the countries that were asked for: 0.65 MB outside the heap for all of them. */
const read = new Map<PlaceCode, PlaceData>();

/**
 * Where public numbering data say that a number was given out, by the longest prefix that they have. The data of its country are read
 * when the first of its numbers is asked for: no start and no lookup waits for them.
 *
 * @param key country code and national number (`PhoneNumber.key`)
 * @returns undefined where the data have no place: for mobiles without an area, free numbers, and other countries
 */
export function placeOf(key: string): NumberPlace | undefined {
  const code = CODES_WITH_PLACES.find((one) => key.startsWith(one));
  if (code === undefined) return undefined;
  const national = key.slice(code.length);
  const data = dataOf(code);
  const [en, es] = find(data, national, ',') ?? [];
  if (en === undefined) return undefined;
  const [zones] = find(data, national, ';') ?? [];
  return { en, es: es === undefined || es === '' ? en : es, zones: zones?.split('&') ?? [] };
}

function dataOf(code: PlaceCode): PlaceData {
  const known = read.get(code);
  if (known !== undefined) return known;
  const bytes = readFileSync(join(import.meta.dirname, 'places', `${code}.txt`));
  const data = { bytes, sections: sectionsOf(bytes) };
  read.set(code, data);
  return data;
}

/** A section begins with a line `#33`: the first two digits of its prefixes, or the only one. */
function sectionsOf(bytes: Buffer): PlaceData['sections'] {
  const sections = new Map<string, readonly [start: number, end: number]>();
  for (let start = bytes.indexOf('\n#'); start >= 0;) {
    const next = bytes.indexOf('\n#', start + 1);
    const end = next < 0 ? bytes.length : next;
    const begin = bytes.indexOf('\n', start + 1);
    sections.set(bytes.toString('latin1', start + 2, begin), [begin, end]);
    start = next;
  }
  return sections;
}

/** What the line of the longest prefix of a number has before its prefixes; `mark` is on both sides of each. */
function find(
  { bytes, sections }: PlaceData,
  national: string,
  mark: ',' | ';',
): readonly string[] | undefined {
  for (const first of [national.slice(0, 2), national.slice(0, 1)]) {
    const section = sections.get(first);
    if (section === undefined) continue;
    const text = bytes.toString('utf8', ...section);
    const longest = first.length === 1 ? 1 : Math.min(LONGEST_PREFIX, national.length);
    for (let length = longest; length >= first.length; length -= 1) {
      const at = text.indexOf(mark + national.slice(0, length) + mark);
      if (at >= 0) return text.slice(text.lastIndexOf('\n', at) + 1, at).split('|');
    }
  }
  return undefined;
}
