import assert from 'node:assert/strict';
import { it } from 'node:test';

import { createDailyCalls } from '../../src/throttle/daily-calls.ts';

it('a notifier tells of so many new calls in a day, each for itself, and of more the next day', () => {
  let now = Date.UTC(2026, 10, 30, 23, 59);
  const calls = createDailyCalls({ wall: () => now }, 2);
  for (const left of [0, 0, 60]) {
    assert.equal(calls.secondsUntilMore('token:pbx'), left);
    calls.add('token:pbx');
  }
  assert.equal(calls.secondsUntilMore('token:other'), 0);
  now += 60_000;
  assert.equal(calls.secondsUntilMore('token:pbx'), 0);
});
