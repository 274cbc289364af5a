import { splitEscaped, unescapeText, type VcardLine } from './vcard-lines.ts';

interface Labelled {
  readonly label: string;
  readonly value: string;
}

interface Address {
  readonly label: string;
  readonly street: string;
  readonly city: string;
  readonly region: string;
  readonly postalCode: string;
  readonly country: string;
}

/** What is taken of a card. */
export interface Vcard {
  readonly firstName: string;
  readonly middleName: string;
  readonly lastName: string;
  readonly prefix: string;
  readonly organization: string;
  readonly role: string;
  readonly phones: readonly Labelled[];
  readonly emails: readonly Labelled[];
  readonly addresses: readonly Address[];
  readonly birthday: string;
  readonly notes: string;
}

/** Reads the properties of one card; the preferred number and address come first. */
export function readVcard(lines: readonly VcardLine[]): Vcard {
  const all = (name: string) =>
    lines.filter((line) => line.name === name).sort((a, b) => Number(b.isPreferred) - Number(a.isPreferred));
  const text = (name: string) => unescapeText(all(name)[0]?.value ?? '');
  const labels = new Map(
    lines.flatMap(({ group, name, value }) =>
      name === 'X-ABLABEL' && group !== '' ? [[group, cleanLabel(unescapeText(value))] as const] : [],
    ),
  );
  const labelled = (name: string): readonly Labelled[] =>
    all(name).flatMap((line) => {
      const value = unescapeText(line.value).replace(/^(?:tel|mailto):/i, '');
      return value === '' ? [] : [{ label: labels.get(line.group) ?? labelOf(line.types), value }];
    });
  const [family, given, middle, prefix] = parts(all('N')[0]?.value);
  const [organization = '', ...departments] = parts(all('ORG')[0]?.value);
  const company = [organization, ...departments].filter((part) => part !== '').join(', ');
  return {
    ...nameOf({ family, given, middle }, text('FN'), company),
    prefix: prefix ?? '',
    organization: company,
    role: text('TITLE') || text('ROLE'),
    phones: labelled('TEL'),
    emails: labelled('EMAIL'),
    addresses: all('ADR').flatMap((line) => addressOf(line, labels)),
    birthday: birthdayOf(text('BDAY')),
    notes: all('NOTE')
      .map(({ value }) => unescapeText(value))
      .filter((note) => note !== '')
      .join('\n'),
  };
}

function parts(value: string | undefined): readonly string[] {
  return value === undefined
    ? []
    : splitEscaped(value, ';').map((part) =>
        splitEscaped(part, ',')
          .map(unescapeText)
          .filter((word) => word !== '')
          .join(' '),
      );
}

/** By the parts of the name; where a card has none, by the whole one. A company's card has its name as the person's. */
function nameOf(
  {
    family = '',
    given = '',
    middle = '',
  }: Partial<Record<'family' | 'given' | 'middle', string | undefined>>,
  whole: string,
  company: string,
): Pick<Vcard, 'firstName' | 'middleName' | 'lastName'> {
  if (family !== '' || given !== '') return { firstName: given, middleName: middle, lastName: family };
  return { firstName: whole || company, middleName: '', lastName: '' };
}

function addressOf(
  { group, types, value }: VcardLine,
  labels: ReadonlyMap<string, string>,
): readonly Address[] {
  const [box = '', extended = '', street = '', city = '', region = '', postalCode = '', country = ''] =
    parts(value);
  const lines = [street, extended, box].filter((part) => part !== '').join(', ');
  const address = { street: lines, city, region, postalCode, country };
  if (Object.values(address).every((part) => part === '')) return [];
  return [{ label: labels.get(group) ?? labelOf(types), ...address }];
}

/** Words that say nothing about whose number it is. */
const NO_LABELS = new Set([
  'VOICE',
  'INTERNET',
  'TEXT',
  'OTHER',
  'DOM',
  'INTL',
  'POSTAL',
  'PARCEL',
  'X-VOICE',
]);

const LABELS: Readonly<Record<string, string>> = { CELL: 'Mobile', IPHONE: 'Mobile', MSG: 'Mobile' };

function labelOf(types: readonly string[]): string {
  const words = types.filter((type) => !NO_LABELS.has(type));
  const shown = words.map((word) => LABELS[word] ?? word.charAt(0) + word.slice(1).toLowerCase());
  return [...new Set(shown)].join(' ');
}

/** Apple writes its own labels as `_$!<HomePage>!$_`. */
function cleanLabel(label: string): string {
  return /^_\$!<(.*)>!\$_$/.exec(label)?.[1] ?? label;
}

/** `19800229`, `1980-02-29T00:00:00Z` and the like as `YYYY-MM-DD`; without a year `--MM-DD`; else as it is written. */
export function birthdayOf(text: string): string {
  const [, year, month, day] = /^(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?$/.exec(text) ?? [];
  if (year !== undefined && month !== undefined && day !== undefined) {
    // Apple's year for one that is not known.
    return year === '1604' ? `--${month}-${day}` : `${year}-${month}-${day}`;
  }
  const [, onlyMonth, onlyDay] = /^--(\d\d)-?(\d\d)$/.exec(text) ?? [];
  return onlyMonth === undefined || onlyDay === undefined ? text : `--${onlyMonth}-${onlyDay}`;
}
