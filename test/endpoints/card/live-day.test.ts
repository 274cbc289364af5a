import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { mariadbSkip } from '../../support/mariadb-server.ts';
import { runLiveDay } from './live-day.ts';

/** `npm run bench:pop -- day` runs a longer one with more agents. */
const DAY = { agents: 30, dayMs: 12_000, callMs: 1_500 } as const;

describe('a day on the floor of a dialer', { skip: mariadbSkip }, () => {
  it('opens the card of each call once, at its agent alone, across restarts of the server and of the database', async () => {
    const { calls, faults } = await runLiveDay(DAY);
    assert.deepEqual(faults, []);
    assert.ok(calls > DAY.agents, `${calls} calls`);
  });
});
