import { hash } from 'node:crypto';

import { isoTime, kindOf, type LookupEvent, redactEvent, toAsciiJson } from '../core/lookup-event.ts';

/**
 * The chain: each line ends with the SHA-256 of the previous line's hash and all of this line before its own hash. Whoever
 * changes, removes, adds or moves a line has to write every later hash anew, in this file and the following ones.
 */
const MARK = ',"hash":"';
const END = '"}';
/** SHA-256 in base64url. */
const HASH_LENGTH = 43;

/** The hash before the first record of a chain. */
export const NO_HASH = '';

/** Sizes of what stands at the end of files and is no record, because a write was cut short; by the file's number. */
export type TornBytes = Readonly<Record<string, number>>;

/** What the first record of a file says: where the chain comes from. */
export interface FileHeader {
  readonly chain: number;
  readonly number: number;
  /** The hash of the record before; NO_HASH at the beginning of a chain. */
  readonly previous: string;
  /** Of the files since the header before. */
  readonly torn: TornBytes;
}

/** The fields of a lookup's or an action's record, without password and without any field of the lead. */
export function lookupFields(event: LookupEvent): string {
  return fieldsOf(event.at, { kind: kindOf(event), ...redactEvent(event), ms: undefined, err: undefined });
}

/** The first record of a file. */
export function headerFields(at: number, header: FileHeader): string {
  return fieldsOf(at, { kind: 'file', format: 1, ...header });
}

/** A process begins to write: it has started, or a failure is over. */
export function openedFields(at: number): string {
  return fieldsOf(at, { kind: 'opened' });
}

/** How many lookups since the last such record have none of their own. */
export function unrecordedFields(at: number, count: number): string {
  return fieldsOf(at, { kind: 'unrecorded', count });
}

/** The inside of a JSON object, on one line of ASCII. */
function fieldsOf(at: number, fields: object): string {
  return toAsciiJson({ at: isoTime(at), ...fields }).slice(1, -1);
}

/**
 * Seals a record: gives it its number and the hash that chains it to the previous one.
 *
 * @returns the line with its newline, and its hash
 */
export function seal(previous: string, seq: number, fields: string): { line: string; hash: string } {
  const body = `{"seq":${seq},${fields}`;
  const sum = hashOf(previous, body);
  return { line: `${body}${MARK}${sum}${END}\n`, hash: sum };
}

/** A record as it is read; `isSealed` says whether its hash is right. */
export interface ReadRecord {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The line up to its hash. */
  readonly body: string;
  readonly hash: string;
}

/** @returns undefined when the line is no record, such as one that was cut short */
export function readRecord(line: string): ReadRecord | undefined {
  const at = line.length - END.length - HASH_LENGTH;
  if (!line.endsWith(END) || !line.slice(0, Math.max(0, at)).endsWith(MARK)) return undefined;
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = JSON.parse(line) as typeof fields;
  } catch {
    return undefined;
  }
  const { seq, at: time, kind, hash: sum } = fields;
  if (!Number.isSafeInteger(seq) || typeof time !== 'string' || typeof kind !== 'string') return undefined;
  if (typeof sum !== 'string' || sum !== line.slice(at, -END.length)) return undefined;
  return { seq: seq as number, at: time, kind, fields, body: line.slice(0, at - MARK.length), hash: sum };
}

/** The record as it stands in its file, without the newline. */
export function lineOf({ body, hash: sum }: ReadRecord): string {
  return `${body}${MARK}${sum}${END}`;
}

/** Whether the record is as it was written, and follows the one with the hash `previous`. */
export function isSealed(previous: string, { body, hash: sum }: ReadRecord): boolean {
  return hashOf(previous, body) === sum;
}

function hashOf(previous: string, body: string): string {
  return hash('sha256', previous + body, 'base64url');
}

export const DAY_MS = 24 * 60 * 60 * 1000;

/** The UTC day of a moment, as a number that grows by one each day. */
export function dayOf(wall: number): number {
  return Math.floor(wall / DAY_MS);
}
