import type { FastifyRequest } from 'fastify';

import { ProblemError } from '../core/problem.ts';

const MAX_PARAMETERS = 100;

/** The query of a raw request target, as it was sent. Node refuses a target with bytes beyond ASCII. */
export function queryTextOf(target: string): string {
  const start = target.indexOf('?');
  return start === -1 ? '' : target.slice(start + 1);
}

/** The query of a request, read so that nothing is thrown for what cannot be decoded. */
export function searchParamsOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): URLSearchParams {
  return new URLSearchParams(queryTextOf(url));
}

/**
 * The query of a request, of which all can be read.
 *
 * @throws {ProblemError} a broken percent-encoding (bytes that are no UTF-8 included), or too many parameters
 */
export function strictSearchParamsOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): URLSearchParams {
  const text = queryTextOf(url);
  if (text.split('&').length > MAX_PARAMETERS) refuse(`more than ${MAX_PARAMETERS} parameters`);
  try {
    decodeURIComponent(text);
  } catch {
    refuse('a broken percent-encoding');
  }
  return new URLSearchParams(text);
}

function refuse(reason: string): never {
  throw new ProblemError({ code: 'request_unparsable', reason: `the request has ${reason}` });
}
