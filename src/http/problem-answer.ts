import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { causeOf, type Problem, type ProblemCode, ProblemError } from '../core/problem.ts';
import { LIMITS } from './limits.ts';
import { STATUS_CODES } from './node-http.ts';

/** The problem that a thrown error means to the caller; the error's text never leaves this process. */
function problemOf(error: unknown, bodyBytes: number): Problem {
  if (error instanceof ProblemError) return error.problem;
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return { code: 'request_too_large', reason: `the body is larger than ${bodyBytes / 1024} KiB` };
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return { code: 'body_type_unknown' };
  if (typeof code === 'string' && /^FST_ERR_CTP_(?:INVALID_JSON|EMPTY_JSON)_BODY$/.test(code)) {
    return { code: 'request_unparsable', reason: 'its body is no valid JSON' };
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return { code: 'request_unparsable', reason: 'it is not what HTTP allows' };
  }
  return { code: 'internal', cause: error };
}

/** The problem behind an unexpected error; our own faults are logged with their cause. */
export function noteProblem(
  error: unknown,
  request: Pick<FastifyRequest, 'log' | 'id'> & Partial<Pick<FastifyRequest, 'routeOptions'>>,
): Problem {
  const problem = problemOf(error, request.routeOptions?.bodyLimit ?? LIMITS.bodyBytes);
  const cause = causeOf(problem);
  if (cause !== undefined) request.log.error({ err: cause, requestId: request.id }, 'a request failed');
  return problem;
}

/** The HTTP status of each problem, for endpoints that have no other way to say it. */
export const HTTP_STATUS = {
  route_unknown: 404,
  method_not_allowed: 405,
  credentials_in_url: 400,
  cross_origin: 403,
  request_unparsable: 400,
  request_too_large: 413,
  url_too_long: 414,
  body_type_unknown: 415,
  rate_limited: 429,
  overloaded: 503,
  store_unavailable: 503,
  audit_unavailable: 503,
  internal: 500,
  credentials_invalid: 401,
  locked_out: 429,
  api_not_allowed: 403,
  parameters_missing: 400,
  parameter_malformed: 400,
  lead_not_found: 404,
  phone_not_found: 404,
  list_not_found: 404,
  several_people: 409,
  every_list_needed: 403,
  change_not_found: 404,
  call_not_found: 404,
  import_not_found: 404,
  import_refused: 409,
  text_search_unavailable: 409,
  read_only_store: 409,
  number_taken: 409,
  list_exists: 409,
  changed_meanwhile: 412,
  precondition_required: 428,
  undo_conflict: 409,
  idempotency_key_reused: 422,
} as const satisfies Readonly<Record<ProblemCode, number>>;

/** On every answer, errors included: nobody stores personal data, sniffs its type or passes its address on. */
export const ANSWER_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** An answer that is prepared once. */
export interface PrecomputedAnswer {
  /** 503 if not given. */
  readonly status?: number;
  readonly type: string;
  readonly body: string;
}

/** What an endpoint answers without asking a handler. */
export interface EarlyAnswers {
  /** The targets that are its own. */
  readonly targets: RegExp;
  /** To a request that is shed. */
  readonly overload: PrecomputedAnswer;
  /** To a target that cannot be decoded, where it has words of its own for it. */
  readonly undecodable?: PrecomputedAnswer;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Says the name of the status, and with a hint what would do. */
export function fallbackAnswer(status: number, hint?: string): PrecomputedAnswer {
  const name = STATUS_CODES[status];
  return {
    status,
    type: JSON_TYPE,
    body: JSON.stringify({ result: 'error', message: hint === undefined ? name : `${name}: ${hint}` }),
  };
}

/**
 * An answer for what no endpoint has answered; the cause goes to the log.
 *
 * @param words those of the endpoint that it was for
 */
export function answerFallback(error: unknown, reply: FastifyReply, words?: PrecomputedAnswer): void {
  const { [noteProblem(error, reply.request).code]: known } = HTTP_STATUS;
  const { type, body, status = known } = words ?? fallbackAnswer(known);
  void reply.code(status).headers(ANSWER_HEADERS).type(type).send(body);
}

/** `Expect` with anything but `100-continue`. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { body } = fallbackAnswer(417);
  response.writeHead(417, fallbackHeaders(body));
  response.end(body);
}

/** Answers on the bare connection what could not be parsed, and ends it. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  // Without a finished TLS handshake no answer can be sent.
  const isHandshake = /^ERR_(?:SSL|TLS)_/.test(error.code ?? '');
  if (error.code === 'ECONNRESET' || isHandshake || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = brokenStatus(error.code);
  const { body } = fallbackAnswer(status);
  const lines = Object.entries(fallbackHeaders(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  // A client that keeps its side open would hold the connection for ever.
  const linger = setTimeout(() => socket.destroy(), LIMITS.lingerMs).unref();
  socket.once('close', () => clearTimeout(linger));
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
