import type { Static } from 'typebox';
import { Value } from 'typebox/value';

import type { ProblemOf } from '../lead/problem.ts';
import { ItemsSchema } from './schemas.ts';

/** A body as the schema has it, or what is wrong with it; never a word of what was sent. */
export function readItems(body: unknown): Static<typeof ItemsSchema> | ProblemOf<'parameter_malformed'> {
  if (Value.Check(ItemsSchema, body)) return body;
  const [error] = Value.Errors(ItemsSchema, body);
  const field = /^\/(\w{1,64})/.exec(error?.instancePath ?? '')?.[1] ?? 'body';
  return { code: 'parameter_malformed', faults: [{ field, reason: 'is not as the documentation has it' }] };
}
