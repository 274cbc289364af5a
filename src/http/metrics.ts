import type { FastifyInstance } from 'fastify';

import { ProblemError } from '../core/problem.ts';
import { answerLastResort } from './fallback-answer.ts';
import { createMetricsReaders } from './metrics-readers.ts';

/** The text format's own name of itself. */
const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * `GET /metrics`, for those who may read it; for anybody else it is an address like any other at which there is nothing.
 *
 * @param allowed as the setting `metrics` has it; nobody: the address is not there
 * @param write the text; a throw means that it cannot be had now
 */
export function addMetrics(
  server: FastifyInstance,
  allowed: readonly string[],
  write: () => string | Promise<string>,
): void {
  if (allowed.length === 0) return;
  const mayRead = createMetricsReaders(allowed);
  server.get(
    '/metrics',
    {
      onRequest(request, reply, next) {
        if (mayRead(request.raw)) next();
        else answerLastResort(new ProblemError({ code: 'route_unknown' }), reply);
      },
    },
    async (_request, reply) => reply.type(EXPOSITION_TYPE).send(await write()),
  );
}
