import { trimSpaces } from './trim-spaces.ts';
import { readPhone, type Country, type PhoneNumber } from './phone.ts';
import type { ParameterFault, ProblemOf } from './problem.ts';

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
  | { readonly by: 'phone_number'; readonly phone: PhoneNumber };

export type QueryProblem = ProblemOf<'parameters_missing' | 'parameter_malformed'>;

/**
 * Parses what a caller asks for. Rules: contract, *Request*: a lead id is 1 to 10 decimal digits after its spaces are
 * removed, not zero, and decides when both are given.
 */
export function parseQuery(sent: QueryParameters, country: Country): LookupQuery | QueryProblem {
  const leadId = read(sent.leadId, 'lead_id', readLeadId);
  const phone = read(sent.phoneNumber, 'phone_number', (text) => {
    const reading = readPhone(text, country);
    return 'phone' in reading ? { value: reading.phone } : reading;
  });
  const faults = [leadId, phone].filter((reading): reading is ParameterFault => isFault(reading));
  if (faults.length > 0) return { code: 'parameter_malformed', faults };
  if (leadId !== undefined && 'value' in leadId) {
    return {
      by: 'lead_id',
      ...leadId.value,
      phone: phone !== undefined && 'value' in phone ? phone.value : undefined,
    };
  }
  if (phone !== undefined && 'value' in phone) return { by: 'phone_number', phone: phone.value };
  return { code: 'parameters_missing' };
}

type Reading<Value> = { readonly value: Value } | { readonly fault: string };

function read<Value>(
  sent: ParameterValue | undefined,
  field: string,
  parse: (text: string) => Reading<Value>,
): { readonly value: Value } | ParameterFault | undefined {
  if (sent === undefined || sent === '') return undefined;
  const reading = typeof sent === 'string' ? parse(sent) : sent;
  return 'value' in reading ? reading : { field, reason: reading.fault };
}

function isFault(reading: object | undefined): reading is ParameterFault {
  return reading !== undefined && 'field' in reading;
}

function readLeadId(text: string): Reading<{ leadId: number; asSent: string }> {
  const asSent = trimSpaces(text);
  if (!/^[0-9]+$/.test(asSent)) return { fault: 'must be a whole number of 1 to 10 decimal digits' };
  if (asSent.length > 10) return { fault: 'has more than 10 digits' };
  const leadId = Number(asSent);
  return leadId === 0 ? { fault: 'must not be zero' } : { value: { leadId, asSent } };
}
