import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

import type { FastifyInstance, RouteHandlerMethod } from 'fastify';

import type { Config } from '../config/settings.ts';
import { ProblemError } from '../core/problem.ts';
import { answerFallback } from './problem-answer.ts';

/**
 * `GET` and `HEAD` of `/healthz`: the process answers. `GET /readyz`: the store answers too; 503 while it does not. All requests share one
 * check at a time, because strangers may send them, too, and are never refused.
 *
 * @param isReady asks the store; a throw means no
 */
export function addHealth(server: FastifyInstance, isReady: () => boolean | Promise<boolean>): void {
  const health = (url: string, handler: RouteHandlerMethod) =>
    server.route({ method: ['GET', 'HEAD'], url, handler });
  health('/healthz', (_request, reply) => {
    void reply.send({ status: 'alive' });
  });
  let asking: Promise<boolean> | undefined;
  const askOnce = () =>
    (asking ??= Promise.resolve()
      .then(isReady)
      .finally(() => (asking = undefined)));
  health('/readyz', async (request, reply) => {
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
 * `GET /metrics`, for those who may read it. A client that the setting `metrics` names is told which token lacks; for
 * anybody else it is an unknown path.
 *
 * @param settings `metrics`, which names nobody where there is no such path, and `metricsToken`
 * @param write gives the text; it throws while it cannot
 */
export function addMetrics(
  server: FastifyInstance,
  { metrics: allowed, metricsToken: token }: Pick<Config, 'metrics' | 'metricsToken'>,
  write: () => string | Promise<string>,
): void {
  if (allowed.length === 0) return;
  const readerOf = createMetricsReaders(allowed);
  server.get(
    '/metrics',
    {
      onRequest(request, reply, next) {
        const reader = readerOf(request.raw);
        if (reader === undefined) {
          answerFallback(new ProblemError({ code: 'route_unknown' }), reply);
        } else if (token === '' && reader === 'local') {
          void reply.code(404).type(TEXT_TYPE).send(CLOSED);
        } else if (token !== '' && !isBearer(request.headers.authorization, token)) {
          void reply.code(401).header('www-authenticate', 'Bearer').type(TEXT_TYPE).send(TOKEN_NEEDED);
        } else {
          next();
        }
      },
    },
    async (_request, reply) => reply.type(EXPOSITION_TYPE).send(await write()),
  );
}

const TEXT_TYPE = 'text/plain; charset=utf-8';
/** A proxy on this machine that adds no header cannot be told from a client of this machine. */
const CLOSED = 'The metrics are closed: set metricsToken, and send it (Authorization: Bearer TOKEN).\n';
const TOKEN_NEEDED = 'Send the token of the setting metricsToken (Authorization: Bearer TOKEN).\n';

/** Compared as digests: in the same time, whatever was sent. */
function isBearer(authorization: string | undefined, token: string): boolean {
  const [, sent = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  const [one, other] = [sent, token].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

/** Headers that a proxy adds. */
const FORWARDED =
  /^(?:forwarded|via|x-forwarded-.+|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|x-original-.+)$/;

/** This machine's names for itself, with or without a port. */
const OWN_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Who asks for metrics: this machine, or an address that the setting names. */
type MetricsReader = 'local' | 'named';

/**
 * Finds out whether a client may ask for the metrics, which name the domains and count their lookups. It trusts the
 * connection alone. Requests through a proxy are refused, because a proxy on this machine would open the metrics to the
 * world; requests from this machine must name it in Host.
 *
 * @param allowed `local`, addresses and ranges
 */
export function createMetricsReaders(
  allowed: readonly string[],
): (request: {
  headers: IncomingHttpHeaders;
  socket: { remoteAddress?: string | undefined };
}) => MetricsReader | undefined {
  const named = listOf(allowed.filter((item) => item !== 'local'));
  const local = listOf(allowed.includes('local') ? ['127.0.0.0/8', '::1'] : []);

  return ({ headers, socket }) => {
    const address = socket.remoteAddress ?? '';
    const family = { 4: 'ipv4', 6: 'ipv6' }[isIP(address)] as 'ipv4' | 'ipv6' | undefined;
    if (family === undefined || Object.keys(headers).some((name) => FORWARDED.test(name))) return undefined;
    if (named.check(address, family)) return 'named';
    return local.check(address, family) && OWN_NAME.test(headers.host ?? '') ? 'local' : undefined;
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
