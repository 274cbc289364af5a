import type { FastifyRequest } from 'fastify';

import { isObject } from '../../core/is-object.ts';
import type { ParameterFault, ProblemOf } from '../../core/problem.ts';
import { type ParameterValue, parseQuery } from '../../core/query.ts';
import type { CallHub } from '../../events/call-hub.ts';
import { CALL_TEXTS } from '../../core/call-store.ts';
import { CALL_STATES, DIRECTIONS } from '../../core/reported-call.ts';
import { publishReport } from '../../events/publish-report.ts';
import type { RequestContext } from '../../auth/principal.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import type { DomainContext, Numbering } from '../../service/services.ts';
import type { Answer } from '../../service/work.ts';
import { contextOf, faultNamedHere, type Handler, NOT_PHONE_NUMBER, refuse, sendJson } from './route.ts';
import { sendProblem } from './problem-answer.ts';

/**
 * `POST /v1/calls`: a dialer or a PBX notifies of a call at an agent's telephone. Whoever has the right may do so for any user
 * of the domain: the card then asks for the lead with that user's own rights, so nothing is shown that it may not see. Each
 * notification is in the audit.
 */
export function notifyCall(calls: CallHub): Handler {
  return async (request, reply) => {
    const context = domainContextOf(request);
    const fault = faultOfForm(request);
    const message =
      fault === undefined
        ? readCallMessage(fieldsOf(request.body), context.numbering())
        : ({ code: 'parameter_malformed', faults: [fault] } as const);
    if ('code' in message) return refuse(request, reply, message);
    const outcome = await reportCall(calls, context, contextOf(request), message);
    if ('problem' in outcome) return sendProblem(reply, outcome.problem);
    return sendJson(reply.code(202), JSON.stringify({ call: outcome.call }));
  };
}

/** Reports a call that was read of a request, and shows it. @returns its id */
export async function reportCall(
  calls: CallHub,
  domain: DomainContext,
  context: RequestContext,
  { query, call, user }: CallMessage,
): Promise<Answer<{ readonly call: string }>> {
  const { callId, direction, line, state } = call;
  const about = { query, agent: user, source: 'api', callId, direction, line, state } as const;
  const outcome = await domain.reportCall({ ...context, ...about });
  if ('problem' in outcome) return outcome;
  const { recipient, reported } = outcome;
  const target = recipient && { domain: domain.domain, store: domain.storeFile(), ...recipient };
  return { call: publishReport(calls, target, { ...call, source: 'api' }, reported) };
}

/** A call as it was read of a request. */
type CallMessage = Exclude<ReturnType<typeof readCallMessage>, { readonly code: unknown }>;

function fieldsOf(body: unknown): unknown {
  return body instanceof URLSearchParams ? Object.fromEntries(body) : body;
}

/** What JSON cannot have: whoever chooses a part of a form could add a field, and any page may send a form. */
function faultOfForm({ body, headers }: FastifyRequest): ParameterFault | undefined {
  if (!(body instanceof URLSearchParams)) return undefined;
  if (new Set(body.keys()).size !== body.size) return { field: 'body', reason: 'has a field twice' };
  // A browser sends the credentials that it remembers along with it.
  return isOfAPage(headers)
    ? { field: 'body', reason: 'must be JSON in a request of a web page' }
    : undefined;
}

/** No page of ours sends such a form. Without an encrypted connection browsers say `Origin` alone. */
function isOfAPage({ origin, 'sec-fetch-site': site = 'none' }: FastifyRequest['headers']): boolean {
  return site !== 'none' || origin !== undefined;
}

const MAX_USER = 64;
/** No number is longer, however it is written; it is kept as it was sent. */
const MAX_PHONE = 64;

/**
 * Reads the body of `POST /v1/calls`. Numbers may come as text, as PBXs send them.
 *
 * @returns the user's name as it was written, the call, and the query that the card will ask
 */
export function readCallMessage(
  body: unknown,
  { country, settings }: Pick<Numbering, 'country' | 'settings'>,
) {
  if (!isObject(body)) return malformed([{ field: 'body', reason: 'must be an object' }]);
  const { user, phone, lead_id, call_id, direction, line, state } = body;
  const faults = [
    faultOfText('user', user, MAX_USER),
    call_id === undefined ? undefined : faultOfText('call_id', call_id, CALL_TEXTS.callId),
    line === undefined ? undefined : faultOfText('line', line, CALL_TEXTS.line),
    faultOfWord('direction', direction, DIRECTIONS),
    faultOfWord('state', state, CALL_STATES),
    'phone_number' in body && phone === undefined ? NOT_PHONE_NUMBER : undefined,
  ].filter((fault) => fault !== undefined);
  const query = parseQuery(
    { leadId: valueOf(lead_id), phoneNumber: valueOf(phone, MAX_PHONE) },
    country,
    settings,
  );
  if ('code' in query && query.code === 'parameter_malformed')
    faults.push(...query.faults.map(faultNamedHere));
  if (faults.length > 0) return malformed(faults);
  if ('code' in query) return query;
  const call = {
    phone: query.phone?.asSent,
    leadId: query.by === 'lead_id' ? query.leadId : undefined,
    callId: typeof call_id === 'string' ? call_id : undefined,
    direction: DIRECTIONS.find((known) => known === direction),
    line: typeof line === 'string' ? line : undefined,
    state: CALL_STATES.find((known) => known === state) ?? 'ringing',
  };
  return { user: String(user), query, call };
}

function malformed(faults: readonly ParameterFault[]): ProblemOf<'parameter_malformed'> {
  return { code: 'parameter_malformed', faults };
}

const WORDS = new Intl.ListFormat('en', { type: 'disjunction' });

function faultOfWord(field: string, value: unknown, words: readonly string[]): ParameterFault | undefined {
  if (value === undefined || words.some((known) => known === value)) return undefined;
  return { field, reason: `must be ${WORDS.format(words)}` };
}

function faultOfText(field: string, value: unknown, most: number): ParameterFault | undefined {
  if (typeof value !== 'string' || value.trim() === '')
    return { field, reason: 'must be a text that is not empty' };
  if (value.length > most) return { field, reason: `has more than ${most} characters` };
  return /\p{Cc}/u.test(value) ? { field, reason: 'has a control character' } : undefined;
}

/** Null is as if it was not sent. */
function valueOf(value: unknown, most = Infinity): ParameterValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string')
    return value.length <= most ? value : { fault: `has more than ${most} characters` };
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return { fault: 'must be a text or a whole number' };
}
