import type { FastifyReply, FastifyRequest } from 'fastify';

const PREFLIGHT_SECONDS = '600';

/** The origins that an operator named, exactly as written. */
export type Origins = ReadonlySet<string>;

/** Answers browsers of named origins; nobody else is told anything. */
export interface Cors {
  /** Adds the header that lets the page read this answer, if its origin is named. */
  allow(named: Origins, request: FastifyRequest, reply: FastifyReply): void;
  /** True when the request is a preflight of a named origin, which was then answered. */
  answerPreflight(named: Origins, request: FastifyRequest, reply: FastifyReply, methods: string): boolean;
}

/**
 * @param exposedHeaders what a page may read of an answer, beyond the usual
 * @param allowedHeaders what it may send
 */
export function createCors(exposedHeaders: readonly string[], allowedHeaders = ['Content-Type']): Cors {
  function allow(named: Origins, request: FastifyRequest, reply: FastifyReply): void {
    if (named.size === 0) return;
    void reply.header('vary', 'Origin');
    const origin = originOf(request, named);
    if (origin === undefined) return;
    void reply.header('access-control-allow-origin', origin);
    void reply.header('access-control-expose-headers', exposedHeaders.join(', '));
  }

  return {
    allow,
    answerPreflight(named, request, reply, methods) {
      if (
        originOf(request, named) === undefined ||
        request.headers['access-control-request-method'] === undefined
      ) {
        return false;
      }
      void reply
        .code(204)
        .header('access-control-allow-methods', methods)
        .header('access-control-allow-headers', allowedHeaders.join(', '))
        .header('access-control-max-age', PREFLIGHT_SECONDS)
        .send();
      return true;
    },
  };
}

function originOf(request: FastifyRequest, named: Origins): string | undefined {
  const { origin } = request.headers;
  return origin !== undefined && named.has(origin) ? origin : undefined;
}
