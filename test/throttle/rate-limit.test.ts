import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createRateLimit, type RateLimit } from '../../src/throttle/throttle.ts';
import { createFakeClock } from '../service/test-services.ts';

/** How many lookups are granted before the first refusal. */
function grantsOf(takeTurn: RateLimit, caller: string): number {
  let grants = 0;
  while (grants < 100_000 && takeTurn(caller) === 0) grants += 1;
  return grants;
}

describe('the allowance of a caller', () => {
  it('is twice the rate in a burst', () => {
    assert.equal(grantsOf(createRateLimit(500, createFakeClock()), 'crm'), 1_000);
    assert.equal(grantsOf(createRateLimit(1, createFakeClock()), 'crm'), 2);
  });

  it('fills up at the rate and never beyond the burst', () => {
    const clock = createFakeClock();
    const takeTurn = createRateLimit(10, clock);
    assert.equal(grantsOf(takeTurn, 'crm'), 20);
    clock.pass(1_000);
    assert.equal(grantsOf(takeTurn, 'crm'), 10);
    clock.pass(3_600_000);
    assert.equal(grantsOf(takeTurn, 'crm'), 20);
  });

  it('carries the steady rate for as long as it is kept', () => {
    const clock = createFakeClock();
    const takeTurn = createRateLimit(10, clock);
    for (let request = 0; request < 1_000; request++) {
      assert.equal(takeTurn('crm'), 0, `request ${request}`);
      clock.pass(100);
    }
  });

  it('is not taken from others', () => {
    const takeTurn = createRateLimit(5, createFakeClock());
    assert.equal(grantsOf(takeTurn, 'crm'), 10);
    assert.equal(grantsOf(takeTurn, 'bot'), 10);
  });

  it('says after how many seconds to come back, and then keeps its word', () => {
    const clock = createFakeClock();
    const takeTurn = createRateLimit(1, clock);
    grantsOf(takeTurn, 'crm');
    const seconds = takeTurn('crm');
    assert.equal(seconds, 1);
    clock.pass(seconds * 1_000);
    assert.equal(takeTurn('crm'), 0);
  });

  it('is not used up by refusals', () => {
    const clock = createFakeClock();
    const takeTurn = createRateLimit(1, clock);
    grantsOf(takeTurn, 'crm');
    for (let refusal = 0; refusal < 100; refusal++) assert.notEqual(takeTurn('crm'), 0);
    clock.pass(1_000);
    assert.equal(takeTurn('crm'), 0);
  });

  it('does not care about jumps of the wall clock', () => {
    const clock = createFakeClock();
    const takeTurn = createRateLimit(5, clock);
    grantsOf(takeTurn, 'crm');
    clock.jumpWall(3_600_000);
    assert.notEqual(takeTurn('crm'), 0);
    clock.jumpWall(-7_200_000);
    clock.pass(1_000);
    assert.equal(grantsOf(takeTurn, 'crm'), 5);
  });
});
