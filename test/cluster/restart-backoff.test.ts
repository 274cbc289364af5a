import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { RestartBackoff } from '../../src/cluster/worker-pool.ts';

describe('a worker that ends', () => {
  it('is replaced at once, and after ever longer delays when its replacements end at once', () => {
    const backoff = new RestartBackoff();
    const waits = Array.from({ length: 9 }, () => backoff.delayAfter(0));
    assert.deepEqual(waits, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is replaced at once again after one that answered for a while', () => {
    const backoff = new RestartBackoff();
    for (let quick = 0; quick < 5; quick += 1) backoff.delayAfter(9_999);
    assert.equal(backoff.delayAfter(10_000), 0);
    assert.equal(backoff.delayAfter(3), 0);
    assert.equal(backoff.delayAfter(3), 1_000);
  });
});
