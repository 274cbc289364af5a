import { createHmac } from 'node:crypto';

import type { ErasedRows } from '../core/person-store.ts';
import { PART } from './number-keys.ts';

/** The parts of a lead by whose numbers it is called, as SQL has them in a list. */
export const CALLED_PARTS = [PART.phone_number, PART.alt_phone, PART.further].join(', ');

/** What happens to a lead in one millisecond has times one after the other, and its key the time of the clock. */
export const SAME_TIME_MS = 60_000;

/** What is left of the name of an imported file that has a number in it. */
export const HIDDEN_NAME = 'erased';

export const NOTHING_ERASED: ErasedRows = {
  leads: 0,
  numbers: 0,
  notes: 0,
  changes: 0,
  externalIds: 0,
  idempotencyKeys: 0,
  dailyReads: 0,
  calls: 0,
  importNames: 0,
};

/**
 * As the numbers of people who were erased are kept, so that an import does not bring them back: HMAC-SHA-256 in base64url.
 *
 * @param secret of the store. It is in the same store: whoever has that can try all numbers.
 * @returns hashes the comparable form of a number
 */
export function createErasedHash(secret: string): (key: string) => string {
  return (key) => createHmac('sha256', secret).update(key).digest('base64url');
}
