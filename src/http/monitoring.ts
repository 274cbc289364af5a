import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { ProblemError } from '../core/problem.ts';
import { answerFallback } from './problem-answer.ts';

/**
 * `GET /healthz`: the process answers. `GET /readyz`: the store answers too; 503 while it does not. All requests share one
 * check at a time, because strangers may send them, too, and are never refused.
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

const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * `GET /metrics`, for those who may read it; for anybody else it is an unknown path.
 *
 * @param allowed the setting `metrics`; empty: there is no such path
 * @param write gives the text; it throws while it cannot
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
        else answerFallback(new ProblemError({ code: 'route_unknown' }), reply);
      },
    },
    async (_request, reply) => reply.type(EXPOSITION_TYPE).send(await write()),
  );
}

/** Headers that a proxy adds. */
const FORWARDED =
  /^(?:forwarded|via|x-forwarded-.+|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|x-original-.+)$/;

/** This machine's names for itself, with or without a port. */
const OWN_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Decides who may read the metrics, which name the domains and count their lookups. It trusts the connection alone. Requests
 * through a proxy are refused, because a proxy on this machine would open the metrics to the world; requests from this
 * machine must name it in Host.
 *
 * @param allowed `local`, addresses and ranges
 */
export function createMetricsReaders(
  allowed: readonly string[],
): (request: { headers: IncomingHttpHeaders; socket: { remoteAddress?: string | undefined } }) => boolean {
  const named = listOf(allowed.filter((item) => item !== 'local'));
  const local = listOf(allowed.includes('local') ? ['127.0.0.0/8', '::1'] : []);

  return ({ headers, socket }) => {
    const address = socket.remoteAddress ?? '';
    const family = { 4: 'ipv4', 6: 'ipv6' }[isIP(address)] as 'ipv4' | 'ipv6' | undefined;
    if (family === undefined || Object.keys(headers).some((name) => FORWARDED.test(name))) return false;
    if (named.check(address, family)) return true;
    return local.check(address, family) && OWN_NAME.test(headers.host ?? '');
  };
}

function listOf(items: readonly string[]): BlockList {
  const list = new BlockList();
  for (const item of items) {
    const [address = '', bits] = item.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return list;
}
