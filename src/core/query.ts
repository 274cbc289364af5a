import { readPhone, type Country, type PhoneNumber, type PhoneOptions } from './phone.ts';
import type { ParameterFault, Parsed, ProblemOf } from './problem.ts';

/** Stored numbers are read in every script. What is sent must be 0 to 9, as documented: a caller's program has made it. */
const OTHER_DIGITS = /(?![0-9])\p{Nd}/u;

/** A parameter as an endpoint read it: its text, or why it is not one value. */
export type ParameterValue = string | { readonly fault: string };

/** What a caller sent about the customer; undefined, empty or `null`: not sent, and a lead id of zero neither. */
export interface QueryParameters {
  readonly leadId?: ParameterValue | undefined;
  readonly phoneNumber?: ParameterValue | undefined;
}

/** Whom somebody asks about. With a lead id, the number (if any) is only compared with the lead's own. */
export type LookupQuery =
  | {
      readonly by: 'lead_id';
      readonly leadId: number;
      readonly asSent: string;
      readonly phone: PhoneNumber | undefined;
    }
  | QueryByPhone;

export interface QueryByPhone {
  readonly by: 'phone_number';
  readonly phone: PhoneNumber;
}

export type QueryProblem = ProblemOf<'parameters_missing' | 'parameter_malformed'>;

/**
 * Parses what a caller asks for. Rules (docs/goapi-compatibility.md, Request): a lead id is 1 to 10 decimal digits after its spaces are
 * removed, and decides when both are given. Zero is no lead: getLiveAgentInfo answers it when there is none.
 */
export function parseQuery(
  sent: QueryParameters,
  country: Country,
  options?: PhoneOptions,
): LookupQuery | QueryProblem {
  const leadId = isNoLead(sent.leadId) ? {} : read(sent.leadId, readLeadId);
  const phone = read(sent.phoneNumber, (text) =>
    OTHER_DIGITS.test(text)
      ? { fault: 'has digits of another script; send 0 to 9' }
      : readPhone(text, country, options),
  );
  const faults: ParameterFault[] = [];
  if (leadId.fault !== undefined) faults.push({ field: 'lead_id', reason: leadId.fault });
  if (phone.fault !== undefined) faults.push({ field: 'phone_number', reason: phone.fault });
  if (faults.length > 0) return { code: 'parameter_malformed', faults };
  if (leadId.value !== undefined) return { by: 'lead_id', ...leadId.value, phone: phone.value };
  if (phone.value !== undefined) return { by: 'phone_number', phone: phone.value };
  return { code: 'parameters_missing' };
}

function read<Value>(
  sent: ParameterValue | undefined,
  parse: (text: string) => Parsed<Value>,
): { readonly value?: Value; readonly fault?: string } {
  if (sent === undefined || sent === '' || sent === 'null') return {};
  return typeof sent === 'string' ? parse(sent) : sent;
}

function readLeadId(text: string): Parsed<{ leadId: number; asSent: string }> {
  const asSent = trimSpaces(text);
  if (!/^[0-9]+$/.test(asSent)) return { fault: 'must be a whole number of 1 to 10 decimal digits' };
  if (asSent.length > 10) return { fault: 'has more than 10 digits' };
  return { value: { leadId: Number(asSent), asSent } };
}

/** `0`, and `00` of a program that fills up with zeros. */
export function isNoLead(sent: ParameterValue | undefined): boolean {
  return typeof sent === 'string' && /^ *(?:0{1,10}|null) *$/.test(sent);
}

/** Without the spaces (U+0020, nothing else) at its ends. As a regular expression it would take the square of a long text's length. */
function trimSpaces(text: string): string {
  let start = 0;
  while (text[start] === ' ') start += 1;
  return trimEndSpaces(text.slice(start));
}

/** Without the spaces at its end. */
export function trimEndSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return text.slice(0, end);
}
