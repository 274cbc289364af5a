import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createRestartDelay } from '../../src/cluster/restart-delay.ts';

describe('a worker that ends', () => {
  it('is replaced at once, and ever later when its followers end at once, too', () => {
    const pauses = createRestartDelay();
    const waits = Array.from({ length: 9 }, () => pauses.after(0));
    assert.deepEqual(waits, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is replaced at once again after one that answered for a while', () => {
    const pauses = createRestartDelay();
    for (let quick = 0; quick < 5; quick += 1) pauses.after(9_999);
    assert.equal(pauses.after(10_000), 0);
    assert.equal(pauses.after(3), 0);
    assert.equal(pauses.after(3), 1_000);
  });
});
