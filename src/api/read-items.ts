import type { Static } from 'typebox';
import { Value } from 'typebox/value';

import type { ProblemOf } from '../lead/problem.ts';
import { MAX_ITEMS } from './api-limits.ts';
import { ItemsSchema } from './schemas.ts';

/** A body as the schema has it, or what is wrong with it; never a word of what was sent. */
export function readItems(body: unknown): Static<typeof ItemsSchema> | ProblemOf<'parameter_malformed'> {
  const tooMany = { field: 'items', reason: `must be at most ${MAX_ITEMS.toLocaleString('en')}` };
  // Before the schema looks at each of them.
  if (countItems(body) > MAX_ITEMS) return { code: 'parameter_malformed', faults: [tooMany] };
  if (Value.Check(ItemsSchema, body)) return body;
  const [error] = Value.Errors(ItemsSchema, body);
  const field = /^\/(\w{1,64})/.exec(error?.instancePath ?? '')?.[1] ?? 'body';
  return { code: 'parameter_malformed', faults: [{ field, reason: 'is not as the documentation has it' }] };
}

function countItems(body: unknown): number {
  const items = typeof body === 'object' && body !== null && 'items' in body ? body.items : undefined;
  return Array.isArray(items) ? items.length : 0;
}
