import type { Static } from 'typebox';
import { Value } from 'typebox/value';

import type { ProblemOf } from '../../core/problem.ts';
import { MAX_ITEMS } from './api-limits.ts';
import { ItemsSchema } from './schemas.ts';

/** A body as the schema has it, or what is wrong with it; never a word of what was sent. */
export function readItems(body: unknown): Static<typeof ItemsSchema> | ProblemOf<'parameter_malformed'> {
  const tooMany = { field: 'items', reason: `must be at most ${MAX_ITEMS.toLocaleString('en')}` };
  // Before the schema looks at each of them.
  if (countItems(body) > MAX_ITEMS) return { code: 'parameter_malformed', faults: [tooMany] };
  if (Value.Check(ItemsSchema, body)) return body;
  // Not the schema's own list of errors: it takes a hundred times as long, and nobody was asked for credentials yet.
  const field = isOnlyItems(body) ? 'items' : 'body';
  return { code: 'parameter_malformed', faults: [{ field, reason: 'is not as the documentation has it' }] };
}

function countItems(body: unknown): number {
  const items = typeof body === 'object' && body !== null && 'items' in body ? body.items : undefined;
  return Array.isArray(items) ? items.length : 0;
}

function isOnlyItems(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).join() === 'items';
}
