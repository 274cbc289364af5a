import type { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { ProblemError } from '../lead/problem.ts';
import { LIMITS } from './limits.ts';

const CLOSE_SWEEP_MS = 50;
/** So long may requests that were accepted still take when the server ends. */
export const GRACE_MS = 9_000;

/** What is known of one connection. */
interface Traffic {
  unanswered: number;
  /** When the last answer went out, or the first request came; monotonic. */
  movedAt: number;
}

export interface Connections {
  /**
   * Ends the server: no new connections, every accepted request answered, connections closed as they become
   * idle (the library alone would wait for their time-out), the rest after GRACE_MS.
   */
  close(): Promise<void>;
}

/**
 * Watches a server's connections, from before its doors are added: many requests at once on one of them are
 * refused, because all that came together are worked on before anybody else's turn; and one whose client does
 * not read its answers is closed, because Node would keep it, and the answers, for ever.
 *
 * @param unreadMs how long an answer may take to leave
 */
export function watchConnections(server: FastifyInstance, unreadMs: number = LIMITS.unreadMs): Connections {
  const connections = new Map<Socket, Traffic>();
  server.server.on('connection', (socket: Socket) => {
    connections.set(socket, { unanswered: 0, movedAt: performance.now() });
    socket.once('close', () => connections.delete(socket));
  });
  server.addHook('onRequest', (request, reply, done) => {
    const traffic = connections.get(request.raw.socket);
    if (traffic === undefined) {
      done();
      return;
    }
    if (traffic.unanswered === 0) traffic.movedAt = performance.now();
    traffic.unanswered += 1;
    if (traffic.unanswered <= LIMITS.requestsAtOnce) {
      done();
    } else {
      void reply.header('connection', 'close');
      done(
        new ProblemError({
          code: 'request_unparsable',
          reason: 'too many requests at once on one connection',
        }),
      );
    }
  });
  server.addHook('onResponse', (request, _reply, done) => {
    const traffic = connections.get(request.raw.socket);
    if (traffic !== undefined) {
      traffic.unanswered -= 1;
      traffic.movedAt = performance.now();
    }
    done();
  });
  const sweep = setInterval(() => closeUnread(connections, unreadMs), Math.min(unreadMs, LIMITS.checkMs));
  sweep.unref();

  return {
    async close() {
      const closing = setInterval(() => closeIdle(server, connections), CLOSE_SWEEP_MS);
      const deadline = setTimeout(() => server.server.closeAllConnections(), GRACE_MS);
      try {
        await server.close();
      } finally {
        clearInterval(sweep);
        clearInterval(closing);
        clearTimeout(deadline);
      }
    },
  };
}

function closeUnread(connections: ReadonlyMap<Socket, Traffic>, unreadMs: number): void {
  const latest = performance.now() - unreadMs;
  for (const [socket, { unanswered, movedAt }] of connections) {
    if (unanswered > 0 && movedAt < latest) socket.destroy();
  }
}

function closeIdle(server: FastifyInstance, connections: ReadonlyMap<Socket, Traffic>): void {
  server.server.closeIdleConnections();
  // Node takes a connection that never sent anything for a busy one.
  for (const socket of connections.keys()) if (socket.bytesRead === 0) socket.destroy();
}
