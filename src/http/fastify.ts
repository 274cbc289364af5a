import { METHODS } from 'node:http';
import type { Socket } from 'node:net';

import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';

import { ProblemError } from '../core/problem.ts';
import type { Log } from '../observe/log.ts';
import { LIMITS } from './limits.ts';
import { addAnswerHeaders, answerFallback, type PrecomputedAnswer } from './problem-answer.ts';
import { requestProblem } from './request-context.ts';

export interface FastifyOptions {
  readonly log: Log;
  /** Addresses whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[];
  readonly nextRequestId: () => string;
  readonly exceedsPipelining: (socket: Socket) => boolean;
  /** What is said to a target that cannot be decoded, where an endpoint has words of its own. */
  readonly undecodableAnswer?: (target: string) => PrecomputedAnswer | undefined;
}

/**
 * Fastify without routes: headers, request ids and fallback answers. It listens nowhere; the listener hands it requests
 * (`app.routing`).
 */
export function createFastify({
  log,
  trustedProxies,
  nextRequestId,
  exceedsPipelining,
  undecodableAnswer,
}: FastifyOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: fastifyLog(log),
    // No logger of its own for each request: log lines carry the request's id where they need it.
    childLoggerFactory: (logger) => logger,
    // Fastify's own request log would write the query, and with it the password.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: nextRequestId,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: LIMITS.bodyBytes,
    // While closing, what was accepted is still answered.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // As long as the URL may be: each endpoint says itself what is wrong with a part of its path.
    routerOptions: { maxParamLength: LIMITS.urlBytes },
    frameworkErrors: (error, { raw: { url = '' } }, reply) => {
      answerFallback(error, reply, undecodableAnswer?.(url));
    },
  });
  // The endpoints answer every method there is, if only by saying that it is not allowed.
  const unknown = METHODS.filter((method) => method !== 'CONNECT' && !app.supportedMethods.includes(method));
  for (const method of unknown) app.addHttpMethod(method);
  addAnswerHeaders(app);
  app.addHook('onRequest', ({ raw }, reply, done) => {
    const problem = requestProblem(raw, exceedsPipelining(raw.socket));
    if (problem === undefined) {
      done();
    } else {
      void reply.header('connection', 'close');
      done(new ProblemError(problem));
    }
  });
  // Unknown paths are answered before anything of the request is read, its body included.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answerFallback(new ProblemError({ code: 'route_unknown' }), reply);
    else done();
  });
  app.setErrorHandler((error, _request, reply) => {
    answerFallback(error, reply);
  });
  app.setNotFoundHandler((_request, reply) => {
    answerFallback(new ProblemError({ code: 'route_unknown' }), reply);
  });
  return app;
}

/** Without Fastify's own news: the command says where the server listens, once for all its workers. */
function fastifyLog(log: Log): FastifyBaseLogger {
  return log.isLevelEnabled('info') ? log.child({}, { level: 'warn' }) : log;
}
