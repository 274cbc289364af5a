import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Credentials } from '../../auth/principal.ts';
import { type Problem, publicMessage } from '../../core/problem.ts';
import type { CallHub } from '../../events/call-hub.ts';
import { domainContextOf, registerEndpoint } from '../../http/domain-context.ts';
import {
  type EarlyAnswers,
  HTTP_STATUS,
  noteProblem,
  type PrecomputedAnswer,
} from '../../http/problem-answer.ts';
import { strictSearchParamsOf } from '../../http/query-params.ts';
import { isCrossOrigin, requestContextOf } from '../../http/request-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { readCallMessage, reportCall } from '../v1/calls.ts';
import { namedHere, readAuthorization } from '../v1/route.ts';

const TEXT = 'text/plain; charset=utf-8';
const NAMES = ['token', 'user', 'phone', 'phone_number', 'lead_id', 'call_id', 'direction', 'line', 'state'];

/**
 * `GET /pop?token=…&user=…&phone=…`: what `POST /v1/calls` does, for telephone systems and dialers that can only open an
 * address. A token that notifies calls and does nothing else may be in it.
 */
export function registerPop(server: FastifyInstance, domains: DomainResolver, calls: CallHub): void {
  registerEndpoint(server, domains, (app) => {
    app.setErrorHandler((error, request, reply) => sendText(reply, noteProblem(error, request)));
    // A HEAD of a program that looks whether the address is there is no call.
    app.get('/pop', { exposeHeadRoute: false }, (request, reply) => answer(request, reply, calls));
  });
}

const early = (problem: Problem): PrecomputedAnswer => ({
  status: HTTP_STATUS[problem.code],
  type: TEXT,
  body: publicMessage(problem),
});

export const POP_EARLY: EarlyAnswers = {
  targets: /^\/pop(?:[/?]|$)/,
  overload: early({ code: 'overloaded', retryAfterSeconds: 1 }),
  undecodable: early({ code: 'request_unparsable', reason: 'the request has a broken percent-encoding' }),
};

async function answer(request: FastifyRequest, reply: FastifyReply, calls: CallHub): Promise<FastifyReply> {
  const query = strictSearchParamsOf(request);
  const domain = domainContextOf(request);
  // Any page may open an address, with what a browser remembers.
  if (isCrossOrigin(request, request.host, domain.corsOrigins))
    return sendText(reply, { code: 'cross_origin' });
  const credentials = credentialsOf(request, query);
  if (credentials === undefined) return sendText(reply, { code: 'credentials_invalid' });
  const context = requestContextOf(request, { endpoint: 'v1', right: 'calls' }, credentials);
  const read = readMessage(query, domain.numbering());
  if ('code' in read) {
    const caller = await domain.identify(context);
    return sendText(reply, 'problem' in caller ? caller.problem : namedHere(read));
  }
  const outcome = await reportCall(calls, domain, context, read);
  if ('problem' in outcome) return sendText(reply, outcome.problem);
  return reply.code(200).type(TEXT).send('ok');
}

/** The Authorization header takes precedence over the address. */
function credentialsOf({ headers }: FastifyRequest, query: URLSearchParams): Credentials | undefined {
  const [token = ''] = query.getAll('token');
  const inUrl = token === '' ? undefined : ({ kind: 'token', secret: token, inUrl: true } as const);
  return readAuthorization(headers.authorization) ?? inUrl;
}

/** What is empty was not sent: a dialer fills its variables in where it has values. */
function readMessage(query: URLSearchParams, numbering: Parameters<typeof readCallMessage>[1]) {
  const names = [...query.keys()];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return malformed(twice, 'must be one value');
  const other = names.find((name) => !NAMES.includes(name));
  if (other !== undefined) return malformed(other, `is unknown here; /pop takes ${NAMES.join(', ')}`);
  const { phone_number: dialled, ...sent } = Object.fromEntries(
    [...query].filter(([name, value]) => value !== '' && name !== 'token'),
  );
  const phone = sent.phone ?? dialled;
  const user = sent.user ?? '';
  return readCallMessage({ ...sent, ...(phone !== undefined && { phone }), user }, numbering);
}

function malformed(field: string, reason: string) {
  return { code: 'parameter_malformed', faults: [{ field: field.slice(0, 50), reason }] } as const;
}

function sendText(reply: FastifyReply, problem: Problem): FastifyReply {
  if ('retryAfterSeconds' in problem) void reply.header('retry-after', String(problem.retryAfterSeconds));
  return reply.code(HTTP_STATUS[problem.code]).type(TEXT).send(publicMessage(problem));
}
