import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { ProblemError } from '../core/problem.ts';
import { answerFallback } from './problem-answer.ts';

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
        else answerFallback(new ProblemError({ code: 'route_unknown' }), reply);
      },
    },
    async (_request, reply) => reply.type(EXPOSITION_TYPE).send(await write()),
  );
}

/** What a proxy adds when it passes on what somebody else asked. */
const FORWARDED =
  /^(?:forwarded|via|x-forwarded-.+|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|x-original-.+)$/;

/** A request, as far as it says who asks. */
export interface MetricsRequest {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** How this machine calls itself when it asks itself, with or without a port. */
const OWN_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Who may read the metrics: they tell the names of domains and how much is asked. Only the connection counts, and no header
 * that somebody else could write. What comes through a proxy is for nobody, because a proxy on this machine would open them
 * to the world; and what comes from this machine must be meant for it, not for the name of a domain.
 *
 * @param allowed `local`, addresses and ranges
 */
export function createMetricsReaders(allowed: readonly string[]): (request: MetricsRequest) => boolean {
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
