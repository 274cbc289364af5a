import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

import proxyAddr from '@fastify/proxy-addr';
import type { FastifyRequest } from 'fastify';

import type { Credentials, RequestContext } from '../auth/principal.ts';
import type { Problem } from '../core/problem.ts';
import { LIMITS } from './limits.ts';

/** The context of a request that came through Fastify. */
export function requestContextOf(
  request: FastifyRequest,
  { endpoint, right }: Pick<RequestContext, 'endpoint' | 'right'>,
  credentials: Credentials,
): RequestContext {
  return { endpoint, right, requestId: request.id, address: callerAddress(request), credentials };
}

/** The client's address: as a trusted proxy says, else that of the connection. */
export function callerAddress({ ip, socket }: FastifyRequest): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
}

/** Reads address and host of a raw request as Fastify would. */
export interface ClientReader {
  readonly addressOf: (request: IncomingMessage) => string;
  /** The host that was asked for; undefined: none was named. */
  hostOf(request: IncomingMessage): string | undefined;
}

/** @param trustedProxies addresses and ranges whose `X-Forwarded-For` and `X-Forwarded-Host` count */
export function createClientReader(trustedProxies: readonly string[]): ClientReader {
  const remoteAddress = ({ socket }: IncomingMessage) => socket.remoteAddress ?? '';
  if (trustedProxies.length === 0) return { addressOf: remoteAddress, hostOf: ({ headers }) => headers.host };
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return {
    addressOf(request) {
      const address = proxyAddr.all(request, isTrusted).at(-1) ?? '';
      return isIP(address) === 0 ? remoteAddress(request) : address;
    },
    hostOf(request) {
      const { 'x-forwarded-host': forwarded, host } = request.headers;
      if (forwarded === undefined || forwarded === '' || !isTrusted(remoteAddress(request), 0)) return host;
      return String(forwarded).split(',').at(-1)?.trim();
    },
  };
}

/** A problem with a request on any path; its connection then ends. */
export function requestProblem(
  { url = '', httpVersionMajor, httpVersion, rawHeaders, headers }: IncomingMessage,
  exceedsPipelining: boolean,
): Problem | undefined {
  if (url.length > LIMITS.urlBytes) return { code: 'url_too_long' };
  if (httpVersionMajor < 1) return unparsable('the request names no HTTP version');
  // Node's parser takes `HTTP/2.0` in a request of the first version.
  if (httpVersionMajor > 1) return unparsable('the request names a version of HTTP that is not spoken here');
  // Whoever stands between and takes `identity` or `gzip` for something else sees another end of the request (RFC 9112, 6.1).
  const { 'transfer-encoding': coding } = headers;
  if (coding !== undefined && !/^[ \t]*chunked[ \t]*$/i.test(coding)) {
    return unparsable('the request has another transfer coding than chunked');
  }
  const hosts = countHosts(rawHeaders);
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
    return unparsable('the request must have one Host header');
  }
  return exceedsPipelining ? unparsable('too many requests at once on one connection') : undefined;
}

/**
 * Whether a browser made the request for a page of another origin: an image, a form or a script of any page that somebody has
 * open inside the network. Programs send none of these headers.
 *
 * @param host the one that was asked for
 * @param named origins whose pages may ask
 */
export function isCrossOrigin(
  { headers }: Pick<IncomingMessage, 'headers'>,
  host: string | undefined,
  named: ReadonlySet<string>,
): boolean {
  const { 'sec-fetch-site': site, origin, referer } = headers;
  if (site === undefined && origin === undefined && referer === undefined) return false;
  const source = origin ?? originOf(referer ?? '');
  if (named.has(source)) return false;
  // Browsers say it themselves over HTTPS and on this machine (W3C, Fetch Metadata Request Headers); `none`: somebody typed it.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return source !== '' && hostOf(source) !== hostOf(`${schemeOf(source)}://${host ?? ''}`);
}

/** Empty for what is no address of a page. */
function originOf(referer: string): string {
  return URL.canParse(referer) ? new URL(referer).origin : '';
}

/** With the port, unless it is the scheme's own: a proxy may speak TLS for us. */
function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}

function schemeOf(origin: string): string {
  return origin.startsWith('https:') ? 'https' : 'http';
}

function unparsable(reason: string): Problem {
  return { code: 'request_unparsable', reason };
}

/** How many Host headers a request has. Node itself takes the first of several. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/** Ids that are unique across restarts, for log lines that belong together. */
export function createRequestIds(): () => string {
  const run = randomBytes(6).toString('base64url');
  let count = 0;
  return () => {
    count += 1;
    return `${run}-${count.toString(36)}`;
  };
}

/** The query of a raw request target, as it was sent. Node refuses a target with bytes beyond ASCII. */
export function queryTextOf(target: string): string {
  const start = target.indexOf('?');
  return start === -1 ? '' : target.slice(start + 1);
}
