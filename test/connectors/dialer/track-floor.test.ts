import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createFloorTracker, YOUNG_MS } from '../../../src/connectors/dialer/track-floor.ts';
import type { FloorCall } from '../../../src/core/floor.ts';
import type { ReportedCall } from '../../../src/core/reported-call.ts';
import { createSimulatedFloor } from './floor-simulation.ts';

const NOW = 1_790_000_000_000;

function call(changes: Partial<FloorCall> = {}): FloorCall {
  return {
    ...{ agent: 'ana', callId: 'Y1', state: 'ringing', direction: 'inbound', leadId: 7 },
    ...{ phone: '5511112222', line: 'SALESLINE', ageMs: 0, isStale: false },
    ...changes,
  };
}

/** What is said of each look at the floor, half a second apart, in short. */
function follow(...looks: readonly (readonly FloorCall[])[]): readonly (readonly string[])[] {
  const tracker = createFloorTracker();
  return looks.map((look, at) => tracker.take(look, NOW + 500 * at).map(inShort));
}

function inShort({ agent, callId, state, answeredBy }: ReportedCall): string {
  return `${callId.replace(/^(preview \d+) \d+$/, '$1')} ${state} at ${agent}${answeredBy === undefined ? '' : `, has ${answeredBy}`}`;
}

describe('what happens on the floor of a dialer', () => {
  it('becomes reports of calls, each state once', () => {
    const answered = call({ state: 'answered' });
    assert.deepEqual(follow([], [call()], [call()], [answered], [answered], [call()], [], [answered], []), [
      ...[[], ['Y1 ringing at ana'], [], ['Y1 answered at ana'], [], [], ['Y1 ended at ana'], [], []],
    ]);
  });

  it('says whose a call is, where it comes from and when it began', () => {
    const tracker = createFloorTracker();
    tracker.take([], NOW);
    const [report] = tracker.take([call({ ageMs: 300 })], NOW + 500);
    assert.deepEqual(report, {
      ...{ callId: 'Y1', agent: 'ana', state: 'ringing', direction: 'inbound', phone: '5511112222' },
      ...{ leadId: 7, line: 'SALESLINE', at: NOW + 200 },
    });
  });

  it('tells the next call of an agent also where the end of the last one was missed', () => {
    const next = call({ callId: 'V2', state: 'answered', direction: 'outbound' });
    assert.deepEqual(follow([], [call()], [next]), [
      ...[[], ['Y1 ringing at ana'], ['Y1 ended at ana', 'V2 answered at ana']],
    ]);
  });

  it('tells those whose telephones rang who has the call', () => {
    const rings = [call(), call({ agent: 'luis' })];
    assert.deepEqual(follow([], rings, [call({ agent: 'luis', state: 'answered' })]).at(-1), [
      ...['Y1 ended at ana, has luis', 'Y1 answered at luis'],
    ]);
  });

  it('says nothing of calls that went on when the first look was taken, but their ends', () => {
    const [old, young, unknown] = [
      call({ ageMs: YOUNG_MS }),
      call({ agent: 'luis', callId: 'Y2', ageMs: YOUNG_MS - 1_000 }),
      call({ agent: 'eva', callId: 'Y3', ageMs: undefined }),
    ] as const;
    assert.deepEqual(follow([old, young, unknown], [{ ...old, state: 'answered' }, unknown], []), [
      ...[['Y2 ringing at luis'], ['Y2 ended at luis'], ['Y1 ended at ana', 'Y3 ended at eva']],
    ]);
  });

  it('neither begins nor ends a call whose agent was not heard of, and waits for something to show', () => {
    const stale = call({ isStale: true });
    assert.deepEqual(follow([], [stale], [call()], [stale], [stale], [call()]), [
      ...[[], [], ['Y1 ringing at ana'], [], [], []],
    ]);
    const bare = call({ phone: undefined, leadId: undefined });
    assert.deepEqual(follow([], [bare], [call({ leadId: undefined })]), [[], [], ['Y1 ringing at ana']]);
  });

  it('shows a lead before it is dialed, once, and again after another one', () => {
    const lead = (leadId: number) => [call({ callId: undefined, phone: undefined, leadId })];
    assert.deepEqual(follow([], lead(7), lead(7), [], lead(7), lead(8), lead(7)), [
      ...[[], ['preview 7 ringing at ana'], [], ['preview 7 ended at ana'], []],
      ...[['preview 8 ringing at ana'], ['preview 8 ended at ana', 'preview 7 ringing at ana']],
    ]);
  });

  it('is told once for each call of a day with 300 agents, whatever looks are missed or come twice', () => {
    const floor = createSimulatedFloor('a day on the floor', 300);
    const tracker = createFloorTracker();
    const owners = new Map<string, string>();
    const last = new Map<string, ReportedCall['state']>();
    tracker.take(floor.snapshot(false), floor.now());
    for (let tick = 0; tick < 4_000; tick += 1) {
      floor.tick();
      if (floor.random.chance(0.2)) continue;
      const times = floor.random.chance(0.1) ? 2 : 1;
      const snapshot = floor.snapshot(true);
      for (let time = 0; time < times; time += 1) {
        for (const { callId, agent, state, at = 0 } of tracker.take(snapshot, floor.now())) {
          const before = last.get(callId);
          assert.ok(before !== 'ended' && before !== state, `${callId}: ${state} after ${before}`);
          assert.ok(state !== 'ringing' || before === undefined, `${callId} rings twice`);
          assert.equal(owners.get(callId) ?? agent, agent);
          assert.ok(at <= floor.now() && at > floor.now() - 60_000);
          owners.set(callId, agent);
          last.set(callId, state);
        }
      }
    }
    const seen = floor.calls.filter(({ wasSeen }) => wasSeen);
    assert.ok(seen.length > 10_000, `${seen.length} calls`);
    for (const { callId, agent } of seen) assert.equal(owners.get(callId), agent, callId);
    const reported = [...owners.keys()].filter((callId) => !callId.startsWith('preview '));
    assert.equal(reported.length, seen.length);
  });
});
