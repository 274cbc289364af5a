import { isUtf8 } from 'node:buffer';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { type Problem, ProblemError } from '../../core/problem.ts';
import { createCors } from '../../http/cors.ts';
import { domainContextOf, registerEndpoint } from '../../http/domain-context.ts';
import { type EarlyAnswers, HTTP_STATUS, noteProblem } from '../../http/problem-answer.ts';
import { strictSearchParams, strictSearchParamsOf } from '../../http/query-params.ts';
import { callerAddress, isCrossOrigin } from '../../http/request-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { addLead } from './add-lead.ts';
import { type ApiFunction, credentialsIn } from './function-request.ts';
import { leadAllInfo } from './lead-all-info.ts';
import { leadSearch } from './lead-search.ts';
import { type Asked, problemLine, repeated } from './plain-text.ts';
import { updateLead } from './update-lead.ts';

/** The dialer's own address, and the one under which the vendor documents `add_lead`. */
export const NON_AGENT_PATHS = ['/vicidial/non_agent_api.php', '/API/lmapi.php'] as const;
const [, LOAD_PATH] = NON_AGENT_PATHS;

const FUNCTIONS: ReadonlyMap<string, ApiFunction> = new Map<string, ApiFunction>([
  ['add_lead', addLead],
  ['update_lead', updateLead],
  ['lead_search', leadSearch],
  ['lead_all_info', leadAllInfo],
]);

const METHODS = 'GET, POST';
const TEXT = 'text/plain; charset=utf-8';

export const NON_AGENT_EARLY: EarlyAnswers = {
  targets: /^\/(?:vicidial\/non_agent_api|API\/lmapi)\.php(?:[/?]|$)/,
  overload: {
    type: TEXT,
    body: bodyOf([problemLine({ code: 'overloaded', retryAfterSeconds: 1 }, nobody())]),
  },
};

/** Those functions of VICIdial's non-agent API that concern leads, in its plain text. Outcomes have the status 200, as there. */
export function registerNonAgent(server: FastifyInstance, domains: DomainResolver): void {
  const cors = createCors(['Retry-After']);
  registerEndpoint(server, domains, (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'buffer' },
      (_request, body, done) => done(null, body),
    );
    app.addHook('onRequest', (request, reply, next) => {
      const { corsOrigins } = domainContextOf(request);
      void reply.headers(cors.headers(corsOrigins, request.headers));
      if (request.method !== 'GET' && request.method !== 'POST') {
        const preflight = cors.preflightHeaders(corsOrigins, request.raw, METHODS);
        if (preflight !== undefined) void reply.code(204).headers(preflight).send();
        else sendProblem(reply.header('allow', METHODS), { code: 'method_not_allowed' });
        // Before anything is counted: a page must not lock users, nor change leads with what a browser knows.
      } else if (isCrossOrigin(request, request.host, corsOrigins)) {
        cors.noteRefused(request.headers, request.log);
        sendProblem(reply.header('connection', 'close'), { code: 'cross_origin' });
      } else next();
    });
    app.setErrorHandler((error, request, reply) => sendProblem(reply, noteProblem(error, request)));
    for (const url of NON_AGENT_PATHS) app.route({ method: app.supportedMethods, url, handler: answer });
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const domain = domainContextOf(request);
  const query = strictSearchParamsOf(request);
  const isInUrl = query.has('user') || query.has('pass');
  if (isInUrl && domain.queryCredentials === 'refuse') {
    return sendProblem(reply, { code: 'credentials_in_url' });
  }
  const params = mergeParams(query, formOf(request.body));
  const isLoad = request.routeOptions.url === LOAD_PATH;
  const sentName = params.get('function') ?? '';
  const name = sentName === '' && isLoad ? 'add_lead' : sentName;
  const asked = { name, user: repeated(params.get('user') ?? '') };
  const run = FUNCTIONS.get(name);
  if (run === undefined) return sendLines(reply, ['ERROR: NO FUNCTION SPECIFIED']);
  const answered = await run({
    domain,
    asked,
    params,
    context: {
      endpoint: 'goapi',
      requestId: request.id,
      address: callerAddress(request),
      credentials: credentialsIn(params),
    },
  });
  return 'problem' in answered ? sendProblem(reply, answered.problem, asked) : sendLines(reply, answered);
}

function nobody(): Asked {
  return { name: '', user: '' };
}

/** @throws {ProblemError} it is no UTF-8, cannot be decoded, or has too many parameters */
function formOf(body: unknown): URLSearchParams {
  if (!Buffer.isBuffer(body)) return new URLSearchParams();
  if (!isUtf8(body)) {
    throw new ProblemError({ code: 'request_unparsable', reason: 'the request has bytes that are no UTF-8' });
  }
  return strictSearchParams(body.toString());
}

/** As PHP reads them: the last of a repeated name counts. What stands in the URL wins over the body. */
function mergeParams(query: URLSearchParams, body: URLSearchParams): ReadonlyMap<string, string> {
  return new Map([...body, ...query].map(([name, value]) => [name.trimStart().replace(/[ .]/g, '_'), value]));
}

/** Outcomes of the protocol; what happens around it has a status of HTTP's. */
const OUTCOMES: ReadonlySet<Problem['code']> = new Set<Problem['code']>([
  'credentials_invalid',
  'locked_out',
  'api_not_allowed',
  'parameters_missing',
  'parameter_malformed',
  'lead_not_found',
  'phone_not_found',
  'list_not_found',
  'read_only_store',
  'number_taken',
  'changed_meanwhile',
  'precondition_required',
]);

function sendProblem(reply: FastifyReply, problem: Problem, asked = nobody()): FastifyReply {
  if ('retryAfterSeconds' in problem) void reply.header('retry-after', String(problem.retryAfterSeconds));
  const status = OUTCOMES.has(problem.code) ? 200 : HTTP_STATUS[problem.code];
  return sendLines(reply.code(status), [problemLine(problem, asked)]);
}

function sendLines(reply: FastifyReply, lines: readonly string[]): FastifyReply {
  return reply.type(TEXT).send(bodyOf(lines));
}

function bodyOf(lines: readonly string[]): string {
  return lines.map((one) => `${one}\n`).join('');
}
