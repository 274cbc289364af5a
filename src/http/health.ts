import type { FastifyInstance } from 'fastify';

/**
 * `GET /healthz`: the process answers. `GET /readyz`: the store answers too; 503 while it does not. The store is asked once
 * at a time, however many ask: strangers may, too, and are never refused.
 *
 * @param isReady asks the store; a throw means no
 */
export function addHealth(server: FastifyInstance, isReady: () => boolean | Promise<boolean>): void {
  server.get('/healthz', (_request, reply) => {
    void reply.send({ status: 'alive' });
  });
  let asking: Promise<boolean> | undefined;
  const askOnce = () =>
    (asking ??= Promise.resolve()
      .then(isReady)
      .finally(() => (asking = undefined)));
  server.get('/readyz', async (request, reply) => {
    let ready = false;
    try {
      ready = await askOnce();
    } catch (cause) {
      request.log.warn({ err: cause }, 'the store does not answer');
    }
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  });
}
