import type { FastifyRequest } from 'fastify';

import { CALL_TEXTS } from '../../core/call-store.ts';
import { isObject } from '../../core/is-object.ts';
import { readText } from '../../core/lead-patch.ts';
import { COUNTED_MATCHES } from '../../core/lead.ts';
import type { ParameterFault } from '../../core/problem.ts';
import { parseQuery } from '../../core/query.ts';
import { CALL_STATES, type CallState } from '../../core/reported-call.ts';
import type { CallHub } from '../../events/call-hub.ts';
import { aboutKept } from '../../events/publish-report.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { strictSearchParamsOf } from '../../http/query-params.ts';
import type { AskedCalls } from '../../service/read-calls.ts';
import { callResource } from './call-resource.ts';
import { sendProblem } from './problem-answer.ts';
import { readAll, readNoQuery, readPage } from './read-request.ts';
import { contextOf, faultNamedHere, type Handler, namedHere, refuseFaults, sendJson } from './route.ts';

const CHOICES = ['user', 'phone', 'lead_id'] as const;

/** `GET /v1/calls?user=…`, `?phone=…` or `?lead_id=…` */
export const findCalls: Handler = async (request, reply) => {
  const read = readAll(readPage(request, ...CHOICES), readChoice(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const { page, asked } = read;
  const outcome = await domainContextOf(request).readCalls({ ...contextOf(request), asked, page });
  if ('problem' in outcome) return sendProblem(reply, namedHere(outcome.problem));
  const { total, calls } = outcome;
  const isMore = total > COUNTED_MATCHES;
  const shown = {
    total: isMore ? COUNTED_MATCHES : total,
    ...(isMore && { total_relation: 'gte' }),
    ...page,
    calls: calls.map(({ call }) => callResource(call)),
  };
  return sendJson(reply, JSON.stringify(shown));
};

function readChoice(request: FastifyRequest): Readable<{ readonly asked: AskedCalls }> {
  const query = strictSearchParamsOf(request);
  const sent = CHOICES.flatMap((name) => query.getAll(name).map((value) => [name, value] as const));
  const [first, second] = sent;
  if (first === undefined || first[1] === '') {
    return faulty(first?.[0] ?? 'user', 'is missing; send user, phone or lead_id with a value');
  }
  if (second !== undefined)
    return faulty(second[0], `may not stand beside ${first[0]}; send one of them, once`);
  const [name, value] = first;
  if (name === 'user') return { asked: { user: value } };
  if (name === 'phone') return { asked: { phone: value } };
  const parsed = parseQuery({ leadId: value }, domainContextOf(request).numbering().country);
  if ('by' in parsed && parsed.by === 'lead_id') return { asked: { leadId: parsed.leadId } };
  const faults = 'faults' in parsed ? parsed.faults.map(faultNamedHere) : [];
  return faults.length > 0 ? { faults } : faulty('lead_id', 'must not be zero');
}

type Readable<Value> = Value | { readonly faults: readonly ParameterFault[] };

function faulty(field: string, reason: string) {
  return { faults: [{ field, reason }] };
}

/** `PATCH /v1/calls/{call}`: open cards that show the call follow. */
export function changeCall(calls: CallHub): Handler {
  return async (request, reply) => {
    const read = readAll(readNoQuery(request), readPatch(request.body));
    if ('faults' in read) return refuseFaults(request, reply, read);
    const { call: callId } = request.params as { readonly call: string };
    const domain = domainContextOf(request);
    const { patch } = read;
    const outcome = await domain.changeCall({ ...contextOf(request), callId: callId.slice(0, 50), ...patch });
    if ('problem' in outcome) return sendProblem(reply, outcome.problem);
    const { call, news, recipient } = outcome;
    if (news !== 'none') {
      calls.publish({ domain: domain.domain, store: domain.storeFile(), ...recipient }, aboutKept(call));
    }
    return sendJson(reply, JSON.stringify({ call: call.callId, state: call.state }));
  };
}

interface CallPatch {
  readonly state?: CallState;
  readonly outcome?: string;
  readonly note?: string;
}

function readPatch(body: unknown): Readable<{ readonly patch: CallPatch }> {
  if (!isObject(body) || Object.keys(body).length === 0) {
    return faulty('body', 'must be a JSON object with state, outcome or note');
  }
  const faults: ParameterFault[] = [];
  const patch: { state?: CallState; outcome?: string; note?: string } = {};
  for (const [field, value] of Object.entries(body)) {
    if (field === 'state') {
      const state = CALL_STATES.find((known) => known === value);
      if (state === undefined) faults.push({ field, reason: 'must be ringing, answered or ended' });
      else patch.state = state;
    } else if (field === 'outcome' || field === 'note') {
      const text = readText(value ?? '', CALL_TEXTS[field]);
      if ('fault' in text) faults.push({ field, reason: text.fault });
      // An empty text counts as none there; here it takes back what was said.
      else patch[field] = typeof text.value === 'string' ? text.value : '';
    } else
      faults.push({
        field: field.slice(0, 50),
        reason: 'is unknown here; a call has state, outcome and note',
      });
  }
  return faults.length > 0 ? { faults } : { patch };
}
