import assert from 'node:assert/strict';

import { CallercardError } from '../../src/client/client.ts';

/** What a call of a client failed with, which must be one of its own errors. */
export async function failureOf(work: Promise<unknown>): Promise<CallercardError> {
  const failure: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(failure instanceof CallercardError, String(failure));
  return failure;
}
