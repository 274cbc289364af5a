import { createHash } from 'node:crypto';
import { closeSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';

import { FORMAT_NAMES } from '../core/import-formats.ts';
import { isObject } from '../core/is-object.ts';
import type { DateOrder } from './column-plan.ts';
import { LeadFileFault } from './csv.ts';
import { normaliseName, REJECT_COLUMNS } from './file-field.ts';
import type { FormatName } from './formats/file-format.ts';
import { openNewFile } from './new-file.ts';

/** What somebody once said about a file, as flags. */
export interface ImportAnswers {
  readonly map: readonly string[];
  readonly custom: readonly string[];
  readonly ignore: readonly string[];
  readonly dates?: DateOrder | undefined;
  readonly format?: FormatName | undefined;
  readonly ignoreUnknown?: boolean | undefined;
  readonly strict?: boolean | undefined;
  /** The column by which rows come back to their leads. */
  readonly key?: string | undefined;
}

/** Answers that are kept for the next file with the same header. */
export interface ImportProfile {
  readonly name: string;
  /** Of the header for which they were given. */
  readonly signature: string;
  readonly answers: ImportAnswers;
}

/** The least recently saved ones beyond this many are forgotten. */
const MOST_PROFILES = 200;

/** Names of columns, whatever their order, case and accents; without those that a rejects file has in addition. */
export function signatureOf(header: readonly string[]): string {
  const own: readonly string[] = REJECT_COLUMNS;
  const names = header.map(normaliseName).filter((name) => name !== '' && !own.includes(name));
  return createHash('sha256').update(names.sort().join('\n')).digest('base64url');
}

/** Where the profiles of a store are: `data/callercard.import-profiles.json` beside `data/callercard.db`. */
export function profilesPath(store: string): string {
  return `${store.replace(/\.db$/, '')}.import-profiles.json`;
}

/**
 * @returns the newest first; none where there is no such file
 * @throws {LeadFileFault} it cannot be read, or is no file of profiles
 */
export function readProfiles(path: string): readonly ImportProfile[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    // No folder either: opening the store has words for that.
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new LeadFileFault(`${path} cannot be read (${code})`, { cause });
  }
  try {
    const read: unknown = JSON.parse(text);
    if (isObject(read) && Array.isArray(read.profiles)) return read.profiles.map(profileOf);
  } catch {
    // Said below.
  }
  throw new LeadFileFault(`${path} is no file of import profiles; move it away`);
}

/**
 * Keeps a profile, in the place of one of its name. The file is for this user alone, and there as a whole or as it was.
 *
 * @throws {LeadFileFault} it cannot be written
 */
export function saveProfile(path: string, profile: ImportProfile): void {
  const others = readProfiles(path).filter(({ name }) => name !== profile.name);
  const profiles = [profile, ...others].slice(0, MOST_PROFILES);
  const draft = `${path}.new-${process.pid}`;
  try {
    rmSync(draft, { force: true });
    const file = openNewFile(draft);
    if (file === undefined) throw new Error(`${draft} is there`);
    try {
      writeSync(file, `${JSON.stringify({ profiles }, null, 2)}\n`);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new LeadFileFault(`the import profile cannot be written to ${path}`, { cause });
  }
}

function profileOf(read: unknown): ImportProfile {
  if (!isObject(read) || typeof read.name !== 'string' || typeof read.signature !== 'string')
    throw new Error();
  return { name: read.name, signature: read.signature, answers: answersOf(read.answers) };
}

function answersOf(read: unknown): ImportAnswers {
  if (!isObject(read)) throw new Error();
  const { dates, format, key } = read;
  return {
    map: textsOf(read.map),
    custom: textsOf(read.custom),
    ignore: textsOf(read.ignore),
    ...(dates === 'dmy' || dates === 'mdy' ? { dates } : {}),
    ...(isFormat(format) ? { format } : {}),
    ...(typeof key === 'string' ? { key } : {}),
    ...(read.ignoreUnknown === true ? { ignoreUnknown: true } : {}),
    ...(read.strict === true ? { strict: true } : {}),
  };
}

function textsOf(read: unknown): readonly string[] {
  return Array.isArray(read) ? read.filter((text) => typeof text === 'string') : [];
}

function isFormat(read: unknown): read is FormatName {
  return FORMAT_NAMES.some((name) => name === read);
}
