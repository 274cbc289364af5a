import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { userIdentity } from '../access/user-name.ts';
import type { CallHub } from '../calls/call-hub.ts';
import { callerAddress } from '../http/caller-address.ts';
import { addDesks, deskOf, type Desks } from '../http/desks.ts';
import { noteProblem } from '../http/http-problem.ts';
import { readAuthorization } from './authorization.ts';
import { sendProblem } from './problem-answer.ts';
import { readCallMessage } from './told-call.ts';

/** A name, a number and an id are far below. */
const FORM_BYTES = 8 * 1024;

/**
 * `POST /v1/calls`: a dialer or a PBX tells that a call is at somebody's desk. Whoever may use the API may tell it for any user
 * of the domain: the card then asks for the lead with that user's own rights, so nothing is shown that it may not see.
 */
export function registerCalls(server: FastifyInstance, desks: Desks, calls: CallHub): void {
  void server.register((door, _options, done) => {
    door.removeContentTypeParser('text/plain');
    // Asterisk's CURL() sends forms, and its dialplan takes the quotes of JSON away.
    door.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: FORM_BYTES },
      (_request, body, parsed) => parsed(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    addDesks(door, desks);
    door.setErrorHandler((error, request, reply) => sendProblem(reply, noteProblem(error, request)));
    door.all('/v1/calls', (request, reply) => take(request, reply, calls));
    done();
  });
}

async function take(request: FastifyRequest, reply: FastifyReply, calls: CallHub): Promise<FastifyReply> {
  if (request.method !== 'POST') {
    return sendProblem(reply.header('allow', 'POST'), { code: 'method_not_allowed' });
  }
  const asker = readAuthorization(request.headers.authorization);
  if (asker === undefined) return sendProblem(reply, { code: 'credentials_invalid' });
  const desk = deskOf(request);
  const address = callerAddress(request);
  const caller = await desk.identify({ door: 'api', requestId: request.id, address, asker });
  if ('problem' in caller) return sendProblem(reply, caller.problem);
  const message = readCallMessage(request.body, desk.numbering().country);
  if ('code' in message) return sendProblem(reply, message);
  const { id } = calls.post({ domain: desk.domain, user: userIdentity(message.user) }, message.call);
  return reply
    .code(202)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ call: id }));
}
