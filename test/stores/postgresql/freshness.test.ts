import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createFreshness, STALE_MS } from '../../../src/stores/postgresql/freshness.ts';

/** Somewhere in the log. */
const LOG = 800_000;

describe('how old is what a replica shows', () => {
  const standby = (position: number, timeline = 1) => ({ isStandby: true, timeline, position });

  it('is told by what the primary had written at a moment', () => {
    const freshness = createFreshness();
    assert.equal(freshness.freshAsOf(standby(Infinity)), -Infinity);
    freshness.notePrimary(100, { timeline: 1, position: LOG + 1_000 });
    freshness.notePrimary(200, { timeline: 1, position: LOG + 2_000 });
    freshness.notePrimary(300, { timeline: 1, position: LOG + 3_000 });
    assert.equal(freshness.freshAsOf(standby(LOG + 999)), undefined);
    assert.equal(freshness.freshAsOf(standby(LOG + 1_000)), 100);
    assert.equal(freshness.freshAsOf(standby(LOG + 2_999)), 200);
    assert.equal(freshness.freshAsOf(standby(LOG + 9_000)), 300);
  });

  it('is the last moment at which the primary was where the replica is: nothing was written since', () => {
    const freshness = createFreshness();
    for (const at of [100, 200, 300]) freshness.notePrimary(at, { timeline: 1, position: LOG + 1_000 });
    assert.equal(freshness.freshAsOf(standby(LOG + 1_000)), 300);
  });

  it('is not known of one that follows nobody, or another server', () => {
    const freshness = createFreshness();
    freshness.notePrimary(100, { timeline: 2, position: LOG + 1_000 });
    assert.equal(freshness.freshAsOf({ ...standby(LOG + 1_000, 2), isStandby: false }), -Infinity);
    assert.equal(freshness.freshAsOf(standby(LOG + 9_000, 1)), -Infinity);
    assert.equal(freshness.freshAsOf(standby(LOG + 1_000, 2)), 100);
  });

  it('begins anew with another timeline: its positions say nothing of the former ones', () => {
    const freshness = createFreshness();
    freshness.notePrimary(100, { timeline: 1, position: LOG + 9_000 });
    freshness.notePrimary(200, { timeline: 2, position: LOG + 500 });
    assert.equal(freshness.freshAsOf(standby(LOG + 499, 2)), undefined);
    assert.equal(freshness.freshAsOf(standby(LOG + 500, 2)), 200);
  });

  it('forgets moments that are too long ago to be of use', () => {
    const freshness = createFreshness();
    freshness.notePrimary(100, { timeline: 1, position: LOG + 1_000 });
    freshness.notePrimary(101 + STALE_MS, { timeline: 1, position: LOG + 2_000 });
    assert.equal(freshness.freshAsOf(standby(LOG + 1_500)), undefined);
  });
});
