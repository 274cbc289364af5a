import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'node:test';

import { createHashLanes, createHashQueue, type HashRequest } from '../../src/auth/hash-queue.ts';
import { systemClock } from '../../src/core/clock.ts';

interface Check {
  readonly domain?: 'a' | 'b';
  readonly network?: string;
  readonly isKnownNetwork?: boolean;
  readonly isUser?: boolean;
  readonly fits?: boolean;
}

/** Two domains of one process, and the order in which their hashes were made. */
function openTwoDomains() {
  const lanes = createHashLanes();
  const queues = { a: createHashQueue(systemClock, lanes), b: createHashQueue(systemClock, lanes) };
  const order: string[] = [];
  let [atOnce, mostAtOnce] = [0, 0];
  async function hash(name: string, result: boolean): Promise<boolean> {
    mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
    order.push(name);
    await setImmediate();
    atOnce -= 1;
    return result;
  }
  function check(name: string, { domain = 'a', network = 'one', fits = false, ...who }: Check = {}) {
    const request: HashRequest = {
      network,
      since: performance.now(),
      isKnownNetwork: false,
      isUser: false,
      verify: () => hash(name, fits),
      verifyNobody: () => hash('nobody', false),
      ...who,
    };
    return queues[domain](request);
  }
  const checkMany = (count: number, name: string, how?: Check) =>
    Array.from({ length: count }, () => check(name, how));
  return { order, check, checkMany, mostAtOnce: () => mostAtOnce };
}

describe('the hashes of several domains', () => {
  it('33: are made one at a time in each lane, so that floods on all of them take one core together', async () => {
    const { checkMany, order, mostAtOnce } = openTwoDomains();
    await Promise.all([...checkMany(30, 'x'), ...checkMany(30, 'x', { domain: 'b' })]);
    assert.deepEqual([order.length, mostAtOnce()], [60, 1]);
  });

  it('33: take turns, so that a flood on one of them puts off the others by no more than a hash each', async () => {
    const { check, checkMany, order } = openTwoDomains();
    const flood = checkMany(60, 'flood');
    const others = ['b1', 'b2', 'b3'].map((name) => check(name, { domain: 'b' }));
    await Promise.all([...flood, ...others]);
    assert.ok(order.indexOf('b3') <= 8, order.slice(0, 12).join(' '));
  });

  it('33: of users in a network where they are known wait for no flood', async () => {
    const { check, checkMany, order } = openTwoDomains();
    const flood = checkMany(60, 'flood');
    const known = (['a', 'b'] as const).map((domain) => check('known', { domain, isKnownNetwork: true }));
    await Promise.all([...flood, ...known]);
    assert.ok(order.lastIndexOf('known') <= 5, order.slice(0, 12).join(' '));
  });

  it('go on after one that failed', async () => {
    const lanes = createHashLanes();
    const fault = new Error('the thread ended');
    const request = {
      network: 'one',
      since: performance.now(),
      isKnownNetwork: false,
      isUser: false,
      verifyNobody: () => assert.fail(),
    };
    const failing = createHashQueue(systemClock, lanes)({ ...request, verify: () => Promise.reject(fault) });
    await assert.rejects(failing, fault);
    const next = createHashQueue(systemClock, lanes)({ ...request, verify: () => Promise.resolve(true) });
    assert.equal(await next, true);
  });
});

describe('a flood of made-up names', () => {
  it('49: leaves each other network a turn after one of its own', async () => {
    const { check, checkMany, order } = openTwoDomains();
    const flood = checkMany(90, 'flood', { network: 'attacker' });
    const others = [1, 2, 3].map((at) => check(`other${at}`, { network: `office ${at}` }));
    await Promise.all([...flood, ...others]);
    assert.ok(order.indexOf('other3') <= 4, order.slice(0, 12).join(' '));
  });

  it('49: does not keep a user out, not even from its own network', async () => {
    const { check, checkMany, order } = openTwoDomains();
    const flood = checkMany(90, 'flood');
    assert.equal(await check('user', { isUser: true, fits: true }), true);
    assert.ok(order.length < 10, `after ${order.length} hashes`);
    await Promise.all(flood);
  });

  it('49: does not show who is a user: a wrong password waits for its turn among the others', async () => {
    const { check, checkMany, order } = openTwoDomains();
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    const before = checkMany(40, 'flood');
    const user = check('user', { isUser: true }).then(note('user'));
    const nobody = check('nobody').then(note('unknown'));
    const after = checkMany(40, 'flood');
    await Promise.all([user, nobody]);
    assert.deepEqual(ended, ['user', 'unknown']);
    // Not before those that were there before it: they were hashed, and its own two hashes.
    assert.ok(order.length >= 42, `${order.length} hashes`);
    await Promise.all([...before, ...after]);
  });

  it('49: of one network loses slots when they are all taken, nobody else', async () => {
    const { check, checkMany } = openTwoDomains();
    const flood = checkMany(1_200, 'flood', { network: 'attacker' });
    const other = check('other', { network: 'office' });
    assert.equal(await other, false);
    const results = await Promise.all(flood);
    assert.ok(results.includes(undefined), 'nothing was put off');
    assert.ok(results.filter((result) => result === false).length >= 100);
  });

  it('49: has a budget of failures, after which others in its network still get in', async () => {
    const { check, checkMany } = openTwoDomains();
    await Promise.all(checkMany(1_000, 'flood'));
    let ended = 0;
    const over = checkMany(20, 'flood').map((result) => result.then(() => (ended += 1)));
    assert.equal(await check('user', { isUser: true, fits: true }), true);
    assert.ok(ended < 20, 'the budget is not used up');
    await Promise.all(over);
  });
});

describe('passwords sprayed over users', () => {
  it('49: take turns with other networks, and wait once there are too many failures of their network', async () => {
    const { check, checkMany, order } = openTwoDomains();
    const blocking = checkMany(5, 'flood', { network: 'elsewhere' });
    const spray = checkMany(300, 'spray', { network: 'attacker', isUser: true });
    const user = check('user', { network: 'office', isUser: true, fits: true });
    assert.equal(await user, true);
    assert.ok(order.filter((name) => name === 'spray').length <= 5, order.slice(0, 20).join(' '));
    await Promise.all(spray);
    // Until nothing is left of the thousand that it may have at once; then ten a second for the five that an attempt waits.
    await Promise.all(checkMany(900, 'spray', { network: 'attacker', isUser: true }));
    const before = order.length;
    const late = await Promise.all(checkMany(300, 'late', { network: 'attacker', isUser: true }));
    const hashed = order.slice(before).filter((name) => name === 'late').length;
    assert.ok(hashed <= 150, `${hashed} hashed`);
    assert.ok(late.filter((result) => result === undefined).length >= 150);
    await Promise.all(blocking);
  });
});
