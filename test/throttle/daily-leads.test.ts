import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import fc from 'fast-check';

import { type CountedLeads, type DailyLeadStore, dayOf, endOfDay } from '../../src/core/daily-leads.ts';
import { StoreFailure } from '../../src/core/lead-store.ts';
import { createDailyLeads, UNUSUAL_LEADS } from '../../src/throttle/daily-leads.ts';
import { LeadsReadToday } from '../../src/throttle/throttle.ts';
import { createFakeClock, HOUR, MINUTE, type FakeClock } from '../service/test-services.ts';

const ANA = { account: '1', user: 'ana' };
const DAY = 24 * HOUR;

/** A store in memory, for one account. */
function createMemory() {
  let newest = 0;
  let leads = new Set<number>();
  let reported = 0;
  const memory = {
    calls: 0,
    isBroken: false,
    count({ day, leadIds, thresholds }: Parameters<DailyLeadStore['count']>[0]): Promise<CountedLeads> {
      memory.calls += 1;
      if (memory.isBroken) return Promise.reject(new StoreFailure('broken'));
      if (day > newest) [newest, leads, reported] = [day, new Set(), 0];
      const unread = leadIds.filter((leadId) => !leads.has(leadId));
      const most = thresholds.at(-1) ?? 0;
      const fits = unread.length === 0 || leads.size + unread.length <= most;
      if (fits) for (const leadId of unread) leads.add(leadId);
      const passed = fits ? (thresholds.findLast((threshold) => threshold <= leads.size) ?? 0) : most;
      const reached = passed > reported ? passed : undefined;
      reported = Math.max(reported, passed);
      return Promise.resolve({ day: newest, leads: leads.size, fits, reached });
    },
    reported: () => Promise.resolve([]),
  };
  return memory;
}

function start(dailyLeads: number, clock: FakeClock = createFakeClock(), memory = createMemory()) {
  const reports: string[] = [];
  const daily = createDailyLeads({
    dailyLeads,
    clock,
    store: () => memory,
    report: (reached, leads, { user }) => reports.push(`${user} ${reached} ${leads}`),
  });
  /** How a request reads them: what is known to be read today is not counted again. */
  async function read(...leadIds: readonly number[]): Promise<number | 'read'> {
    const unread = leadIds.filter((leadId) => !daily.today.has(ANA.account, leadId));
    const refusal = unread.length === 0 ? undefined : await daily.take(ANA, unread);
    return refusal?.retryAfterSeconds ?? 'read';
  }
  return { clock, memory, reports, read };
}

/** Noon of a day in the calendar of this machine. */
function noon(): FakeClock {
  return createFakeClock(new Date(2026, 5, 1, 12).getTime());
}

describe('a limit on the different leads of a day', () => {
  it('51: warns at 80 %, refuses what is beyond until midnight, and lets what was read be read again', async () => {
    const { read, reports, clock } = start(5, noon());
    for (const leadId of [1, 2, 3]) assert.equal(await read(leadId), 'read');
    assert.deepEqual(reports, []);
    assert.equal(await read(4), 'read');
    assert.deepEqual(reports, ['ana near limit 4']);
    assert.equal(await read(5), 'read');
    assert.deepEqual(reports, ['ana near limit 4', 'ana limit 5']);
    assert.equal(await read(6), (12 * HOUR) / 1000);
    clock.pass(11 * HOUR + 59 * MINUTE);
    assert.equal(await read(6), 60);
    assert.equal(await read(5), 'read');
    assert.equal(reports.length, 2);
  });

  it('51: begins anew at midnight', async () => {
    const { read, clock, reports } = start(1, noon());
    assert.equal(await read(1), 'read');
    assert.notEqual(await read(2), 'read');
    clock.pass(12 * HOUR);
    assert.equal(await read(2), 'read');
    assert.notEqual(await read(1), 'read', 'yesterday');
    assert.deepEqual(reports, ['ana limit 1', 'ana limit 1']);
  });

  it('51: does not begin anew when the clock is set back, also not after a restart', async () => {
    const { read, clock, memory } = start(1, noon());
    assert.equal(await read(1), 'read');
    clock.jumpWall(-3 * DAY);
    assert.notEqual(await read(2), 'read');
    const restarted = start(1, clock, memory);
    assert.notEqual(await restarted.read(2), 'read');
    assert.equal(await restarted.read(1), 'read');
  });

  it('51: begins anew after 25 hours at the latest, where the clock was years ahead, also after a restart', async () => {
    const { read, clock, memory } = start(1, noon());
    clock.jumpWall(3_650 * DAY);
    assert.equal(await read(1), 'read');
    clock.jumpWall(-3_650 * DAY);
    assert.equal(await read(2), (25 * HOUR) / 1000);
    clock.pass(HOUR);
    const restarted = start(1, clock, memory);
    assert.equal(await restarted.read(2), (25 * HOUR) / 1000);
    clock.pass(25 * HOUR);
    assert.notEqual(await restarted.read(2), 'read');
    clock.pass(1);
    assert.equal(await restarted.read(2), 'read');
    assert.notEqual(await restarted.read(3), 'read');
    assert.notEqual(await read(3), 'read', 'the other process has the same day');
  });

  it('51: refuses while leads cannot be counted, but those that were read today', async () => {
    const { read, memory } = start(5);
    await read(1);
    memory.isBroken = true;
    await assert.rejects(read(2), StoreFailure);
    assert.equal(await read(1), 'read');
    memory.isBroken = false;
    assert.equal(await read(2), 'read');
  });
});

describe('without a limit on the leads of a day', () => {
  it('51: nobody is refused, and who has read unusually many is reported once and counted no further', async () => {
    const { read, memory, reports, clock } = start(0);
    for (let leadId = 1; leadId <= UNUSUAL_LEADS * 2; leadId += 1) assert.equal(await read(leadId), 'read');
    await setImmediate();
    assert.deepEqual(reports, [`ana unusual ${UNUSUAL_LEADS}`]);
    assert.equal(memory.calls, UNUSUAL_LEADS);
    clock.pass(DAY);
    await read(1);
    assert.equal(memory.calls, UNUSUAL_LEADS + 1, 'the next day');
  });

  it('51: lookups go on while leads cannot be counted, and what is read again then counts', async () => {
    const { read, memory } = start(0);
    memory.isBroken = true;
    assert.equal(await read(1), 'read');
    await setImmediate();
    memory.isBroken = false;
    assert.equal(await read(1), 'read');
    assert.equal(await read(1), 'read');
    assert.equal(memory.calls, 2);
  });
});

describe('the leads that a process knows to be read today', () => {
  it('51: are bounded, and those that are forgotten are counted anew, which changes nothing', async () => {
    const clock = createFakeClock();
    const today = new LeadsReadToday(clock);
    today.begin(clock.wall() + 1);
    const known = () => {
      let count = 0;
      for (let leadId = 1; leadId <= 300_000; leadId += 1) if (today.has('1', leadId)) count += 1;
      return count;
    };
    for (let leadId = 1; leadId <= 100_000; leadId += 1) today.add('1', leadId);
    assert.equal(known(), 100_000);
    for (let leadId = 100_001; leadId <= 300_000; leadId += 1) today.add('1', leadId);
    assert.ok(known() <= 100_000, String(known()));

    const { read, memory } = start(300_000, clock);
    for (let leadId = 1; leadId <= 100_001; leadId += 1) await read(leadId);
    const { calls } = memory;
    assert.equal(await read(1), 'read');
    assert.equal(memory.calls, calls + 1);
  });
});

describe('the days of the calendar', () => {
  const { TZ } = process.env;
  after(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });

  for (const zone of [
    'UTC',
    'America/Mexico_City',
    'Europe/Madrid',
    'America/Santiago',
    'Pacific/Auckland',
  ]) {
    it(`51: follow each other without a gap and last 25 hours at most, in ${zone}`, () => {
      process.env.TZ = zone;
      fc.assert(
        fc.property(fc.integer({ min: 0, max: Date.UTC(2060, 0, 1) }), (wall) => {
          const day = dayOf(wall);
          const [begin, end] = [endOfDay(day - 1), endOfDay(day)];
          assert.ok(begin <= wall && wall < end);
          assert.ok(end - begin >= 23 * HOUR && end - begin <= 25 * HOUR, String(end - begin));
          assert.deepEqual([dayOf(end - 1), dayOf(end)], [day, day + 1]);
          assert.equal(new Date(1970, 0, 1 + day).getDate(), new Date(wall).getDate());
        }),
        { numRuns: 2_000 },
      );
    });
  }
});
