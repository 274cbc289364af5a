import type { ParameterValue } from '../../core/query.ts';
import type { Lookup } from '../../service/lookup.ts';
import type { LookupOutcome } from '../../service/pipeline.ts';
import {
  ACTION_MISSING,
  ACTION_UNKNOWN,
  answerFor,
  type GoapiAnswer,
  malformed,
  RESPONSETYPE_UNKNOWN,
} from './answers.ts';
import type { Params } from './params.ts';
import {
  JSON_TYPE,
  writeCustomerJson,
  writeCustomerXml,
  writeEnvelopeJson,
  writeEnvelopeXml,
  XML_TYPE,
} from './render.ts';

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
    endpoint: 'goapi',
    requestId,
    address,
    credentials: { kind: 'user', name: textOf(params.get('goUser')), password: textOf(params.get('goPass')) },
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
  const { result, phoneMatch } = outcome;
  const headers: Record<string, string> = {};
  if (phoneMatch !== undefined) headers['callercard-phone-match'] = phoneMatch;
  if (result.foundBy !== undefined) headers['callercard-matches'] = String(result.foundBy.matches);
  return format === 'json'
    ? written(JSON_TYPE, writeCustomerJson(result), headers)
    : written(XML_TYPE, writeCustomerXml(result, action), headers);
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

/**
 * The actions of the documented protocol that look a customer up: the ancestor's own name, and the one that the
 * document's table and second example give.
 */
const LOOKUP_ACTIONS: ReadonlySet<string> = new Set(['goGetCustomerInfo', 'agent_summary_stats']);

export function isLookupAction(action: string): boolean {
  return LOOKUP_ACTIONS.has(action);
}

export type Format = 'json' | 'xml';

/** Missing or empty: XML, as the ancestor answers. */
export function formatOf(responsetype: ParameterValue | undefined): Format | undefined {
  if (responsetype === undefined || responsetype === '') return 'xml';
  if (typeof responsetype !== 'string') return undefined;
  const format = responsetype.toLowerCase();
  return format === 'json' || format === 'xml' ? format : undefined;
}

/** The format asked for in the target of a request that is not read as a whole. */
export function formatOfTarget(target: string): Format {
  const asked = /[?&]responsetype=([a-z]+)(?:&|$)/gi;
  const last = [...target.matchAll(asked)].at(-1)?.[1];
  return formatOf(last) ?? 'xml';
}
