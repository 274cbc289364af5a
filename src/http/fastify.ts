import type { Socket } from 'node:net';

import {
  fastify,
  type FastifyBaseLogger,
  LogController,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';

import { ProblemError } from '../core/problem.ts';
import type { Log } from '../observe/log.ts';
import { LIMITS } from './limits.ts';
import { createNearPath } from './near-path.ts';
import { METHODS } from './node-http.ts';
import { ANSWER_HEADERS, answerFallback, fallbackAnswer, type PrecomputedAnswer } from './problem-answer.ts';
import { requestProblem } from './request-context.ts';

/** Endpoints read what is sent themselves. Fastify's own compilers would be a hundred modules more to load at each start. */
const NO_SCHEMAS = { buildValidator: refuseSchema, buildSerializer: refuseSchema };

function refuseSchema(): never {
  throw new Error('no route has a schema of Fastify');
}

interface FastifyOptions {
  readonly log: Log;
  /** Addresses whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[];
  readonly nextRequestId: () => string;
  readonly exceedsPipelining: (socket: Socket) => boolean;
  /** The answer to a target that cannot be decoded, where an endpoint has one of its own. */
  readonly undecodableAnswer?: (target: string) => PrecomputedAnswer | undefined;
  /** The target that is answered in place of one that is written otherwise. */
  readonly targetOf?: (target: string) => string;
  /** Paths that a 404 names where the target is nearly one of them. */
  readonly documentedPaths?: readonly string[];
}

/**
 * Fastify without routes: headers, request ids and fallback answers. It listens nowhere; the listener hands it requests
 * (`app.routing`).
 */
export function createFastify(options: FastifyOptions): FastifyInstance {
  const { log, trustedProxies, exceedsPipelining } = options;
  // Without Fastify's own news: the command says where the server listens, once for all its workers.
  const loggerInstance: FastifyBaseLogger = log.isLevelEnabled('info')
    ? log.child({}, { level: 'warn' })
    : log;
  const app = fastify({
    loggerInstance,
    // No logger of its own for each request: log lines carry the request's id where they need it.
    childLoggerFactory: (logger) => logger,
    // Fastify's own request log would write the query, and with it the password.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: options.nextRequestId,
    rewriteUrl: ({ url = '' }) => options.targetOf?.(url) ?? url,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: LIMITS.bodyBytes,
    // While closing, what was accepted is still answered.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // As long as the URL may be: each endpoint says itself what is wrong with a part of its path.
    routerOptions: { maxParamLength: LIMITS.urlBytes },
    schemaController: { compilersFactory: NO_SCHEMAS },
    frameworkErrors: (error, { raw: { url = '' } }, reply) => {
      answerFallback(error, reply, options.undecodableAnswer?.(url));
    },
  });
  // The endpoints answer every method there is, if only by saying that it is not allowed.
  const unknown = METHODS.filter((method) => method !== 'CONNECT' && !app.supportedMethods.includes(method));
  for (const method of unknown) app.addHttpMethod(method);
  const nearPath = createNearPath(options.documentedPaths ?? []);
  const answerUnknown = ({ raw: { url = '' } }: FastifyRequest, reply: FastifyReply) => {
    const meant = nearPath(url);
    const answer = meant === undefined ? undefined : fallbackAnswer(404, `the documented path is ${meant}`);
    answerFallback(new ProblemError({ code: 'route_unknown' }), reply, answer);
  };
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(ANSWER_HEADERS);
    const problem = requestProblem(request.raw, exceedsPipelining(request.raw.socket));
    if (problem !== undefined) {
      void reply.header('connection', 'close');
      done(new ProblemError(problem));
    } else if (request.is404) {
      // Before anything of the request is read, its body included.
      answerUnknown(request, reply);
    } else {
      done();
    }
  });
  app.setErrorHandler((error, _request, reply) => answerFallback(error, reply));
  app.setNotFoundHandler(answerUnknown);
  return app;
}
