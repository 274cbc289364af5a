import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { causeOf, type Problem, type ProblemCode, ProblemError } from '../core/problem.ts';
import { LIMITS } from './limits.ts';

/** The server library's codes for bodies that are too large or of an unknown kind. */
const TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE';
const UNKNOWN_TYPE = 'FST_ERR_CTP_INVALID_MEDIA_TYPE';

/** What an error thrown on the way to an answer means to the caller; its own text never leaves this process. */
function problemOf(error: unknown, bodyBytes: number): Problem {
  if (error instanceof ProblemError) return error.problem;
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (code === TOO_LARGE) {
    return { code: 'request_too_large', reason: `the body is larger than ${bodyBytes / 1024} KiB` };
  }
  if (code === UNKNOWN_TYPE) return { code: 'body_type_unknown' };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return { code: 'request_unparsable', reason: 'the request cannot be read' };
  }
  return { code: 'internal', cause: error };
}

/** The problem behind an error that no handler expected; a fault of ours goes to the log, with its cause. */
export function noteProblem(
  error: unknown,
  {
    log,
    id,
    routeOptions,
  }: Pick<FastifyRequest, 'log' | 'id'> & Partial<Pick<FastifyRequest, 'routeOptions'>>,
): Problem {
  const problem = problemOf(error, routeOptions?.bodyLimit ?? LIMITS.bodyBytes);
  const cause = causeOf(problem);
  if (cause !== undefined) log.error({ err: cause, requestId: id }, 'a request failed');
  return problem;
}

/** HTTP's status for problems that happen around a protocol. */
export const HTTP_STATUS = {
  route_unknown: 404,
  method_not_allowed: 405,
  credentials_in_url: 400,
  request_unparsable: 400,
  request_too_large: 413,
  url_too_long: 414,
  body_type_unknown: 415,
  rate_limited: 429,
  overloaded: 503,
  store_unavailable: 503,
  audit_unavailable: 503,
  internal: 500,
} as const satisfies Partial<Record<ProblemCode, number>>;

/** Each problem's status at endpoints that say by HTTP's status what the documented protocol says in its answers. */
export const REAL_STATUS = {
  ...HTTP_STATUS,
  credentials_invalid: 401,
  locked_out: 429,
  api_not_allowed: 403,
  parameters_missing: 400,
  parameter_malformed: 400,
  lead_not_found: 404,
  phone_not_found: 404,
  list_not_found: 404,
} as const satisfies Readonly<Record<ProblemCode, number>>;

/** The status where no endpoint has words of its own. */
export function httpStatus(code: ProblemCode): number {
  const statuses: Partial<Record<ProblemCode, number>> = HTTP_STATUS;
  return statuses[code] ?? 500;
}

/** On every answer, errors included: personal data is not kept, not guessed at and not passed on. */
export const ANSWER_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

export function addAnswerHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (_request, reply, done) => {
    reply.headers(ANSWER_HEADERS);
    done();
  });
}

/** An answer that is prepared once. */
export interface PrecomputedAnswer {
  /** 503 if not given. */
  readonly status?: number;
  readonly type: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** The status' own name and no word about the cause. */
export function fallbackAnswer(status: number): PrecomputedAnswer {
  return {
    status,
    type: JSON_TYPE,
    body: JSON.stringify({ result: 'error', message: STATUS_CODES[status] }),
  };
}

/**
 * An answer for what no endpoint has answered; the cause goes to the log.
 *
 * @param words those of the endpoint that it was for
 */
export function answerFallback(error: unknown, reply: FastifyReply, words?: PrecomputedAnswer): void {
  const status = httpStatus(noteProblem(error, reply.request).code);
  const { type, body, status: said = status } = words ?? fallbackAnswer(status);
  void reply.code(said).headers(ANSWER_HEADERS).type(type).send(body);
}

/** `Expect` with anything but `100-continue`. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { body } = fallbackAnswer(417);
  response.writeHead(417, fallbackHeaders(body));
  response.end(body);
}

/** What never became a request: answered on the bare connection, which then ends. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  // Where there is no TLS yet there is nothing to answer on, and whoever let the handshake time out would not hang up.
  const isHandshake =
    error.code?.startsWith('ERR_SSL_') === true || error.code?.startsWith('ERR_TLS_') === true;
  if (error.code === 'ECONNRESET' || isHandshake || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = brokenStatus(error.code);
  const { body } = fallbackAnswer(status);
  const lines = Object.entries(fallbackHeaders(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

function brokenStatus(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

function fallbackHeaders(body: string): Record<string, string> {
  const length = String(Buffer.byteLength(body));
  return { ...ANSWER_HEADERS, 'content-type': JSON_TYPE, 'content-length': length, connection: 'close' };
}
