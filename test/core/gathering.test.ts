import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';

import { BY_ITSELF, createGathering, createGatherings } from '../../src/core/clock.ts';
import { until } from '../support/until.ts';

/** Work whose pieces a test ends, in the order in which they began. */
function openGathering({ most = 64, mayBeOfOne = (): boolean => true } = {}) {
  const begun: (PromiseWithResolvers<readonly (string | typeof BY_ITSELF)[]> & { all: readonly number[] })[] =
    [];
  let idle = 0;
  const begin = (all: readonly number[]) => {
    const piece = { ...Promise.withResolvers<readonly (string | typeof BY_ITSELF)[]>(), all };
    begun.push(piece);
    return piece.promise;
  };
  const ask = createGathering<number, string>({
    most,
    alone: async (one) => String((await begin([one]))[0]),
    together: begin,
    mayBeOfOne,
    onIdle: () => (idle += 1),
  });
  return {
    ask,
    idle: () => idle,
    sizes: () => begun.map(({ all }) => all.length),
    /** Answers a piece rightly, but for some. */
    answer: (at: number, except: (asked: number) => boolean = () => false) => {
      const { all, resolve } = begun[at] ?? assert.fail(`piece ${at} did not begin`);
      resolve(all.map((one) => (except(one) ? BY_ITSELF : String(one))));
    },
    fail: (at: number, cause: Error) => begun[at]?.reject(cause),
  };
}

describe('what is asked for', () => {
  it('alone begins in its own tick', async () => {
    const { ask, sizes, answer, idle } = openGathering();
    const one = ask(1);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    assert.deepEqual(sizes(), [1]);
    answer(0);
    assert.equal(await one, '1');
    await nextTick();
    assert.equal(idle(), 1);
  });

  it('gathers while two pieces are under way, and is answered together', async () => {
    const { ask, sizes, answer } = openGathering();
    const all = [ask(0)];
    await nextTick();
    all.push(ask(1), ask(2));
    await nextTick();
    assert.deepEqual(sizes(), [1, 2]);
    all.push(...[3, 4, 5, 6].map(ask));
    answer(0);
    await nextTick();
    assert.deepEqual(sizes(), [1, 2, 4]);
    answer(2);
    answer(1);
    assert.deepEqual(await Promise.all(all), ['0', '1', '2', '3', '4', '5', '6']);
  });

  it('begins at once where as many wait as are answered together', async () => {
    const { ask, sizes } = openGathering({ most: 4 });
    for (let at = 0; at < 10; at += 1) void ask(at);
    await nextTick();
    assert.deepEqual(sizes(), [4, 4, 2]);
  });

  it('begins in any case after a while, when what is under way hangs', async () => {
    const { ask, sizes, answer } = openGathering();
    for (let at = 0; at < 2; at += 1) {
      void ask(at);
      await nextTick();
    }
    const others = [ask(2), ask(3)];
    await until('the others begin', () => sizes().length === 3);
    answer(2);
    assert.deepEqual(await Promise.all(others), ['2', '3']);
    assert.deepEqual(sizes(), [1, 1, 2]);
  });

  it('is asked for by itself where the answer for several says so, and the others have theirs', async () => {
    const { ask, sizes, answer } = openGathering();
    const [one, two, three] = [ask(1), ask(2), ask(3)];
    await nextTick();
    answer(0, (asked) => asked === 2);
    assert.deepEqual(await Promise.all([one, three]), ['1', '3']);
    assert.deepEqual(sizes(), [3, 1]);
    answer(1);
    assert.equal(await two, '2');
  });

  it('is asked for one by one after a failure that may be of one of them, which alone fails', async () => {
    const { ask, sizes, answer, fail } = openGathering();
    const all = Promise.allSettled([ask(1), ask(2), ask(3)]);
    await nextTick();
    fail(0, new Error('of all'));
    await nextTick();
    assert.deepEqual(sizes(), [3, 1, 1, 1]);
    answer(1);
    fail(2, new Error('of two'));
    answer(3);
    const outcomes = (await all).map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)));
    assert.deepEqual(outcomes, ['1', 'Error: of two', '3']);
  });

  it('fails together after any other failure', async () => {
    const { ask, sizes, fail } = openGathering({ mayBeOfOne: () => false });
    const all = Promise.allSettled([ask(1), ask(2)]);
    await nextTick();
    fail(0, new Error('the server is gone'));
    assert.deepEqual(
      (await all).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.deepEqual(sizes(), [2]);
  });

  it('gathers no more for a while once several were too much together, and still does after any other failure', async () => {
    for (const [failure, sizes] of [
      [new Error('too much'), [3]],
      [new Error('another'), [3, 2]],
    ] as const) {
      const isTooMuch = (cause: unknown) => cause instanceof Error && cause.message === 'too much';
      const seen: number[] = [];
      const gather = createGatherings<number, string>({ mayBeOfOne: () => false, isTooMuch });
      const owner = {};
      const ask = (asked: number, key = 'a') =>
        gather(owner, key, asked, () => ({
          most: 64,
          alone: (one) => Promise.resolve(`${one} alone`),
          together: (all) => {
            seen.push(all.length);
            return all.length > 2 ? Promise.reject(failure) : Promise.resolve(all.map(String));
          },
        }));
      const failed = await Promise.allSettled([ask(1), ask(2), ask(3)]);
      assert.deepEqual(
        failed.map(({ status }) => status),
        ['rejected', 'rejected', 'rejected'],
      );
      const others = await Promise.all([ask(4, 'b'), ask(5, 'b')]);
      assert.deepEqual(others, isTooMuch(failure) ? ['4 alone', '5 alone'] : ['4', '5']);
      assert.deepEqual(seen, sizes);
    }
  });

  it('gathers with its like alone', async () => {
    const gather = createGatherings<number, string>({ mayBeOfOne: () => false, isTooMuch: () => false });
    const seen: string[] = [];
    const ask = (owner: object, key: string, asked: number) =>
      gather(owner, key, asked, () => ({
        most: 64,
        alone: (one) => Promise.resolve(`${key} ${one}`),
        together: (all) => {
          seen.push(`${key} ${all.join(' ')}`);
          return Promise.resolve(all.map((one) => `${key} ${one}`));
        },
      }));
    const [one, other] = [{}, {}];
    const answers = await Promise.all([
      ask(one, 'a', 1),
      ask(one, 'b', 2),
      ask(other, 'a', 3),
      ask(one, 'a', 4),
      ask(other, 'a', 5),
    ]);
    assert.deepEqual(answers, ['a 1', 'b 2', 'a 3', 'a 4', 'a 5']);
    assert.deepEqual(seen, ['a 1 4', 'a 3 5']);
  });
});
