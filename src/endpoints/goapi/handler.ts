import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { callerAddress } from '../../http/request-context.ts';
import { createCors, type Cors } from '../../http/cors.ts';
import { addDomainContext, domainContextOf, type DomainResolver } from '../../http/domain-context.ts';
import { noteProblem } from '../../http/problem-answer.ts';
import { queryTextOf } from '../../http/query-params.ts';
import type { Problem } from '../../core/problem.ts';
import { answerRequest, formatOfTarget, writeAnswer, type WrittenAnswer } from './request.ts';
import { answerFor } from './answers.ts';
import { addBodyParsers } from './body.ts';
import { mergeParams, readPairs, type Params } from './params.ts';

/** The documented address, and the one of the document's POST example. Both do the same. */
export const GOAPI_PATHS = ['/goAPIv2/goAgent/goAPI.php', '/goAPIv2/goReports/goAPI.php'] as const;

const METHODS = 'GET, POST';

/** What a web page of a named origin may read beside the body. */
const EXPOSED_HEADERS = ['Callercard-Phone-Match', 'Callercard-Matches', 'Retry-After'] as const;

/** The door of the documented protocol: existing clients of goAPIv2's Get Customer Information. */
export function registerGoapi(server: FastifyInstance, desks: DomainResolver): void {
  const cors = createCors(EXPOSED_HEADERS);
  void server.register((door, _options, done) => {
    addBodyParsers(door);
    addDomainContext(door, desks);
    door.addHook('onRequest', (request, reply, next) => {
      cors.allow(domainContextOf(request).corsOrigins, request, reply);
      if (request.method !== 'GET' && request.method !== 'POST') refuseMethod(request, reply, cors);
      else if (hasForbiddenCredentials(request)) refuse({ code: 'credentials_in_url' }, request, reply);
      else next();
    });
    door.setErrorHandler((error, request, reply) => {
      refuse(noteProblem(error, request), request, reply);
    });
    for (const path of GOAPI_PATHS) door.all(path, handle);
    done();
  });
}

async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = readPairs(queryTextOf(request.raw.url ?? ''));
  const answer = await answerRequest({
    params: mergeParams(query, request.body as Params | undefined | null),
    requestId: request.id,
    address: callerAddress(request),
    lookup: domainContextOf(request).lookup,
  });
  return send(reply, answer);
}

function send(reply: FastifyReply, { status, headers, body }: WrittenAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** Before the parameters are known: in the format that the target names. */
function refuse(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  send(reply, writeAnswer(answerFor(problem), formatOfTarget(request.raw.url ?? ''), undefined));
}

function refuseMethod(request: FastifyRequest, reply: FastifyReply, cors: Cors): void {
  const { corsOrigins } = domainContextOf(request);
  if (request.method === 'OPTIONS' && cors.answerPreflight(corsOrigins, request, reply, METHODS)) return;
  void reply.header('allow', METHODS);
  refuse({ code: 'method_not_allowed' }, request, reply);
}

/**
 * Asked before the body is read and anything is counted, so that the wrong way fails also with the right password.
 *
 * @throws {ProblemError} the query cannot be read
 */
function hasForbiddenCredentials(request: FastifyRequest): boolean {
  if (domainContextOf(request).queryCredentials === 'allow') return false;
  const query = readPairs(queryTextOf(request.raw.url ?? ''));
  return query.has('goUser') || query.has('goPass');
}
