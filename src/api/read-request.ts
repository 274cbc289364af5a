import type { FastifyRequest } from 'fastify';

import { ProblemError, type ParameterFault } from '../lead/problem.ts';

const MAX_PARAMETERS = 100;

/**
 * The query, decoded once; of a name that comes twice, all its values.
 *
 * @throws {ProblemError} it cannot be decoded, or has too many
 */
export function readQuery({ raw: { url = '' } }: FastifyRequest): Readonly<Record<string, unknown>> {
  const at = url.indexOf('?');
  const query = new Map<string, string | string[]>();
  const pairs = at < 0 ? [] : url.slice(at + 1).split('&');
  if (pairs.length > MAX_PARAMETERS) {
    throw new ProblemError({
      code: 'request_unparsable',
      reason: `the request has more than ${MAX_PARAMETERS} parameters`,
    });
  }
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    const before = query.get(name);
    query.set(name, before === undefined ? value : [...[before].flat(), value]);
  }
  return Object.fromEntries(query);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ProblemError({
      code: 'request_unparsable',
      reason: 'the request has a broken percent-encoding',
    });
  }
}

/** A query parameter that must be a whole number within bounds. */
export function readWhole(
  query: Readonly<Record<string, unknown>>,
  field: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number | ParameterFault {
  const text = query[field];
  if (text === undefined) return otherwise;
  const number = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  return { field, reason: `must be a whole number from ${least} to ${most}` };
}
