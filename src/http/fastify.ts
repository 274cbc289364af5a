import { createServer as createHttpServer, METHODS } from 'node:http';

import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerFactory,
} from 'fastify';

import { ProblemError, type Problem } from '../core/problem.ts';
import {
  addAnswerHeaders,
  answerBrokenRequest,
  answerExpectation,
  answerFallback,
  type PrecomputedAnswer,
} from './problem-answer.ts';
import { countHosts } from './query-params.ts';
import { LIMITS } from './limits.ts';
import type { Log } from '../observe/log.ts';
import type { Overload } from './overload.ts';
import { createRequestIds } from './request-context.ts';
import type { ShortWay } from './short-way.ts';
import { createTlsServer, type Tls } from './tls.ts';

const HTTP_OPTIONS = {
  maxHeaderSize: LIMITS.headerBytes,
  headersTimeout: LIMITS.headersMs,
  requestTimeout: LIMITS.requestMs,
  keepAliveTimeout: LIMITS.keepAliveMs,
  connectionsCheckingInterval: LIMITS.checkMs,
  // Node's own answer to a missing Host would lack our headers.
  requireHostHeader: false,
} as const;

/** What stands around the server's library. */
export interface ServerOptions {
  /** Speaks HTTPS with it. */
  readonly tls?: Tls | undefined;
  /** Refuses what is too much, before anything is done for it. */
  readonly overload?: Overload;
  /** Answers plain requests before the library sees them. */
  readonly shortWay?: ShortWay;
  /** What is said to a target that cannot be decoded, where a door has words of its own. */
  readonly unreadableOf?: (target: string) => PrecomputedAnswer | undefined;
}

/**
 * The HTTP server without its doors: limits, headers, request ids and last-resort answers.
 *
 * @param trustedProxies addresses whose `X-Forwarded-For` counts
 */
export function createServer(
  log: Log,
  trustedProxies: readonly string[],
  { tls, overload, shortWay, unreadableOf }: ServerOptions = {},
): FastifyInstance {
  const serverFactory: FastifyServerFactory = (handler) => {
    const short = shortWay?.guard(handler) ?? handler;
    const listener = overload?.guard(short) ?? short;
    return tls === undefined
      ? createHttpServer(HTTP_OPTIONS, listener)
      : createTlsServer(listener, tls, HTTP_OPTIONS);
  };
  const server = fastify({
    loggerInstance: libraryLogOf(log),
    // No logger of its own for each request: log lines carry the request's id where they need it.
    childLoggerFactory: (logger) => logger,
    // The library's own request log would write the query, and with it the password.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: createRequestIds(),
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: LIMITS.bodyBytes,
    // While closing, what was accepted is still answered.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // As long as the URL may be: each door says itself what is wrong with a part of its path, in its own words.
    routerOptions: { maxParamLength: LIMITS.urlBytes },
    serverFactory,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, { raw: { url = '' } }, reply) => {
      answerFallback(error, reply, unreadableOf?.(url));
    },
  });
  // The doors answer every method there is, if only by saying that it is not allowed.
  const unknown = METHODS.filter(
    (method) => method !== 'CONNECT' && !server.supportedMethods.includes(method),
  );
  for (const method of unknown) server.addHttpMethod(method);
  addAnswerHeaders(server);
  server.server.on('checkExpectation', answerExpectation);
  server.addHook('onRequest', (request, reply, done) => {
    const problem = refusalOf(request);
    if (problem === undefined) {
      done();
    } else {
      void reply.header('connection', 'close');
      done(new ProblemError(problem));
    }
  });
  server.setErrorHandler((error, _request, reply) => {
    answerFallback(error, reply);
  });
  server.setNotFoundHandler((_request, reply) => {
    answerFallback(new ProblemError({ code: 'route_unknown' }), reply);
  });
  return server;
}

/** Without the library's own news: where the server listens is told by the command, once for all its workers. */
function libraryLogOf(log: Log): FastifyBaseLogger {
  return log.isLevelEnabled('info') ? log.child({}, { level: 'warn' }) : log;
}

/**
 * Answers what has no address here before anything of it is read, its body included: to be called after everything
 * that counts requests.
 */
export function refuseUnknownPaths(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answerFallback(new ProblemError({ code: 'route_unknown' }), reply);
    else done();
  });
}

/** What is wrong with a request before its path is looked at. */
function refusalOf({ raw }: FastifyRequest): Problem | undefined {
  if ((raw.url?.length ?? 0) > LIMITS.urlBytes) return { code: 'url_too_long' };
  if (raw.httpVersionMajor < 1)
    return { code: 'request_unparsable', reason: 'the request names no HTTP version' };
  const hosts = countHosts(raw.rawHeaders);
  if (hosts > 1 || (hosts === 0 && raw.httpVersion === '1.1')) {
    return { code: 'request_unparsable', reason: 'the request must have one Host header' };
  }
  return undefined;
}
