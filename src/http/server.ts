import { randomBytes } from 'node:crypto';
import { METHODS, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';

import { causeOf } from '../access/lookup-event.ts';
import { ProblemError } from '../lead/problem.ts';
import { addAnswerHeaders, ANSWER_HEADERS } from './answer-headers.ts';
import { httpStatus, problemOf } from './http-problem.ts';
import type { Log } from './log.ts';

/** Limits of one request; beyond them it is refused before any password is hashed or any row is read. */
export const LIMITS = {
  headerBytes: 16 * 1024,
  urlBytes: 8 * 1024,
  bodyBytes: 64 * 1024,
  /** A request must be there in full by then. */
  requestMs: 10_000,
  headersMs: 8_000,
  /** How often Node looks for connections that are over the two limits above. */
  checkMs: 1_000,
  keepAliveMs: 65_000,
} as const;

/**
 * The HTTP server without its doors: limits, headers, request ids and last-resort answers.
 *
 * @param trustedProxies addresses whose `X-Forwarded-For` counts
 */
export function createServer(log: Log, trustedProxies: readonly string[]): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = log;
  const server = fastify({
    loggerInstance,
    // No logger of its own for each request: log lines carry the request's id where they need it.
    childLoggerFactory: (logger) => logger,
    // The library's own request log would write the query, and with it the password.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: createRequestIds(),
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    // While closing, what was accepted is still answered.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 100 },
    http: {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersMs,
      connectionsCheckingInterval: LIMITS.checkMs,
    },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, _request, reply) => {
      void reply.headers(ANSWER_HEADERS);
      answerLastResort(error, reply);
    },
  });
  // The doors answer every method there is, if only by saying that it is not allowed.
  const unknown = METHODS.filter(
    (method) => method !== 'CONNECT' && !server.supportedMethods.includes(method),
  );
  for (const method of unknown) server.addHttpMethod(method);
  addAnswerHeaders(server);
  server.addHook('onRequest', (request, _reply, done) => {
    if ((request.raw.url?.length ?? 0) > LIMITS.urlBytes) done(new ProblemError({ code: 'url_too_long' }));
    else done();
  });
  server.setErrorHandler((error, _request, reply) => {
    answerLastResort(error, reply);
  });
  server.setNotFoundHandler((_request, reply) => {
    void reply
      .code(404)
      .type('application/json; charset=utf-8')
      .send('{"result":"error","message":"Not found"}');
  });
  return server;
}

type Reply = Parameters<Parameters<FastifyInstance['setErrorHandler']>[0]>[2];

/** An answer without a word about the cause, for what no door has answered. */
function answerLastResort(error: unknown, reply: Reply): void {
  const problem = problemOf(error);
  const cause = causeOf(problem);
  if (cause !== undefined) reply.log.error({ err: cause }, 'a request failed');
  const status = httpStatus(problem.code);
  void reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ result: 'error', message: STATUS_CODES[status] }));
}

/** What never became a request: answered on the bare connection, which then ends. */
function answerBrokenRequest(this: unknown, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const reason = STATUS_CODES[status] ?? 'Bad Request';
  const body = JSON.stringify({ result: 'error', message: reason });
  const headers = { ...ANSWER_HEADERS, 'content-type': 'application/json; charset=utf-8' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\n${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Ids that are unique across restarts, for log lines that belong together. */
function createRequestIds(): () => string {
  const run = randomBytes(6).toString('base64url');
  let count = 0;
  return () => {
    count += 1;
    return `${run}-${count.toString(36)}`;
  };
}
