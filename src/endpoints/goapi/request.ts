import type { Lookup, LookupOutcome } from '../../service/lookup.ts';
import type { ParameterValue } from '../../core/query.ts';
import { isLookupAction } from './actions.ts';
import {
  ACTION_MISSING,
  ACTION_UNKNOWN,
  answerFor,
  malformed,
  RESPONSETYPE_UNKNOWN,
  type GoapiAnswer,
} from './answers.ts';
import { formatOf, type Format } from './format.ts';
import type { Params } from './params.ts';
import { JSON_TYPE, writeCustomerJson, writeEnvelopeJson } from './write-json.ts';
import { writeCustomerXml, writeEnvelopeXml, XML_TYPE } from './write-xml.ts';

/** A request of the documented protocol, however it came. */
export interface GoapiRequest {
  readonly params: Params;
  readonly requestId: string;
  readonly address: string;
  readonly lookup: Lookup;
}

/** An answer as it goes out. Header names are in lower case. */
export interface WrittenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The documented name, the document's own misspelling of it, and the ancestor's. */
const LEAD_ID_NAMES = ['lead_id', 'leed_id', 'goLeadID'] as const;

/** Does what a request asks for. It never throws, but where writing an answer has a fault. */
export async function answerRequest({
  params,
  requestId,
  address,
  lookup,
}: GoapiRequest): Promise<WrittenAnswer> {
  const format = formatOf(params.get('responsetype'));
  if (format === undefined) return written('text/plain; charset=utf-8', RESPONSETYPE_UNKNOWN);
  const action = params.get('goAction');
  if (action === undefined || action === '') return writeAnswer(ACTION_MISSING, format, undefined);
  if (typeof action !== 'string') {
    return writeAnswer(malformed([{ field: 'goAction', reason: action.fault }]), format, undefined);
  }
  if (!isLookupAction(action)) return writeAnswer(ACTION_UNKNOWN, format, action);
  const outcome = await lookup({
    door: 'goapi',
    requestId,
    address,
    asker: { kind: 'user', name: textOf(params.get('goUser')), password: textOf(params.get('goPass')) },
    parameters: { leadId: firstGiven(params, LEAD_ID_NAMES), phoneNumber: params.get('phone_number') },
  });
  return writeOutcome(outcome, format, action);
}

/** @param action what the caller sent; undefined when it sent none */
export function writeAnswer(
  { status, envelope, retryAfterSeconds }: GoapiAnswer,
  format: Format,
  action: string | undefined,
): WrittenAnswer {
  const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return format === 'json'
    ? written(JSON_TYPE, writeEnvelopeJson(envelope), retryAfter, status)
    : written(XML_TYPE, writeEnvelopeXml(envelope, action), retryAfter, status);
}

function writeOutcome(outcome: LookupOutcome, format: Format, action: string): WrittenAnswer {
  if ('problem' in outcome) return writeAnswer(answerFor(outcome.problem), format, action);
  const { finding, phoneMatch } = outcome;
  const headers: Record<string, string> = {};
  if (phoneMatch !== undefined) headers['callercard-phone-match'] = phoneMatch;
  if (finding.foundBy !== undefined) headers['callercard-matches'] = String(finding.foundBy.matches);
  return format === 'json'
    ? written(JSON_TYPE, writeCustomerJson(finding), headers)
    : written(XML_TYPE, writeCustomerXml(finding, action), headers);
}

function written(
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): WrittenAnswer {
  return { status, headers: { ...headers, 'content-type': type }, body };
}

/** One text; a list or an object is as if nothing was sent. */
function textOf(value: ParameterValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function firstGiven(params: Params, names: readonly string[]): ParameterValue | undefined {
  for (const name of names) {
    const value = params.get(name);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
