import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ManagerMessage } from '../../../src/connectors/asterisk/read-events.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { createTracker, eventsOf, linesOf, RECORDED, recorded, reportsOf } from './scenes.ts';

const CALLER = '+523311110001';

/** What is reported of each scene that was recorded of Asterisk 22: every report, in order. */
const REPORTS: Readonly<Record<string, readonly string[]>> = {
  'extension-answered': [
    `ana ringing inbound ${CALLER}`,
    `ana answered inbound ${CALLER}`,
    'ana ended ANSWER',
  ],
  'extension-unanswered': [`ana ringing inbound ${CALLER} 5005`, 'ana ended NOANSWER'],
  'extension-caller-abandons': [`ana ringing inbound ${CALLER}`, 'ana ended CANCEL'],
  'extension-busy': [],
  'extension-anonymous': [],
  'queue-linear-answered-by-second': [
    `ana ringing inbound ${CALLER} 5000`,
    'ana ended NOANSWER',
    `luis ringing inbound ${CALLER} 5000`,
    `luis answered inbound ${CALLER} 5000`,
    'luis ended ANSWER',
  ],
  'queue-abandoned': [
    `luis ringing inbound ${CALLER} 5001`,
    `ana ringing inbound ${CALLER} 5001`,
    'luis ended CANCEL',
    'ana ended CANCEL',
  ],
  'ringgroup-answered-by-second': [
    `luis ringing inbound ${CALLER} 5003`,
    `ana ringing inbound ${CALLER} 5003`,
    `luis answered inbound ${CALLER} 5003`,
    'ana ended CANCEL by luis',
    'luis ended ANSWER',
  ],
  'blind-transfer-REFER': [
    `ana ringing inbound ${CALLER}`,
    `ana answered inbound ${CALLER}`,
    'ana ended ANSWER',
    `luis ringing inbound ${CALLER}`,
    `luis answered inbound ${CALLER}`,
    'luis ended ANSWER',
  ],
  'attended-transfer': [
    `ana ringing inbound ${CALLER}`,
    `ana answered inbound ${CALLER}`,
    `luis answered inbound ${CALLER}`,
    'ana ended ANSWER',
    'luis ended ANSWER',
  ],
  'outbound-by-agent': [
    'ana ringing outbound 3311110001 trunk',
    'ana answered outbound 3311110001 trunk',
    'ana ended ANSWER',
  ],
  internal: [],
};

/** By call, as calls do not wait for each other. */
function byCall(events: readonly ManagerMessage[]) {
  return { ...Object.groupBy(reportsOf(events), ({ callId }) => callId) };
}

describe('a recorded call', () => {
  for (const [name, text] of RECORDED)
    it(`is reported of each agent once: ${name}`, () => {
      assert.deepEqual(linesOf(eventsOf(text)), REPORTS[name]);
    });

  it('has the id that Asterisk links its channels by, at every agent', () => {
    const ids = (name: string) => [
      ...new Set(reportsOf(eventsOf(recorded(name))).map(({ callId }) => callId)),
    ];
    assert.deepEqual(ids('queue-linear-answered-by-second'), ['1795905282.135']);
    assert.deepEqual(ids('attended-transfer'), ['1795905317.148']);
  });

  it('is reported once, however often each event comes', () => {
    for (const [name, text] of RECORDED) {
      const events = eventsOf(text);
      assert.deepEqual(linesOf(events.flatMap((event) => [event, event, event])), REPORTS[name], name);
      // All of it again, late.
      assert.deepEqual(linesOf([...events, ...events]), REPORTS[name], name);
    }
  });

  it('brings no more than its calls where neighbouring events change places', () => {
    const random = new SeededRandom('reordered events');
    for (const [name, text] of RECORDED) {
      const most = new Set((REPORTS[name] ?? []).map((line) => line.split(' ', 2).join(' ')));
      for (let round = 0; round < 50; round += 1) {
        const events = [...eventsOf(text)];
        for (let swap = 0; swap < 5; swap += 1) {
          const at = random.below(events.length - 1);
          events.splice(at, 2, ...events.slice(at, at + 2).reverse());
        }
        const lines = linesOf(events).map((line) => line.split(' ', 2).join(' '));
        assert.equal(new Set(lines).size, lines.length, `${name}: ${lines.join(', ')}`);
        for (const line of lines) assert.ok(most.has(line), `${name}: ${line}`);
        // Nobody's card goes on ringing.
        const agents = new Set(lines.map((line) => line.split(' ', 1).join()));
        assert.deepEqual(
          lines.filter((line) => line.endsWith(' ended')).sort(),
          [...agents].map((agent) => `${agent} ended`).sort(),
          name,
        );
      }
    }
  });

  it('is reported the same whatever other calls go on', () => {
    const random = new SeededRandom('interleaved scenes');
    const scenes = [...RECORDED.values()].map(eventsOf);
    const alone = Object.assign({}, ...scenes.map(byCall)) as object;
    for (let round = 0; round < 40; round += 1) {
      const waiting = scenes.map((events) => [...events]);
      const mixed: ManagerMessage[] = [];
      while (waiting.some(({ length }) => length > 0)) {
        const next = random.pick(waiting.filter(({ length }) => length > 0)).shift();
        if (next !== undefined) mixed.push(next);
      }
      assert.deepEqual(byCall(mixed), alone);
    }
  });
});

describe('calls that never end', () => {
  const scene = eventsOf(recorded('extension-answered'));
  const ringing = scene.slice(
    0,
    scene.findIndex((event) => event.get('DialStatus') === 'ANSWER'),
  );

  it('are taken for over after a shift', () => {
    let now = 0;
    const tracker = createTracker(() => now);
    assert.equal(reportsOf(ringing, tracker).length, 1);
    now = 8 * 3_600_000;
    assert.deepEqual(tracker.sweep(), []);
    now += 1;
    assert.deepEqual(
      tracker.sweep().map(({ agent, state }) => [agent, state]),
      [['ana', 'ended']],
    );
    assert.deepEqual(tracker.sweep(), []);
  });

  it('are taken for over where events were missed; what comes later of them is another call', () => {
    const tracker = createTracker();
    reportsOf(ringing, tracker);
    assert.deepEqual(
      tracker.interrupt().map(({ agent, state }) => [agent, state]),
      [['ana', 'ended']],
    );
    const after = reportsOf(scene.slice(ringing.length), tracker);
    assert.deepEqual(
      after.map(({ callId, state }) => [callId, state]),
      [
        ['1795905146.89~2', 'answered'],
        ['1795905146.89~2', 'ended'],
      ],
    );
  });

  it('take no memory without bound', () => {
    const tracker = createTracker();
    let ended = 0;
    const [ring] = ringing.filter((event) => event.get('DialStatus') === 'RINGING');
    for (let call = 0; call < 5_500; call += 1) {
      const other = [...(ring ?? [])].map(
        ([name, value]) => [name, value.replace('1795905146', String(call))] as const,
      );
      ended += reportsOf([new Map(other)], tracker).filter(({ state }) => state === 'ended').length;
    }
    assert.equal(ended, 500);
  });
});
