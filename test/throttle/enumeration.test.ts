import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createEnumerationGuard, type EnumerationGuard } from '../../src/throttle/throttle.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { createFakeClock, type FakeClock } from '../service/test-services.ts';

const PER_SECOND = 10;
/** What goes at any speed: until it is noticed, and then for a hundred seconds' worth. */
const AT_ONCE = 100 + 100 * PER_SECOND;
const FIRST = 500_000;

interface Enumeration {
  readonly granted: number;
  readonly refusals: readonly NonNullable<ReturnType<EnumerationGuard>>[];
  readonly logged: number;
}

function enumerate(
  watch: EnumerationGuard,
  ids: Iterable<number>,
  beforeEach: () => void = () => undefined,
): Enumeration {
  const refusals: NonNullable<ReturnType<EnumerationGuard>>[] = [];
  let granted = 0;
  for (const id of ids) {
    beforeEach();
    const refusal = watch('crm', id);
    if (refusal === undefined) granted += 1;
    else refusals.push(refusal);
  }
  return { granted, refusals, logged: refusals.filter(({ enumeration }) => enumeration === 'begun').length };
}

function ids(count: number, idAt: (at: number) => number): readonly number[] {
  return Array.from({ length: count }, (_, at) => idAt(at));
}

function open(perSecond = PER_SECOND): { watch: EnumerationGuard; clock: FakeClock } {
  const clock = createFakeClock();
  return { watch: createEnumerationGuard(perSecond, clock), clock };
}

describe('enumeration of lead ids', () => {
  const random = new SeededRandom('a walk');
  const walks: Readonly<Record<string, readonly number[]>> = {
    'each one upwards': ids(10_000, (at) => FIRST + at),
    'each one downwards': ids(10_000, (at) => FIRST - at),
    'every third one': ids(10_000, (at) => FIRST + at * 3),
    'nearly in order, as over many connections at once': ids(10_000, (at) => FIRST + at + random.below(20)),
    'at four places in turn': ids(10_000, (at) => FIRST + (at % 4) * 100_000 + Math.floor(at / 4)),
  };
  for (const [name, asked] of Object.entries(walks)) {
    it(`15: ${name}: is throttled after a while, and reported once`, () => {
      const { watch } = open();
      const { granted, logged } = enumerate(watch, asked);
      const distinct = new Set(asked).size;
      assert.ok(distinct > 5_000, `${distinct} ids`);
      // Places are noticed each by itself; ids that come a second time are no step.
      assert.ok(granted <= AT_ONCE + 300 + (asked.length - distinct), `${granted} granted`);
      assert.ok(granted >= PER_SECOND * 100, `${granted} granted`);
      assert.equal(logged, 1);
    });
  }

  it('15: goes on at the rate, for ever', () => {
    const { watch, clock } = open();
    enumerate(
      watch,
      ids(5_000, (at) => FIRST + at),
    );
    const { granted, logged } = enumerate(
      watch,
      ids(60_000, (at) => FIRST + 5_000 + at),
      () => clock.pass(1),
    );
    assert.ok(Math.abs(granted - 60 * PER_SECOND) <= 2, `${granted} granted in a minute`);
    assert.equal(logged, 0, 'a walk is told once, not each minute');
  });

  it('15: is not made free by jumps over a gap, once it is noticed', () => {
    const { watch } = open();
    enumerate(
      watch,
      ids(2_000, (at) => FIRST + at),
    );
    const jumping = ids(10_000, (at) => FIRST + 10_000 + at + 100 * Math.floor(at / 90));
    const { granted } = enumerate(watch, jumping);
    // The first id after each jump is not yet a step.
    assert.ok(granted <= 10_000 / 90 + 1, `${granted} granted`);
  });

  it('15: is refused again at once, and granted after the time that the refusal gave', () => {
    const { watch, clock } = open();
    enumerate(
      watch,
      ids(AT_ONCE, (at) => FIRST + at),
    );
    const next = FIRST + AT_ONCE;
    assert.equal(watch('crm', next)?.enumeration, 'begun');
    const again = { code: 'rate_limited', retryAfterSeconds: 1, enumeration: 'goes on' };
    assert.deepEqual(watch('crm', next), again);
    clock.pass(1_000);
    assert.equal(watch('crm', next), undefined);
    assert.equal(watch('crm', next), undefined, 'what was answered once tells nothing new');
  });

  it('15: is reported again when it begins again after a pause', () => {
    const { watch, clock } = open();
    assert.equal(
      enumerate(
        watch,
        ids(5_000, (at) => FIRST + at),
      ).logged,
      1,
    );
    clock.pass(60_000);
    assert.equal(
      enumerate(
        watch,
        ids(5_000, (at) => FIRST + 5_000 + at),
      ).logged,
      1,
    );
  });

  it('15: is not made free by asking for every other id first, but for the ids that lie between', () => {
    const { watch } = open();
    enumerate(
      watch,
      ids(5_000, (at) => FIRST + at * 2),
    );
    const { granted } = enumerate(
      watch,
      ids(10_000, (at) => FIRST + at),
    );
    assert.ok(granted <= 2 * AT_ONCE, `${granted} granted`);
  });

  it('15: slows nobody else, and nothing else that its user asks', () => {
    const { watch } = open();
    enumerate(
      watch,
      ids(5_000, (at) => FIRST + at),
    );
    const random = new SeededRandom('far apart');
    for (let turn = 0; turn < 500; turn += 1) {
      assert.equal(watch('other', FIRST + 5_000 + (turn % 90)), undefined);
      assert.equal(watch('crm', 10_000_000 + random.below(1_000_000) * 100), undefined);
    }
  });

  it('is nobody’s concern where the limit is 0', () => {
    assert.equal(
      enumerate(
        open(0).watch,
        ids(10_000, (at) => FIRST + at),
      ).granted,
      10_000,
    );
  });
});

describe('what is not enumeration', () => {
  it('15: leads at random, however few there are and however fast', () => {
    for (const leads of [1_000, 1_500, 5_000, 100_000]) {
      const random = new SeededRandom(String(leads));
      const { refusals } = enumerate(
        open().watch,
        ids(200_000, () => 1 + random.below(leads)),
      );
      assert.equal(refusals.length, 0, `${leads} leads`);
    }
  });

  it('15: the same leads over and over', () => {
    for (const leads of [1, 2, 20, 100, 120, 1_000]) {
      const { refusals } = enumerate(
        open().watch,
        ids(100_000, (at) => FIRST + (at % leads)),
      );
      assert.equal(refusals.length, 0, `${leads} leads`);
    }
  });

  it('15: a list that a dialer calls in its order, or a CRM fetches at leisure', () => {
    const { watch, clock } = open();
    const inOrder = ids(50_000, (at) => FIRST + at * 2);
    const { refusals } = enumerate(watch, inOrder, () => clock.pass(1_000 / PER_SECOND));
    assert.equal(refusals.length, 0);
  });
});
