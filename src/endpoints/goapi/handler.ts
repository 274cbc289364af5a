import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { writeMatches } from '../../core/lead.ts';
import { ProblemError, type Problem } from '../../core/problem.ts';
import { isNoLead, type ParameterValue } from '../../core/query.ts';
import { createCors, type Cors } from '../../http/cors.ts';
import { resolveDomain } from '../../http/domain-context.ts';
import type { DomainContext, DomainResolver } from '../../service/services.ts';
import type { RequestHandler } from '../../http/listener.ts';
import { ANSWER_HEADERS, fallbackAnswer, noteProblem } from '../../http/problem-answer.ts';
import { isCrossOrigin, queryTextOf, requestProblem, type ClientReader } from '../../http/request-context.ts';
import type { Log } from '../../observe/log.ts';
import { ACTION_MISSING, answerFor, RESPONSETYPE_UNKNOWN, type GoapiAnswer } from './answers.ts';
import { bodyReaderOf } from './body.ts';
import { AGENT_PATH, answerOther, LEADS_PATH, USERS_PATH } from './other-actions.ts';
import { mergeParams, readPairs, type Params } from './params.ts';
import {
  CONTENT_TYPES,
  formatOf,
  formatOfTarget,
  renderAnswer,
  renderCustomer,
  renderEnvelope,
  type Format,
} from './render.ts';

/** The documented address, and the one of the documented POST example. */
export const GOAPI_PATHS = [AGENT_PATH, '/goAPIv2/goReports/goAPI.php'] as const;

/** The lookup answers at each; other actions at one alone (other-actions.ts). */
const PATHS = [...GOAPI_PATHS, LEADS_PATH, USERS_PATH];

const METHODS = 'GET, POST';

/** What a web page of a named origin may read beside the body. */
const EXPOSED_HEADERS = ['Callercard-Phone-Match', 'Callercard-Matches', 'Retry-After'] as const;

/** The actions that look a customer up: goAPIv2's own name, and the one of the documented table and second example. */
export const LOOKUP_ACTIONS: ReadonlySet<string> = new Set(['goGetCustomerInfo', 'agent_summary_stats']);

/** The documented name, the documented misspelling of it, and goAPIv2's. */
const LEAD_ID_NAMES = ['lead_id', 'leed_id', 'goLeadID'] as const;

/** Names, in lower case, and values alternate, as Node writes them fastest. */
type Headers = readonly string[];

const CLOSE: Headers = ['connection', 'close'];
const NO_HEADERS: Headers = [];
/** Before all others. */
const FIRST_HEADERS = headersOf(ANSWER_HEADERS);

/** Whether a target leads here. Paths compare exactly once they are decoded, as in Fastify's router. */
export function isGoapiTarget(target: string): boolean {
  if (PATHS.some((path) => target.startsWith(path) && isPathEnd(target[path.length]))) return true;
  // Nearly every target is as documented, or begins as that of another endpoint.
  if (!target.includes('%') && target.startsWith('/')) return false;
  try {
    return PATHS.includes(pathOf(target));
  } catch {
    return false;
  }
}

/** @throws {URIError} it cannot be decoded */
function pathOf(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?#]*(?=\/)/i, '').split(/[?#]/, 1);
  return decodeURI(path);
}

function isPathEnd(next: string | undefined): boolean {
  return next === undefined || next === '?' || next === '#';
}

export interface GoapiOptions {
  readonly domains: DomainResolver;
  readonly clients: ClientReader;
  readonly nextRequestId: () => string;
  readonly exceedsPipelining: (socket: Socket) => boolean;
  /** For what nobody expected. */
  readonly log: Log;
}

/** An answer before it is sent. */
interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined: a preflight's. */
  readonly body: string | undefined;
}

/** The documented protocol: existing clients of goAPIv2's Get Customer Information. Every request to its paths comes here. */
export function createGoapiHandler(options: GoapiOptions): RequestHandler {
  const { domains, clients, nextRequestId, exceedsPipelining, log } = options;
  const cors = createCors(EXPOSED_HEADERS);

  async function answer(request: IncomingMessage, requestId: string): Promise<Reply> {
    const problem = requestProblem(request, exceedsPipelining(request.socket));
    if (problem !== undefined) return refusal(request, problem, CLOSE);
    const host = clients.hostOf(request);
    const domain = domains.only ?? resolveDomain(domains, request, host);
    if ('code' in domain) {
      return domain.code === 'route_unknown' ? unknownHost() : refusal(request, domain, CLOSE);
    }
    const { corsOrigins } = domain;
    const headers =
      corsOrigins.size === 0 ? NO_HEADERS : headersOf(cors.headers(corsOrigins, request.headers));
    const { method } = request;
    if (method !== 'GET' && method !== 'POST') return answerOtherMethod(cors, request, domain, headers);
    // Before anything is counted: a page must not lock users, nor look up customers with what a browser knows.
    if (isCrossOrigin(request, host, corsOrigins)) {
      cors.noteRefused(request.headers, log);
      return refusal(request, { code: 'cross_origin' }, [...headers, ...CLOSE]);
    }
    const params = method === 'GET' ? readQuery(request, domain) : await readForm(request, domain);
    if ('problem' in params) {
      const known = noteProblem(params.problem, { log, id: requestId });
      return refusal(request, known, params.mayLeaveBodyUnread ? [...headers, ...CLOSE] : headers);
    }
    const client = { requestId, address: clients.addressOf(request) };
    return await act(request, params.params, domain, client, headers);
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = nextRequestId();
    try {
      let reply: Reply;
      try {
        reply = await answer(request, id);
      } catch (error) {
        reply = refusal(request, noteProblem(error, { log, id }));
      }
      send(response, reply);
    } catch (error) {
      noteProblem(error, { log, id });
      response.destroy();
    }
  }

  return (request, response) => void respond(request, response);
}

function headersOf(headers: Readonly<Record<string, string>>): Headers {
  return Object.entries(headers).flat();
}

/** A preflight, or a method that is not allowed. */
function answerOtherMethod(
  cors: Cors,
  request: IncomingMessage,
  { corsOrigins }: DomainContext,
  headers: Headers,
): Reply {
  const preflight = cors.preflightHeaders(corsOrigins, request, METHODS);
  return preflight === undefined
    ? refusal(request, { code: 'method_not_allowed' }, [...headers, 'allow', METHODS])
    : { status: 204, headers: [...headers, ...headersOf(preflight)], body: undefined };
}

type ReadParams =
  | { readonly params: Params }
  /** Where the body may be unread, what follows on the connection may be a part of it. */
  | { readonly problem: unknown; readonly mayLeaveBodyUnread: boolean };

/** The parameters of a GET. */
function readQuery({ url = '' }: IncomingMessage, domain: DomainContext): ReadParams {
  try {
    const params = readPairs(queryTextOf(url));
    refuseCredentials(params, domain);
    return { params };
  } catch (problem) {
    return { problem, mayLeaveBodyUnread: false };
  }
}

/** The parameters of a POST: of its query and its body. */
async function readForm(request: IncomingMessage, domain: DomainContext): Promise<ReadParams> {
  const queryText = queryTextOf(request.url ?? '');
  let mayLeaveBodyUnread = false;
  try {
    if (domain.queryCredentials !== 'allow') refuseCredentials(readPairs(queryText), domain);
    const readBody = bodyReaderOf(request, queryText);
    mayLeaveBodyUnread = true;
    const body = await readBody?.();
    mayLeaveBodyUnread = false;
    return { params: mergeParams(readPairs(queryText), body) };
  } catch (problem) {
    return { problem, mayLeaveBodyUnread };
  }
}

/**
 * Credentials in the URL, where they are not allowed, are refused before the body is read and a login is counted: they fail
 * also with the right password.
 */
function refuseCredentials(query: Params, { queryCredentials }: DomainContext): void {
  if (queryCredentials === 'allow' || !(query.has('goUser') || query.has('goPass'))) return;
  throw new ProblemError({ code: 'credentials_in_url' });
}

/** The lookup, or another action. */
async function act(
  { method, url = '' }: IncomingMessage,
  params: Params,
  domain: DomainContext,
  client: { readonly requestId: string; readonly address: string },
  headers: Headers,
): Promise<Reply> {
  const format = formatOf(params.get('responsetype'));
  if (format === undefined) {
    return replyWith('text/plain; charset=utf-8', RESPONSETYPE_UNKNOWN, headers);
  }
  const action = params.get('goAction');
  if (action === undefined || action === '') return envelope(ACTION_MISSING, format, undefined, headers);
  if (typeof action !== 'string') {
    const faults = [{ field: 'goAction', reason: action.fault }];
    return envelope(answerFor({ code: 'parameter_malformed', faults }), format, undefined, headers);
  }
  const context = {
    endpoint: 'goapi',
    ...client,
    credentials: { kind: 'user', name: textOf(params.get('goUser')), password: textOf(params.get('goPass')) },
  } as const;
  if (!LOOKUP_ACTIONS.has(action)) {
    const answer = await answerOther(action, { method, path: pathOf(url) }, { params, domain, context });
    return 'content' in answer
      ? replyWith(CONTENT_TYPES[format], renderAnswer(answer.content, format, action), headers)
      : envelope(answer, format, action, headers);
  }
  const outcome = await domain.lookup({
    ...context,
    right: 'read',
    parameters: { leadId: leadIdOf(params), phoneNumber: params.get('phone_number') },
  });
  if ('problem' in outcome) return envelope(answerFor(outcome.problem), format, action, headers);
  const { result, phoneMatch } = outcome;
  const all = [...headers];
  if (phoneMatch !== undefined) all.push('callercard-phone-match', phoneMatch);
  if (result.foundBy !== undefined) all.push('callercard-matches', writeMatches(result.foundBy.matches));
  return replyWith(CONTENT_TYPES[format], renderCustomer(result, format, action), all);
}

/** Before the parameters are known: in the format that the target names. */
function refusal({ url = '' }: IncomingMessage, problem: Problem, headers = NO_HEADERS): Reply {
  return envelope(answerFor(problem), formatOfTarget(url), undefined, headers);
}

/** @param action what the caller sent; undefined when it sent none */
function envelope(
  { status, envelope: content, retryAfterSeconds, allow }: GoapiAnswer,
  format: Format,
  action: string | undefined,
  headers: Headers,
): Reply {
  const retry = retryAfterSeconds === undefined ? [] : ['retry-after', String(retryAfterSeconds)];
  const methods = allow === undefined ? [] : ['allow', allow];
  const body = renderEnvelope(content, format, action);
  return replyWith(CONTENT_TYPES[format], body, [...headers, ...retry, ...methods], status);
}

/** A host that no domain has is answered as any unknown path is. */
function unknownHost(): Reply {
  const { type, body } = fallbackAnswer(404);
  return replyWith(type, body, NO_HEADERS, 404);
}

function replyWith(type: string, body: string, headers: Headers, status = 200): Reply {
  return { status, headers: [...headers, 'content-type', type], body };
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  const length = body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))];
  response.writeHead(status, [...FIRST_HEADERS, ...headers, ...length]);
  response.end(body);
}

/** One text; a list or an object is as if nothing was sent. */
function textOf(value: ParameterValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Of the names that it may have, the first with a lead. */
function leadIdOf(params: Params): ParameterValue | undefined {
  for (const name of LEAD_ID_NAMES) {
    const value = params.get(name);
    if (value !== undefined && value !== '' && !isNoLead(value)) return value;
  }
  return undefined;
}
