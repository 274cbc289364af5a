import type { FastifyInstance } from 'fastify';

import { createFastify } from '../../src/http/fastify.ts';
import { createListener, type Listener, type ListenerOptions } from '../../src/http/listener.ts';
import type { PrecomputedAnswer } from '../../src/http/problem-answer.ts';
import { createRequestIds } from '../../src/http/request-context.ts';
import type { Log } from '../../src/observe/log.ts';
import { createLog } from '../../src/observe/log.ts';

/** A listener and Fastify without endpoints: a test adds routes of its own. */
export interface BareServer {
  readonly app: FastifyInstance;
  readonly listener: Listener;
  /** @returns the URL */
  readonly listen: () => Promise<string>;
  readonly close: () => Promise<void>;
}

const BUSY: PrecomputedAnswer = { type: 'text/plain', body: 'busy' };

export function createBareServer(
  options: Partial<ListenerOptions> = {},
  log: Log = createLog('silent'),
): BareServer {
  const listener = createListener({ overloadAnswer: () => BUSY, ...options });
  const app = createFastify({
    log,
    trustedProxies: [],
    nextRequestId: createRequestIds(),
    exceedsPipelining: listener.exceedsPipelining,
  });
  listener.serve((request, response) => app.routing(request, response));
  return {
    app,
    listener,
    async listen() {
      await app.ready();
      const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
      return `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
    },
    async close() {
      await listener.close();
      await app.close();
    },
  };
}
