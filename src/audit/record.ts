import { hash } from 'node:crypto';

import {
  domainMember,
  isoTime,
  kindOf,
  type LookupEvent,
  membersOf,
  writeShared,
} from '../core/lookup-event.ts';

/**
 * Each line ends with the SHA-256 of the previous line's hash and all of this line before its own hash. Whoever changes,
 * removes, adds or moves a line has to write every later hash anew, in this file and the following ones.
 */
const MARK = ',"hash":"';
const END = '"}';
/** SHA-256 in base64url. */
const HASH_LENGTH = 43;

/** The hash before the first record of a chain. */
export const NO_HASH = '';

/** Bytes of torn records at the ends of files, by the file's number. */
export type TornBytes = Readonly<Record<string, number>>;

/** The fields of a lookup's or an action's record, without password and without any field of the lead. */
export function lookupFields(event: LookupEvent): string {
  return `"at":"${isoTime(event.at)}","kind":"${kindOf(event)}",${domainMember(event.domain)},${writeShared(event)}`;
}

/**
 * The fields of a record: the inside of a JSON object, on one line of ASCII. `file` is the first record of a file and says
 * where its chain comes from; `opened` says that a process begins to write; `unrecorded` counts the lookups since the last
 * such record that have none of their own.
 */
export function fieldsOf(
  at: number,
  fields: { readonly kind: string; readonly [name: string]: unknown },
): string {
  return membersOf({ at: isoTime(at), ...fields });
}

/** Gives a record its number and its hash, which chains it to the previous one; the line ends with a newline. */
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
