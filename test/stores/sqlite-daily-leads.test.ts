import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import fc from 'fast-check';

import type { CountedLeads } from '../../src/core/daily-leads.ts';
import { StoreFailure } from '../../src/core/lead-store.ts';
import type { StoreEvent, Store } from '../../src/core/store.ts';
import { openConnection, type Connection } from '../../src/stores/sqlite/connection.ts';
import { createDailyLeads } from '../../src/stores/sqlite/daily-leads.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const DAY = 20_000;
const THRESHOLDS = [4, 5];

/** A process that counts: a connection of its own on the file. */
function open(path: string) {
  const connection = openConnection({ path, country: undefined, fallbackCountry: 'MX', create: true });
  const events: StoreEvent[] = [];
  const daily = createDailyLeads(connection, (event) => events.push(event));
  return {
    connection,
    events,
    daily,
    read: (leadIds: readonly number[], { account = '1', day = DAY, thresholds = THRESHOLDS } = {}) =>
      daily.count({ day, account, user: `user ${account}`, leadIds, thresholds }, 'now'),
    soon: (leadId: number) =>
      daily.count(
        { day: DAY, account: '1', user: 'user 1', leadIds: [leadId], thresholds: THRESHOLDS },
        'soon',
      ),
    close() {
      daily.close();
      connection.database.close();
    },
  };
}

type Process = ReturnType<typeof open>;

/** What came of it: leads, whether they fit, what was reached. */
function brief({ leads, fits, reached }: CountedLeads) {
  return [leads, fits, reached] as const;
}

const nobody = { host: '127.0.0.1', port: 9 };
/** Each engine's store, whose file is at a path. */
const STORES = {
  'the embedded store': (path: string): Store => openStore(testConfig(path), { create: true }),
  'a dialer, which need not answer': (path: string): Store =>
    openStore(dialerConfig(nobody, { user: 'callercard', password: 'none' }, { stateFile: path })),
};

for (const [engine, openAt] of Object.entries(STORES)) {
  it(`51: the leads of a day that wait to be counted are counted when the store closes, with ${engine}`, async () => {
    const path = join(temporaryFolder(), 'closed.db');
    const store = openAt(path);
    const read = { day: DAY, account: '1', user: 'ana', thresholds: THRESHOLDS };
    const counted = store.dailyLeads.count({ ...read, leadIds: [1] }, 'soon');
    await store.close();
    assert.deepEqual(brief(await counted), [1, true, undefined]);
    const again = openAt(path);
    assert.deepEqual(brief(await again.dailyLeads.count({ ...read, leadIds: [2] }, 'now')), [
      2,
      true,
      undefined,
    ]);
    await again.close();
  });
}

function rowsOf({ database }: Connection, table: 'daily_leads' | 'daily_lead_counts', day: number): number {
  return Number(database.prepare(`SELECT count(*) AS n FROM ${table} WHERE day = ?`).get(day)?.n);
}

describe('the different leads of a day', () => {
  let path: string;
  let one: Process;
  let other: Process;
  beforeEach(() => {
    path = join(temporaryFolder(), 'leads.db');
    one = open(path);
    other = open(path);
  });
  afterEach(() => {
    one.close();
    other.close();
  });

  it('51: count each lead once for each account, over all processes', async () => {
    assert.deepEqual(brief(await one.read([1, 2])), [2, true, undefined]);
    assert.deepEqual(brief(await other.read([2, 3])), [3, true, undefined]);
    assert.deepEqual(brief(await one.read([3])), [3, true, undefined]);
    assert.deepEqual(brief(await one.read([3], { account: 'token:1' })), [1, true, undefined]);
  });

  it('51: are reported once a day, by whichever process comes to the number', async () => {
    await one.read([1, 2, 3]);
    assert.deepEqual(brief(await other.read([4])), [4, true, 4]);
    assert.deepEqual(brief(await one.read([4])), [4, true, undefined]);
    assert.deepEqual(brief(await one.read([5])), [5, true, 5]);
    assert.deepEqual(brief(await other.read([6])), [5, false, undefined]);
    assert.deepEqual(await one.daily.reported(DAY), [{ user: 'user 1', leads: 5 }]);
    assert.deepEqual(brief(await other.read([1, 2, 3, 4, 5], { day: DAY + 1 })), [5, true, 5]);
    assert.deepEqual(await one.daily.reported(DAY + 1), [{ user: 'user 1', leads: 5 }]);
    assert.deepEqual(await one.daily.reported(DAY + 2), []);
  });

  it('51: are counted for an answer as a whole or not at all, and a refusal is reported, too', async () => {
    await one.read([1, 2, 3]);
    assert.deepEqual(brief(await other.read([3, 4, 5, 6])), [3, false, 5]);
    assert.deepEqual(brief(await other.read([4, 5])), [5, true, undefined]);
    assert.deepEqual(brief(await one.read([1, 5])), [5, true, undefined], 'read today');
    assert.equal(rowsOf(one.connection, 'daily_leads', DAY), 5, 'rows are bounded by the limit');
  });

  it('51: are those of the newest day that any process has seen', async () => {
    await one.read([1, 2, 3, 4, 5], { day: DAY + 1 });
    const counted = await other.read([6]);
    assert.deepEqual([counted.day, ...brief(counted)], [DAY + 1, 5, false, undefined]);
  });

  it('51: are removed in pieces when another day has begun, its counts last', async () => {
    const many = Array.from({ length: 1_200 }, (_, at) => at + 1);
    await one.read(many, { thresholds: [5_000] });
    for (const left of [700, 200, 0]) {
      assert.equal(rowsOf(one.connection, 'daily_lead_counts', DAY), 1);
      await other.read([1], { day: DAY + 1 });
      assert.equal(rowsOf(one.connection, 'daily_leads', DAY), left);
    }
    assert.equal(rowsOf(one.connection, 'daily_lead_counts', DAY), 0);
    assert.equal(rowsOf(one.connection, 'daily_leads', DAY + 1), 1);
  });

  it('51: are there after a restart, also those that waited to be counted', async () => {
    const waiting = [one.soon(1), one.soon(2)];
    one.close();
    assert.deepEqual((await Promise.all(waiting)).map(brief), [
      [1, true, undefined],
      [2, true, undefined],
    ]);
    one = open(path);
    assert.deepEqual(brief(await one.read([2, 3])), [3, true, undefined]);
  });

  it('51: wait beside the event loop while another process writes', async () => {
    other.connection.database.exec('BEGIN IMMEDIATE');
    let isCounted = false;
    const waiting = one.read([1]).finally(() => (isCounted = true));
    for (let tick = 0; tick < 20; tick += 1) await setTimeout(1);
    assert.equal(isCounted, false);
    other.connection.database.exec('ROLLBACK');
    assert.deepEqual(brief(await waiting), [1, true, undefined]);
    assert.deepEqual(one.events, []);
  });

  it('51: are refused while they cannot be written, which is logged once, as is the end of it', async () => {
    const levels = () => one.events.map(({ level }) => level);
    one.connection.database.exec('PRAGMA query_only = ON');
    await assert.rejects(one.read([1]), StoreFailure);
    await assert.rejects(one.soon(2), StoreFailure);
    assert.deepEqual(levels(), ['error']);
    one.connection.database.exec('PRAGMA query_only = OFF');
    assert.deepEqual(brief(await one.read([3])), [1, true, undefined]);
    await until('the end is logged', () => levels().length === 2);
    assert.deepEqual(levels(), ['error', 'info']);
  });

  it('51: are what a model of two processes says, whatever they read', async () => {
    const leads = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });
    const step = fc.record({ process: fc.boolean(), account: fc.constantFrom('1', '2'), leads });
    let day = DAY + 10;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        day += 1;
        const known = new Map<string, Set<number>>();
        const reported = new Map<string, number>();
        for (const { process, account, leads: leadIds } of steps) {
          const seen = known.get(account) ?? new Set();
          const union = new Set([...seen, ...leadIds]);
          const fits = union.size <= Math.max(5, seen.size);
          if (fits) known.set(account, union);
          const leads = fits ? union.size : seen.size;
          const passed = fits ? (leads >= 5 ? 5 : leads >= 4 ? 4 : 0) : 5;
          const before = reported.get(account) ?? 0;
          const reached = passed > before ? passed : undefined;
          reported.set(account, Math.max(before, passed));
          const counted = await (process ? one : other).read(leadIds, { account, day });
          assert.deepEqual(brief(counted), [leads, fits, reached]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
