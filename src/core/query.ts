import { readPhone, type Country, type PhoneNumber } from './phone.ts';
import type { ParameterFault, Parsed, ProblemOf } from './problem.ts';

/** A parameter as an endpoint read it: its text, or why it is not one value. */
export type ParameterValue = string | { readonly fault: string };

/** What a caller sent about the customer; undefined or empty: not sent. */
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
 * removed, not zero, and decides when both are given.
 */
export function parseQuery(sent: QueryParameters, country: Country): LookupQuery | QueryProblem {
  const leadId = read(sent.leadId, readLeadId);
  const phone = read(sent.phoneNumber, (text) => readPhone(text, country));
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
  if (sent === undefined || sent === '') return {};
  return typeof sent === 'string' ? parse(sent) : sent;
}

function readLeadId(text: string): Parsed<{ leadId: number; asSent: string }> {
  const asSent = trimSpaces(text);
  if (!/^[0-9]+$/.test(asSent)) return { fault: 'must be a whole number of 1 to 10 decimal digits' };
  if (asSent.length > 10) return { fault: 'has more than 10 digits' };
  const leadId = Number(asSent);
  return leadId === 0 ? { fault: 'must not be zero' } : { value: { leadId, asSent } };
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
