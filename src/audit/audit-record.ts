import { isoTime, kindOf, type LookupEvent, redactEvent, toAsciiJson } from '../core/lookup-event.ts';

/** What the first record of a file says: where the chain comes from. */
export interface FileHeader {
  readonly chain: number;
  readonly number: number;
  /** The hash that the first record of this file goes on from; empty at the beginning of a chain. */
  readonly previous: string;
  /** Bytes at the end of files before this one that are no record: a write that was cut short. By the file's number. */
  readonly torn: Readonly<Record<string, number>>;
}

/** The fields of a lookup's or an action's record: who, from where, for what, what came of it; no password, no field of the lead. */
export function lookupFields(event: LookupEvent): string {
  return fieldsOf(event.at, { kind: kindOf(event), ...redactEvent(event), ms: undefined, err: undefined });
}

/** A file begins. */
export function headerFields(at: number, header: FileHeader): string {
  return fieldsOf(at, { kind: 'file', format: 1, ...header });
}

/** Somebody begins to write: a process that started, or the end of a fault. */
export function openedFields(at: number): string {
  return fieldsOf(at, { kind: 'opened' });
}

/** So many lookups since the last such record, or since the beginning, have none of their own. */
export function unrecordedFields(at: number, count: number): string {
  return fieldsOf(at, { kind: 'unrecorded', count });
}

/** The inside of a JSON object, in ASCII: one line, whatever the texts hold. */
function fieldsOf(at: number, fields: object): string {
  return toAsciiJson({ at: isoTime(at), ...fields }).slice(1, -1);
}
