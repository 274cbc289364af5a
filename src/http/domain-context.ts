import type { IncomingMessage } from 'node:http';

import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ProblemError, type Problem } from '../core/problem.ts';
import type { DomainContext, DomainResolver } from '../service/services.ts';
import { answerFallback } from './problem-answer.ts';

/**
 * The domain that a request is for.
 *
 * @param host as the client, or a trusted proxy, says
 * @returns a problem of code `route_unknown` for a host that no domain has; with any other the connection ends
 */
export function resolveDomain(
  domains: DomainResolver,
  request: IncomingMessage,
  host: string | undefined,
): DomainContext | Problem {
  if (domains.only !== undefined) return domains.only;
  const found = domains.find(host);
  const reason =
    conflictingHosts(request, host, domains) ??
    (found === 'no host' ? 'its Host header names no host' : undefined);
  if (reason !== undefined) return { code: 'request_unparsable', reason };
  return typeof found === 'object' ? found : { code: 'route_unknown' };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before a handler does anything: `registerEndpoint`. */
    domainContext: DomainContext | undefined;
  }
}

/**
 * Registers the routes of an endpoint, each request with its domain; requests for no domain are answered as an unknown path.
 *
 * @param addRoutes adds them to an instance of their own
 */
export function registerEndpoint(
  server: FastifyInstance,
  domains: DomainResolver,
  addRoutes: (app: FastifyInstance) => void,
): void {
  void server.register((app, _options, done) => {
    app.decorateRequest('domainContext', undefined);
    app.addHook('onRequest', (request, reply, next) => {
      // Fastify says '' where no host was sent.
      const host = request.host === '' && request.headers.host === undefined ? undefined : request.host;
      const resolved = resolveDomain(domains, request.raw, host);
      if (!('code' in resolved)) {
        request.domainContext = resolved;
        next();
      } else if (resolved.code === 'route_unknown') {
        answerFallback(new ProblemError(resolved), reply);
      } else {
        void reply.header('connection', 'close');
        next(new ProblemError(resolved));
      }
    });
    addRoutes(app);
    done();
  });
}

/** @throws {Error} the routes have no domain: a fault of ours */
export function domainContextOf({ domainContext }: FastifyRequest): DomainContext {
  if (domainContext === undefined) throw new Error('a route without a domain');
  return domainContext;
}

/** Why another part of the request names another host; undefined: none does. */
function conflictingHosts(
  { headers, url = '' }: IncomingMessage,
  host: string | undefined,
  { readHost }: DomainResolver,
): string | undefined {
  // The header counts only from a trusted proxy; of several hosts Fastify would take the last.
  if (host !== headers.host && String(headers['x-forwarded-host']).includes(',')) {
    return 'its X-Forwarded-Host header names several hosts';
  }
  if (url.startsWith('/')) return undefined;
  const [, authority] = /^[a-z]+:\/\/([^/?#]*)/i.exec(url) ?? [];
  if (authority === undefined) return undefined;
  const target = readHost(authority);
  return target !== undefined && target === readHost(headers.host ?? '')
    ? undefined
    : 'its target and its Host header name different hosts';
}
