import type { IncomingHttpHeaders } from 'node:http';

const PREFLIGHT_SECONDS = '600';

/** The origins that an operator named, exactly as written. */
export type Origins = ReadonlySet<string>;

/** CORS for one endpoint: browsers of named origins are answered, nobody else learns anything. */
export interface Cors {
  /** The headers that let a page of a named origin read this answer; none for others. */
  headers(named: Origins, request: IncomingHttpHeaders): Readonly<Record<string, string>>;
  /** The headers of the answer (204) to a preflight of a named origin; undefined: it is none. */
  preflightHeaders(
    named: Origins,
    request: IncomingHttpHeaders,
    methods: string,
  ): Readonly<Record<string, string>> | undefined;
}

const NONE: Readonly<Record<string, string>> = {};

/**
 * @param exposedHeaders what a page may read of an answer, beyond the usual
 * @param allowedHeaders what it may send
 */
export function createCors(exposedHeaders: readonly string[], allowedHeaders = ['Content-Type']): Cors {
  const [exposed, allowed] = [exposedHeaders.join(', '), allowedHeaders.join(', ')];
  return {
    headers(named, { origin }) {
      if (named.size === 0) return NONE;
      if (origin === undefined || !named.has(origin)) return { vary: 'Origin' };
      return {
        vary: 'Origin',
        'access-control-allow-origin': origin,
        'access-control-expose-headers': exposed,
      };
    },
    preflightHeaders(named, { origin, 'access-control-request-method': method }, methods) {
      if (origin === undefined || !named.has(origin) || method === undefined) return undefined;
      return {
        'access-control-allow-methods': methods,
        'access-control-allow-headers': allowed,
        'access-control-max-age': PREFLIGHT_SECONDS,
      };
    },
  };
}
