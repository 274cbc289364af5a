import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'node:test';

import { createHashQueue, createHashLanes, type Lane } from '../../src/auth/hash-queue.ts';

/** Two domains of one process, and the order in which their hashes were made. */
function openTwoDomains() {
  const turns = createHashLanes();
  const queues = { a: createHashQueue(turns), b: createHashQueue(turns) };
  const order: string[] = [];
  let [atOnce, mostAtOnce] = [0, 0];
  return {
    order,
    mostAtOnce: () => mostAtOnce,
    hash: async (domain: 'a' | 'b', lane: Lane, name: string): Promise<void> => {
      const place = queues[domain](lane) ?? assert.fail('no place');
      await place.run(async () => {
        mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
        order.push(name);
        await setImmediate();
        atOnce -= 1;
      });
    },
  };
}

describe('the hashes of several domains', () => {
  it('33: are made one at a time in each lane, so that floods on all of them take one core together', async () => {
    const { hash, order, mostAtOnce } = openTwoDomains();
    const hashes = Array.from({ length: 60 }, (_, at) => hash(at % 2 === 0 ? 'a' : 'b', 'anybody', 'x'));
    await Promise.all(hashes);
    assert.deepEqual([order.length, mostAtOnce()], [60, 1]);
  });

  it('33: take turns, so that a flood on one of them puts off the others by no more than a hash each', async () => {
    const { hash, order } = openTwoDomains();
    const flood = Array.from({ length: 60 }, () => hash('a', 'anybody', 'flood'));
    const others = ['b1', 'b2', 'b3'].map((name) => hash('b', 'anybody', name));
    await Promise.all([...flood, ...others]);
    assert.ok(order.indexOf('b3') <= 8, order.slice(0, 12).join(' '));
  });

  it('33: of those who were good lately wait for no flood', async () => {
    const { hash, order } = openTwoDomains();
    const flood = Array.from({ length: 60 }, () => hash('a', 'anybody', 'flood'));
    const known = [hash('a', 'known good', 'known'), hash('b', 'known good', 'known')];
    await Promise.all([...flood, ...known]);
    assert.ok(order.lastIndexOf('known') <= 5, order.slice(0, 12).join(' '));
  });

  it('go on after one that failed', async () => {
    const turns = createHashLanes();
    const take = createHashQueue(turns);
    const fault = new Error('the thread ended');
    await assert.rejects(take('anybody')?.run(() => Promise.reject(fault)) ?? assert.fail(), fault);
    assert.equal(await createHashQueue(turns)('anybody')?.run(() => Promise.resolve('made')), 'made');
  });
});
