import type { FastifyRequest } from 'fastify';

import { makeCallId } from '../../events/call.ts';
import type { CallHub } from '../../events/call-hub.ts';
import { deskOf } from '../../http/domain-context.ts';
import type { ParameterFault } from '../../core/problem.ts';
import { askedBy, refuse, sendJson, type Handler } from './route.ts';
import { sendProblem } from './problem-answer.ts';
import { readCallMessage } from './call-message.ts';

/**
 * `POST /v1/calls`: a dialer or a PBX tells that a call is at somebody's desk. Whoever may use the API may tell it for any user
 * of the domain: the card then asks for the lead with that user's own rights, so nothing is shown that it may not see. Who told
 * which call is written down.
 */
export function answerCall(calls: CallHub): Handler {
  return async (request, reply) => {
    const desk = deskOf(request);
    const fault = faultOfForm(request);
    const message =
      fault === undefined
        ? readCallMessage(fieldsOf(request.body), desk.numbering().country)
        : ({ code: 'parameter_malformed', faults: [fault] } as const);
    if ('code' in message) return refuse(request, reply, message);
    const { question, call, user: agent } = message;
    const told = await desk.tellCall({ ...askedBy(request), question, agent });
    if ('problem' in told) return sendProblem(reply, told.problem);
    // Nothing is kept for somebody whom there is not, and nobody learns of that.
    const { id } =
      told.recipient === undefined
        ? { id: makeCallId() }
        : calls.post({ domain: desk.domain, user: told.recipient }, call);
    return sendJson(reply.code(202), JSON.stringify({ call: id }));
  };
}

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
