import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Services, Numbering } from '../service/services.ts';
import type { QueryCredentials } from '../config/settings.ts';
import { ProblemError } from '../core/problem.ts';
import type { Origins } from './cors.ts';
import { answerFallback } from './problem-answer.ts';

/** Where a request is answered: what can be asked of one domain, and whom its answers may be told. */
export interface DomainContext extends Services {
  /** How telephone numbers are read here, for those who show them. */
  readonly numbering: () => Numbering;
  /** The domain's name. */
  readonly domain: string;
  /** Web pages of these origins may read the answers. */
  readonly corsOrigins: Origins;
  /** Whether a password may stand in a URL. */
  readonly queryCredentials: QueryCredentials;
}

/** The desks of an installation. */
export interface DomainResolver {
  /** The desk of an installation with one domain, which serves every host. Undefined: the host decides. */
  readonly only: DomainContext | undefined;
  /**
   * @param host as it was sent; undefined: none was
   * @returns undefined when it leads to no desk; `no host` when it is none
   */
  readonly find: (host: string | undefined) => DomainContext | undefined | 'no host';
  /** A host in its one spelling; undefined when it is none. */
  readonly readHost: (text: string) => string | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before a door does anything: `addDesks`. */
    desk: DomainContext | undefined;
  }
}

/** Gives every request of a door its desk; what is for no domain is answered as an unknown path, and no more is done. */
export function addDomainContext(door: FastifyInstance, desks: DomainResolver): void {
  door.decorateRequest('desk', undefined);
  door.addHook('onRequest', (request, reply, next) => {
    const { only } = desks;
    if (only !== undefined) {
      request.desk = only;
      next();
      return;
    }
    const host = hostOf(request);
    const found = desks.find(host);
    const fault = faultOfOthers(request, host, desks);
    if (found === 'no host' || fault !== undefined) {
      void reply.header('connection', 'close');
      next(new ProblemError({ code: 'request_unparsable', reason: fault ?? NO_HOST }));
    } else if (found === undefined) {
      answerFallback(new ProblemError({ code: 'route_unknown' }), reply);
    } else {
      request.desk = found;
      next();
    }
  });
}

/** @throws {Error} the door has no desks: a fault of ours */
export function domainContextOf({ desk }: FastifyRequest): DomainContext {
  if (desk === undefined) throw new Error('a door without desks');
  return desk;
}

/** As a trusted proxy says (the library asks who it is); otherwise as the client does. */
function hostOf(request: FastifyRequest): string | undefined {
  return request.host === '' && request.headers.host === undefined ? undefined : request.host;
}

const NO_HOST = 'its Host header names no host';

/** What else names a host, and another one. */
function faultOfOthers(
  { headers, raw }: FastifyRequest,
  host: string | undefined,
  { readHost }: DomainResolver,
): string | undefined {
  // Of several the library takes the last. From others than a trusted proxy they do not count.
  if (host !== headers.host && String(headers['x-forwarded-host']).includes(',')) {
    return 'its X-Forwarded-Host header names several hosts';
  }
  const { url = '' } = raw;
  if (url.startsWith('/')) return undefined;
  const [, authority] = /^[a-z]+:\/\/([^/?#]*)/i.exec(url) ?? [];
  if (authority === undefined) return undefined;
  const target = readHost(authority);
  return target !== undefined && target === readHost(headers.host ?? '')
    ? undefined
    : 'its target and its Host header name different hosts';
}
