import { setTimeout } from 'node:timers/promises';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { ProblemCode } from '../../core/problem.ts';
import type { LookupOutcome } from '../../service/work.ts';
import { registerEndpoint, domainContextOf } from '../../http/domain-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { type EarlyAnswers, noteProblem, type PrecomputedAnswer } from '../../http/problem-answer.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import { isCrossOrigin, requestContextOf } from '../../http/request-context.ts';
import type { Credentials } from '../../auth/principal.ts';
import { readAuthorization } from '../v1/route.ts';
import { callerHash, callerName, hashOf, shownText } from './shown-name.ts';

const TEXT = 'text/plain; charset=utf-8';
/** FreeSWITCH gives up after 2 s and holds the call until then; the network takes some of that. */
const TIMEOUT_MS = 1_200;

/**
 * `GET /v1/caller-id?phone=…`: the caller's name and nothing else, or nothing. The token may be in the path or the query here
 * alone: most telephones can send no header. They show any body as the name and ignore the status; so every failure is an
 * empty answer, and its reason is in the log.
 */
export function registerCallerId(server: FastifyInstance, domains: DomainResolver): void {
  registerEndpoint(server, domains, (app) => {
    app.setErrorHandler((error, request, reply) => {
      noteProblem(error, request);
      return send(reply, '');
    });
    const paths = ['/v1/caller-id', '/v1/caller-id/:token'];
    for (const path of paths) app.get(path, answer);
    // Whatever else is asked for there is no name either; nothing of it is read.
    const silence = (_request: FastifyRequest, reply: FastifyReply) => send(reply, '');
    const rest = {
      onRequest: async (request: FastifyRequest, reply: FastifyReply) => silence(request, reply),
    };
    const method = app.supportedMethods.filter((name) => name !== 'GET');
    for (const url of paths) app.route({ method, url, ...rest, handler: silence });
    app.route({ method: app.supportedMethods, url: '/v1/caller-id/:token/*', ...rest, handler: silence });
  });
}

/** With slashes too many: FreePBX puts one between host and path, and its help shows another one before the path. */
const PATH = /^\/+v1\/+caller-id(?=[/?]|$)/;

/** The target as the routes above have it; every other one as it is. */
export function callerIdTarget(target: string): string {
  return target.replace(PATH, '/v1/caller-id');
}

const EMPTY: PrecomputedAnswer = { status: 200, type: TEXT, body: '' };

export const CALLER_ID_EARLY: EarlyAnswers = {
  targets: PATH,
  overload: EMPTY,
  undecodable: EMPTY,
};

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = searchParamsOf(request);
  const credentials = credentialsOf(request, query);
  const domain = domainContextOf(request);
  if (credentials === undefined || isCrossOrigin(request, request.host, domain.corsOrigins)) {
    return send(reply, '');
  }
  const lookup = domain.lookup({
    ...requestContextOf(request, { endpoint: 'caller-id', right: 'caller-id' }, credentials),
    parameters: { phoneNumber: query.get('phone') ?? undefined },
  });
  const outcome = await Promise.race([lookup, setTimeout(TIMEOUT_MS, undefined, { ref: false })]);
  return send(reply, outcome === undefined ? '' : writeAnswer(outcome, query));
}

/** Nobody has the number, or it is none: `anonymous`. */
const NOBODY: readonly ProblemCode[] = ['phone_not_found', 'parameter_malformed', 'parameters_missing'];

function writeAnswer(outcome: LookupOutcome, query: URLSearchParams): string {
  const display = { isAscii: query.get('ascii') === '1' };
  const isHash = query.get('format') === 'hash';
  const fallback = shownText(query.get('fallback') ?? '', display);
  if (!('problem' in outcome)) {
    const name = callerName(outcome.result.lead, display) || fallback;
    return isHash ? callerHash(outcome.result, name, display) : name;
  }
  if (!NOBODY.includes(outcome.problem.code)) return '';
  return isHash ? hashOf({ name: fallback }) : fallback;
}

function send(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(200).type(TEXT).send(text);
}

/** The Authorization header takes precedence over the URL. */
function credentialsOf({ headers, params }: FastifyRequest, query: URLSearchParams): Credentials | undefined {
  const { token: inPath = '' } = params as { readonly token?: string };
  const token = inPath === '' ? query.get('token') : inPath;
  const inUrl =
    token === null || token === '' ? undefined : ({ kind: 'token', secret: token, inUrl: true } as const);
  return readAuthorization(headers.authorization) ?? inUrl;
}
