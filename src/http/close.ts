import type { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

const SWEEP_MS = 50;
/** So long may requests that were accepted still take. */
export const GRACE_MS = 9_000;

/**
 * Prepares a server for its end, before it listens.
 *
 * @returns a function that ends it: no new connections, every accepted request answered, connections closed as
 *   they become idle (the library alone would wait for their time-out), the rest after GRACE_MS
 */
export function prepareClose(server: FastifyInstance): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  function closeIdle(): void {
    server.server.closeIdleConnections();
    // Node takes a connection that never sent anything for a busy one.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  return async () => {
    const sweep = setInterval(closeIdle, SWEEP_MS);
    const deadline = setTimeout(() => server.server.closeAllConnections(), GRACE_MS);
    try {
      await server.close();
    } finally {
      clearInterval(sweep);
      clearTimeout(deadline);
    }
  };
}
