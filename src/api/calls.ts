import { userIdentity } from '../access/user-name.ts';
import type { CallHub } from '../calls/call-hub.ts';
import { deskOf } from '../http/desks.ts';
import { askedBy, sendJson, type Handler } from './door.ts';
import { sendProblem } from './problem-answer.ts';
import { readCallMessage } from './told-call.ts';

/**
 * `POST /v1/calls`: a dialer or a PBX tells that a call is at somebody's desk. Whoever may use the API may tell it for any user
 * of the domain: the card then asks for the lead with that user's own rights, so nothing is shown that it may not see.
 */
export function answerCall(calls: CallHub): Handler {
  return async (request, reply) => {
    const desk = deskOf(request);
    const caller = await desk.identify(askedBy(request));
    if ('problem' in caller) return sendProblem(reply, caller.problem);
    const { body } = request;
    const sent = body instanceof URLSearchParams ? Object.fromEntries(body) : body;
    const message = readCallMessage(sent, desk.numbering().country);
    if ('code' in message) return sendProblem(reply, message);
    const { id } = calls.post({ domain: desk.domain, user: userIdentity(message.user) }, message.call);
    return sendJson(reply.code(202), JSON.stringify({ call: id }));
  };
}
