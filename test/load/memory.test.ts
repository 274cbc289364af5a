import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Account } from '../../src/core/account-store.ts';
import { createCredentialCache, createPasswordCheck } from '../../src/auth/password-check.ts';
import { createEnumerationGuard } from '../../src/throttle/throttle.ts';
import { AccessCounters } from '../../src/core/access-counters.ts';
import { createRateLimit } from '../../src/throttle/throttle.ts';
import { createFakeClock, openAuthFixture } from '../service/test-services.ts';
import { USUAL_RIGHTS } from '../stores/described-store.ts';

const MANY = 1_000_000;
const MiB = 1024 * 1024;
const MOST_MIB = 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapMiB(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MiB;
}

/** How much more memory is held after `work`; what it returns is held meanwhile. */
async function growthOf(t: TestContext, work: () => unknown): Promise<number> {
  const before = heapMiB();
  const held = await work();
  const grown = heapMiB() - before;
  t.diagnostic(`${grown.toFixed(1)} MiB more`);
  assert.ok(held !== undefined);
  return grown;
}

const account: Account = {
  id: '1',
  name: 'crm',
  verifier: 'v'.repeat(97),
  active: true,
  rights: USUAL_RIGHTS,
};

describe('what unauthenticated clients send', () => {
  it('35: a million good logins are remembered up to 10,000, in at most 20 MiB', async (t) => {
    let logins: ReturnType<typeof createCredentialCache> | undefined;
    const grown = await growthOf(t, () => {
      logins = createCredentialCache(createFakeClock());
      for (let at = 0; at < MANY; at += 1) logins.add(logins.keyOf(account, `password ${at}`, '192.0.2.1'));
      return logins;
    });
    const size = logins?.size() ?? 0;
    assert.ok(size <= 10_000 && size > 8_000, `${size} remembered`);
    assert.equal(logins?.has(logins.keyOf(account, `password ${MANY - 1}`, '192.0.2.1')), true);
    assert.ok(grown <= MOST_MIB, `${grown} MiB`);
  });

  it('35: a million addresses take at most 20 MiB of the rate limit', async (t) => {
    const grown = await growthOf(t, () => {
      const takeTurn = createRateLimit(500, createFakeClock());
      for (let at = 0; at < MANY; at += 1) takeTurn(`1\0${(at * 2_654_435_761).toString(16)}::1`);
      return takeTurn;
    });
    assert.ok(grown <= MOST_MIB, `${grown} MiB`);
  });

  it('35: a million users who enumerate ids take at most 20 MiB', async (t) => {
    const grown = await growthOf(t, () => {
      const watch = createEnumerationGuard(10, createFakeClock());
      // Each at as many places as are watched.
      for (let at = 0; at < MANY; at += 1) watch(`user${Math.floor(at / 8)}`, (at % 8) * 1_000_000 + at);
      return watch;
    });
    assert.ok(grown <= MOST_MIB, `${grown} MiB`);
  });
});

it('35: names and addresses at random leave at most 20 MiB behind, all in all', async (t) => {
  const clock = createFakeClock();
  const fixture = openAuthFixture(clock);
  t.after(() => fixture.close());
  const { accounts } = fixture.store;
  // The hash alone is left out: it takes 11 ms, and remembers nothing.
  const quick = { ...accounts, passwords: { verify: () => Promise.resolve(false) } };
  const grown = await growthOf(t, async () => {
    const authenticate = createPasswordCheck(() => quick, clock, new AccessCounters());
    for (let at = 0; at < 20_000; at += 1) {
      const snapshot = await accounts.read(`${at}${'x'.repeat(40)}`, undefined);
      const admission = await authenticate(
        snapshot,
        `wrong ${at}`,
        `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
      );
      assert.ok('problem' in admission);
      // As in a server, where requests come in turns of the event loop.
      if (at % 50 === 0) await setImmediate();
    }
    return authenticate;
  });
  assert.ok(grown <= MOST_MIB, `${grown} MiB`);
});
