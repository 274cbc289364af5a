import { redactEvent, timeOf, type LookupEvent } from '../access/lookup-event.ts';

/** Beyond this, what others chose (an account's name, a proxy's idea of an address) is cut: a line stays short. */
const TEXT_LIMIT = 100;

/** Beyond printable ASCII there are characters that end a line, move a cursor or turn the text around. */
const NOT_PLAIN = /[^ -~]/g;
/** What stands in JSON as it is: printable ASCII without quote and backslash. */
const SIMPLE = /^[ !#-[\]-~]*$/;

/** What the first record of a file says: where the chain comes from. */
export interface FileHeader {
  readonly chain: number;
  readonly number: number;
  /** The hash that the first record of this file goes on from; empty at the beginning of a chain. */
  readonly previous: string;
  /** Bytes at the end of files before this one that are no record: a write that was cut short. By the file's number. */
  readonly torn: Readonly<Record<string, number>>;
}

/** The fields of a lookup's record: who, from where, for what, what came of it; no password, no field of the lead. */
export function lookupFields(event: LookupEvent): string {
  const { result, user, address, door, domain, askedLead, askedPhone, leadId, foundBy, requestId } =
    redactEvent(event);
  // Member by member: half the time of JSON.stringify and a search for what must be escaped, and this is done for each
  // lookup.
  return (
    `"at":"${timeOf(event.at)}","kind":"lookup","result":"${result}"` +
    textMember('user', user?.slice(0, TEXT_LIMIT)) +
    textMember('address', address.slice(0, TEXT_LIMIT)) +
    textMember('door', door) +
    textMember('domain', domain) +
    numberMember('askedLead', askedLead) +
    textMember('askedPhone', askedPhone) +
    numberMember('leadId', leadId) +
    textMember('foundBy', foundBy) +
    textMember('requestId', requestId)
  );
}

function numberMember(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${value}`;
}

function textMember(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  return SIMPLE.test(value) ? `,"${name}":"${value}"` : `,"${name}":${inAscii(JSON.stringify(value))}`;
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
  return `"at":"${timeOf(at)}",${inAscii(JSON.stringify(fields)).slice(1, -1)}`;
}

/** JSON in which nothing but ASCII stands. */
function inAscii(json: string): string {
  return json.replace(NOT_PLAIN, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
