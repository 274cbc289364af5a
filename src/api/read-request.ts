import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { ProblemError, type ParameterFault, type ProblemOf } from '../lead/problem.ts';

/**
 * The query, decoded once; of a name that comes twice, all its values.
 *
 * @throws {ProblemError} it cannot be decoded
 */
export function readQuery({ raw: { url = '' } }: FastifyRequest): Readonly<Record<string, unknown>> {
  const at = url.indexOf('?');
  const query = new Map<string, string | readonly string[]>();
  for (const pair of at < 0 ? [] : url.slice(at + 1).split('&')) {
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

/** A body as its schema has it, or what is wrong with it; never a word of what was sent. */
export function readBody<Schema extends TSchema>(
  schema: Schema,
  body: unknown,
): { readonly value: Static<Schema> } | ProblemOf<'parameter_malformed'> {
  if (Value.Check(schema, body)) return { value: body };
  const [error] = Value.Errors(schema, body);
  const field = /^\/(\w{1,64})/.exec(error?.instancePath ?? '')?.[1] ?? 'body';
  return { code: 'parameter_malformed', faults: [{ field, reason: 'is not as the documentation has it' }] };
}
