import type { FastifyInstance } from 'fastify';

const SWEEP_MS = 50;
/** So long may requests that were accepted still take. */
export const GRACE_MS = 9_000;

/**
 * Ends the server: no new connections, every accepted request answered, idle keep-alive connections closed as
 * they become idle (the library alone would wait for their time-out), the rest after GRACE_MS.
 */
export async function closeGently(server: FastifyInstance): Promise<void> {
  const sweep = setInterval(() => {
    server.server.closeIdleConnections();
  }, SWEEP_MS);
  const deadline = setTimeout(() => {
    server.server.closeAllConnections();
  }, GRACE_MS);
  try {
    await server.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(deadline);
  }
}
