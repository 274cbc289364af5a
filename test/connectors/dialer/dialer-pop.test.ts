import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { startDialerPop } from '../../../src/connectors/dialer/start-dialer-pop.ts';
import type { Connector } from '../../../src/connectors/run-connectors.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Floor, FloorCall } from '../../../src/core/floor.ts';
import type { StoreEvent } from '../../../src/core/store.ts';
import { until } from '../../support/until.ts';

type Read = Awaited<ReturnType<Floor['read']>> | Error;

const CALL: FloorCall = {
  ...{ agent: 'ana', callId: 'Y1', state: 'ringing', direction: 'inbound', leadId: 7, ageMs: 0 },
  isStale: false,
};
const QUICK = { pollMs: 1, elsewhereMs: 1, failedMs: 1, mostFailedMs: 4, deniedMs: 20, leaveMs: 0 };

describe('automatic pop', () => {
  let connector: Connector | undefined;
  afterEach(() => connector?.close());

  /** @param answers of the floor, one after the other; the last one again and again */
  function start(answers: readonly Read[], times: Partial<typeof QUICK> = {}) {
    const seen = { reads: 0, leaves: 0, reports: [] as string[], log: [] as StoreEvent[], cards: true };
    const floor: Floor = {
      read() {
        const answer = answers[Math.min(seen.reads, answers.length - 1)] ?? [];
        seen.reads += 1;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      leave() {
        seen.leaves += 1;
        return Promise.resolve();
      },
    };
    connector = startDialerPop({
      ...{ floor, cardsOpen: () => seen.cards, clock: systemClock, times: { ...QUICK, ...times } },
      report({ callId, state, agent }) {
        seen.reports.push(`${callId} ${state} at ${agent}`);
        return Promise.resolve();
      },
      log: (event) => seen.log.push(event),
    });
    return seen;
  }

  it('asks the dialer for nobody: not before a card is open, and not after the last one was closed', async () => {
    const seen = start([[]]);
    await until('it is asked', () => seen.reads > 2);
    seen.cards = false;
    await until('it is left', () => seen.leaves === 1);
    const { reads } = seen;
    seen.cards = true;
    await until('it is asked again', () => seen.reads > reads);
    await connector?.close();
    assert.equal(seen.leaves, 2);
    assert.deepEqual(seen.log, []);
  });

  it('knows what it has told also after the dialer was away, and says each once in the log', async () => {
    const failure = new Error('away');
    const seen = start([[], [CALL], failure, failure, failure, [CALL], []]);
    await until('it ended', () => seen.reports.length === 2);
    assert.deepEqual(seen.reports, ['Y1 ringing at ana', 'Y1 ended at ana']);
    assert.deepEqual(
      seen.log.map(({ level, cause }) => [level, cause]),
      [
        ['warn', failure],
        ['info', undefined],
      ],
    );
  });

  it('waits where another process tells the calls, and tells none of the past when it takes over', async () => {
    const old = { ...CALL, ageMs: 60_000 };
    const seen = start(['elsewhere', 'elsewhere', [old], [old], [old, { ...CALL, callId: 'Y2' }]]);
    await until('a call came', () => seen.reports.length > 0);
    assert.deepEqual(seen.reports, ['Y2 ringing at ana']);
    assert.deepEqual(seen.log, []);
  });

  it('says once that it may not read the calls, asks seldom, and goes on when it may', async () => {
    const seen = start(['denied', 'denied', 'denied', []]);
    await until('it may', () => seen.log.length === 2);
    assert.match(seen.log[0]?.message ?? '', /our account may not read the calls of the dialer/);
    assert.ok(seen.leaves >= 3, 'no lock is kept meanwhile');
  });

  it('tells the calls of one agent in their order, whoever is slow', async () => {
    const luis = { ...CALL, agent: 'luis' };
    const seen = start([
      [],
      [CALL, luis],
      [
        { ...CALL, callId: 'Y2' },
        { ...luis, callId: 'Y3' },
      ],
    ]);
    await until('all were told', () => seen.reports.length === 6);
    const of = (agent: string) => seen.reports.filter((report) => report.endsWith(agent));
    assert.deepEqual(of('ana'), ['Y1 ringing at ana', 'Y1 ended at ana', 'Y2 ringing at ana']);
    assert.deepEqual(of('luis'), ['Y1 ringing at luis', 'Y1 ended at luis', 'Y3 ringing at luis']);
  });
});
