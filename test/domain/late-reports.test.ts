import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { systemClock } from '../../src/core/clock.ts';
import { CALL_STATES, type CallState, type ReportedCall } from '../../src/core/reported-call.ts';
import type { StoreEvent } from '../../src/core/store.ts';
import { createLateReports, type LateReportsOptions } from '../../src/domain/late-reports.ts';
import { until } from '../support/until.ts';

const report = (agent: string, callId: string, state: CallState = 'ringing'): ReportedCall => ({
  ...{ agent, callId, state, direction: 'inbound', phone: '5511112222' },
});

/** Where reports are told, which may be away. */
function createPlace(limits: LateReportsOptions['limits'] = {}) {
  const heard: string[] = [];
  const log: StoreEvent[] = [];
  const place = {
    heard,
    log,
    /** Whose reports cannot be told. */
    isAway: (agent: string): boolean => agent === '',
    tries: 0,
    late: createLateReports({
      deliver({ agent, callId, state }, isShown) {
        place.tries += 1;
        if (place.isAway(agent)) return Promise.resolve('failed');
        heard.push(`${agent} ${callId} ${state}${isShown ? '' : ', not shown'}`);
        return Promise.resolve('done');
      },
      clock: systemClock,
      log: (event) => log.push(event),
      limits: { retryMs: 1, mostRetryMs: 4, ...limits },
    }),
  };
  return place;
}

describe('reports that cannot be told at once', () => {
  it('are told in their order once they can be, and of each call the newest is shown', async () => {
    const ours = createPlace();
    ours.isAway = () => true;
    for (const state of CALL_STATES) await ours.late.report(report('ana', 'a', state));
    await ours.late.report(report('ana', 'a', 'ringing'));
    await ours.late.report(report('ana', 'b'));
    await ours.late.report(report('luis', 'a'));
    assert.equal(ours.heard.length, 0);
    ours.isAway = () => false;
    await until('told', () => ours.heard.length === 5);
    assert.deepEqual(
      ours.heard.filter((one) => one.startsWith('ana')),
      ['ana a ringing, not shown', 'ana a answered, not shown', 'ana a ended', 'ana b ringing'],
    );
    await until('said', () => ours.log.length === 2);
    assert.deepEqual(
      ours.log.map(({ level }) => level),
      ['warn', 'info'],
    );
    await ours.late.report(report('ana', 'b', 'answered'));
    assert.equal(ours.heard.at(-1), 'ana b answered');
    await ours.late.close();
    assert.equal(ours.log.length, 2);
  });

  it('are kept as of when they were said, and not of when they could be told', async () => {
    const time = { wall: 1_000, monotonic: 0 };
    const kept: (readonly [CallState, number | undefined])[] = [];
    let isAway = true;
    const late = createLateReports({
      deliver({ state, at }) {
        if (!isAway) kept.push([state, at]);
        return Promise.resolve(isAway ? 'failed' : 'done');
      },
      clock: { wall: () => time.wall, monotonic: () => time.monotonic },
      log: () => undefined,
      limits: { retryMs: 1, mostRetryMs: 4 },
    });
    for (const state of CALL_STATES) {
      await late.report(report('ana', 'a', state));
      time.wall += 60_000;
    }
    await late.report({ ...report('ana', 'b'), at: 7 });
    isAway = false;
    await until('kept', () => kept.length === 4);
    assert.deepEqual(kept, [
      ['ringing', 1_000],
      ['answered', 61_000],
      ['ended', 121_000],
      ['ringing', 7],
    ]);
    await late.close();
  });

  it('are said to be lost, too, where they fail while this process ends', async () => {
    const log: string[] = [];
    const delivery = Promise.withResolvers<'failed'>();
    const late = createLateReports({
      deliver: () => delivery.promise,
      clock: systemClock,
      log: ({ level, message }) => log.push(`${level}: ${message}`),
    });
    const reported = late.report(report('ana', 'a'));
    await late.close();
    assert.deepEqual(log, []);
    delivery.resolve('failed');
    await reported;
    assert.deepEqual(log, ['error: 1 calls are lost that waited for the store or the audit']);
  });

  it('are shown by the newest of each call as soon as cards can hear of it, though none can be kept', async () => {
    let can: 'failed' | 'shown' | 'done' = 'failed';
    const [shown, kept]: [Set<string>, string[]] = [new Set(), []];
    const late = createLateReports({
      deliver({ callId, state }, isShown) {
        if (can !== 'failed' && isShown) shown.add(`${callId} ${state}`);
        if (can === 'done') kept.push(`${callId} ${state}`);
        return Promise.resolve(can);
      },
      clock: systemClock,
      log: () => undefined,
      limits: { retryMs: 1, mostRetryMs: 4 },
    });
    for (const state of CALL_STATES) await late.report(report('ana', 'a', state));
    await late.report(report('luis', 'b'));
    can = 'shown';
    await until('shown', () => shown.size === 2);
    assert.equal(kept.length, 0);
    can = 'done';
    await until('kept', () => kept.length === 4);
    assert.deepEqual(shown, new Set(['a ended', 'b ringing']));
    assert.deepEqual(
      kept.filter((one) => one.startsWith('a')),
      CALL_STATES.map((state) => `a ${state}`),
    );
    await late.close();
  });

  it('do not wait for an agent of whom nothing can be told', async () => {
    const place = createPlace();
    place.isAway = () => true;
    for (const agent of ['ana', 'luis', 'eva']) await place.late.report(report(agent, 'a'));
    place.isAway = (agent) => agent === 'ana';
    await until('the others', () => place.heard.length === 2);
    await place.late.report(report('bruno', 'b'));
    assert.equal(place.heard.at(-1), 'bruno b ringing');
    await place.late.close();
    assert.match(place.log.at(-1)?.message ?? '', /^1 calls are lost/);
  });

  it('are tried once more while this process ends, and counted where that fails', async () => {
    for (const agentAway of ['', 'ana']) {
      const place = createPlace({ retryMs: 60_000, mostRetryMs: 60_000 });
      place.isAway = () => true;
      for (const agent of ['luis', 'ana']) await place.late.report(report(agent, 'a'));
      place.isAway = (agent) => agent === agentAway;
      await place.late.close();
      assert.equal(place.heard.length, agentAway === '' ? 2 : 1);
      const [, lost] = place.log.map(({ message }) => message);
      assert.match(lost ?? 'none', agentAway === '' ? /^none$/ : /^1 calls are lost/);
    }
  });

  it('are said to be lost where their domain is not served any longer', async () => {
    const log: string[] = [];
    let delivery: 'failed' | 'lost' = 'failed';
    const late = createLateReports({
      deliver: () => Promise.resolve(delivery),
      clock: systemClock,
      log: ({ message }) => log.push(message),
      limits: { retryMs: 1 },
    });
    for (const state of CALL_STATES) await late.report(report('ana', 'a', state));
    delivery = 'lost';
    const gone = (count: number) =>
      `${count} reports of calls are lost: their domain is not served any longer`;
    await until('gone', () => log.includes(gone(3)));
    await late.report(report('ana', 'b'));
    assert.equal(log.at(-1), gone(1));
    await late.close();
  });

  it('are bounded in number and in time, and what is lost is logged', async () => {
    const place = createPlace({ mostCalls: 2, giveUpMs: 20 });
    place.isAway = () => true;
    for (const callId of ['a', 'b', 'c']) await place.late.report(report('ana', callId));
    await until('given up', () => place.log.length === 2);
    assert.partialDeepStrictEqual(place.log.at(-1), { level: 'error' });
    assert.match(place.log.at(-1)?.message ?? '', /lost: 3 /);
    const { tries } = place;
    place.isAway = () => false;
    await place.late.report(report('ana', 'd'));
    assert.deepEqual([place.heard, place.tries], [['ana d ringing'], tries + 1]);
    await place.late.close();
  });

  it('are each told once and in order, whenever the place is away', async () => {
    const agents = ['ana', 'luis'];
    const step = fc.record({ agent: fc.constantFrom(...agents), isAway: fc.boolean(), waits: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const place = createPlace();
        const said: string[] = [];
        for (const [at, { agent, isAway, waits }] of steps.entries()) {
          place.isAway = () => isAway;
          await place.late.report(report(agent, String(at)));
          said.push(`${agent} ${at} ringing`);
          if (waits) await new Promise(setImmediate);
        }
        place.isAway = () => false;
        await until('told', () => place.heard.length === said.length, 1);
        const ofAgent = (all: readonly string[], name: string) => all.filter((one) => one.startsWith(name));
        for (const agent of agents) assert.deepEqual(ofAgent(place.heard, agent), ofAgent(said, agent));
        await place.late.close();
      }),
      { numRuns: 50 },
    );
  });
});
