import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const PREFLIGHT_SECONDS = '600';
/** The most refused origins that one process logs for an endpoint. */
const MOST_LOGGED = 20;

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
  const logged = new Set<string>();
  return {
    /** Logs once of each origin whose pages are refused which setting would let them in. Strangers choose what they send. */
    noteRefused({ origin }: IncomingHttpHeaders, log: { warn(fields: object, message: string): void }): void {
      if (origin === undefined || !URL.canParse(origin) || logged.size >= MOST_LOGGED) return;
      const named = new URL(origin).origin;
      if (named === 'null' || logged.has(named)) return;
      logged.add(named);
      log.warn(
        { origin: named },
        'web pages of this origin were refused; the setting corsOrigins names those that may send requests',
      );
    },
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
