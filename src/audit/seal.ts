import { hash } from 'node:crypto';

/**
 * The chain: each line ends with the SHA-256 over the hash of the line before and all that stands before it. Whoever
 * changes, removes, adds or moves a line has to write every later hash anew, in this file and the following ones.
 */
const MARK = ',"hash":"';
const END = '"}';
/** SHA-256 in base64url. */
const HASH_LENGTH = 43;

/** What comes before the first record of a chain. */
export const NOTHING_BEFORE = '';

export interface Sealed {
  /** With the newline. */
  readonly line: string;
  readonly hash: string;
}

/** A record as it is read; whether its hash is right is another question (`fits`). */
export interface ReadRecord {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly hash: string;
}

/** @param fields as src/audit/audit-record.ts writes them */
export function seal(previous: string, seq: number, fields: string): Sealed {
  const body = `{"seq":${seq},${fields}`;
  const sum = sumOf(previous, body);
  return { line: `${body}${MARK}${sum}${END}\n`, hash: sum };
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
export function fits(previous: string, { body, hash: sum }: ReadRecord): boolean {
  return sumOf(previous, body) === sum;
}

function sumOf(previous: string, body: string): string {
  return hash('sha256', previous + body, 'base64url');
}
