import type { Meaning } from '../meaning.ts';
import { GOOGLE, OUTLOOK, THUNDERBIRD, VCARD } from './address-books.ts';
import { BITRIX24, CHATWOOT, HUBSPOT, ODOO, PIPEDRIVE, SALESFORCE } from './crms.ts';
import type { FileFormat, FormatName } from './file-format.ts';
import { FREEPBX, META, THREE_CX, VICIDIAL } from './telephony.ts';

/** In the order in which a header is tried: those first whose marks are in no other's header. */
export const KNOWN_FORMATS: readonly FileFormat[] = [
  GOOGLE,
  META,
  VICIDIAL,
  PIPEDRIVE,
  FREEPBX,
  THUNDERBIRD,
  HUBSPOT,
  BITRIX24,
  SALESFORCE,
  OUTLOOK,
  THREE_CX,
  CHATWOOT,
  ODOO,
];

/** @param names the header's names, normalised */
export function recogniseFormat(names: ReadonlySet<string>): FileFormat | undefined {
  const isOf = (mark: string) => mark.split(' ').every((name) => names.has(name));
  return KNOWN_FORMATS.find(({ marks }) => marks.some(isOf));
}

/** @returns undefined for no name of a format */
export function formatNamed(name: FormatName): FileFormat | undefined {
  return [...KNOWN_FORMATS, VCARD].find((format) => format.name === name);
}

/** What a normalised name means in the format; undefined: the format has no word for it. */
export function meaningIn(format: FileFormat, name: string): Meaning | undefined {
  for (const [meaning, words] of Object.entries(format.names)) {
    if (words?.split(' ').includes(name) === true) return meaning as Meaning;
  }
  for (const [pattern, meaning] of format.patterns ?? []) {
    const found = pattern.exec(name);
    if (found !== null) return meaning.replace('$1', found[1] ?? '') as Meaning;
  }
  return undefined;
}
