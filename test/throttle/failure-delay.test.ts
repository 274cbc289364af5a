import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { createFailureDelay } from '../../src/throttle/failure-delay.ts';
import { createFakeClock } from '../service/test-services.ts';

/** How many of so many refusals that come together are told at once, before any timer: a slow machine's tick outlasts some waits. */
async function refusedAtOnce(slowDown: () => Promise<void>, count: number): Promise<number> {
  let refused = 0;
  const all = Array.from({ length: count }, () => slowDown().then(() => (refused += 1)));
  await Promise.resolve();
  const atOnce = refused;
  await setImmediate();
  await Promise.all(all);
  return atOnce;
}

describe('refused logins', () => {
  it('33: beyond a hundred a second wait where many come together', async () => {
    const clock = createFakeClock();
    const slowDown = createFailureDelay(clock);
    const atOnce = await refusedAtOnce(slowDown, 300);
    // The first one beyond them is not yet one of many.
    assert.equal(atOnce, 101);
    clock.pass(500);
    assert.equal(await refusedAtOnce(slowDown, 300), 51);
  });

  it('33: of one client that asks in turn never wait', async () => {
    const slowDown = createFailureDelay(createFakeClock());
    for (let at = 0; at < 1_000; at += 1) assert.equal(await refusedAtOnce(slowDown, 1), 1, `refusal ${at}`);
  });

  it('33: that wait are a thousand at most, so that they do not fill the memory', async () => {
    const slowDown = createFailureDelay(createFakeClock());
    assert.equal(await refusedAtOnce(slowDown, 5_000), 4_000);
  });
});
