import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const PREFLIGHT_SECONDS = '600';

type Headers = Readonly<Record<string, string>>;
export type Cors = ReturnType<typeof createCors>;

/**
 * CORS for one endpoint: browsers may read answers on pages of the origins that the operator named.
 *
 * @param exposedHeaders what a page may read of an answer, beyond the usual
 * @param allowedHeaders what it may send
 */
export function createCors(exposedHeaders: readonly string[], allowedHeaders = ['Content-Type']) {
  const [exposed, allowed] = [exposedHeaders.join(', '), allowedHeaders.join(', ')];
  return {
    /** The headers that let a page of a named origin read this answer; none for others. */
    headers(named: ReadonlySet<string>, { origin }: IncomingHttpHeaders): Headers {
      if (named.size === 0) return {};
      if (origin === undefined || !named.has(origin)) return { vary: 'Origin' };
      return {
        vary: 'Origin',
        'access-control-allow-origin': origin,
        'access-control-expose-headers': exposed,
      };
    },
    /** The headers of the answer (204) to a preflight of a named origin; undefined: it is none. */
    preflightHeaders(
      named: ReadonlySet<string>,
      { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
      methods: string,
    ): Headers | undefined {
      const { origin, 'access-control-request-method': asked } = headers;
      if (method !== 'OPTIONS' || origin === undefined || asked === undefined) return undefined;
      if (!named.has(origin)) return undefined;
      return {
        'access-control-allow-methods': methods,
        'access-control-allow-headers': allowed,
        'access-control-max-age': PREFLIGHT_SECONDS,
      };
    },
  };
}
