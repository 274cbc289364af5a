import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import type { Store } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { dayOf } from '../../src/core/daily-leads.ts';
import { inspectDailyLeads } from '../../src/diagnostics/settings.ts';
import { runCallercard } from '../support/command.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

const nobody = { host: '127.0.0.1', port: 9 };
const DIALER = {
  CALLERCARD_DATABASE: `mariadb://callercard:p4ss-of-dialer@${nobody.host}:${nobody.port}/asterisk`,
  CALLERCARD_STATE_FILE: 'state.db',
};

/** Three leads of two accounts, of which one comes to its threshold. */
async function readLeads(store: Store): Promise<void> {
  const read = { day: dayOf(Date.now()), thresholds: [2] };
  await store.dailyLeads.count({ ...read, account: '1', user: 'ana', leadIds: [1, 2] }, 'now');
  await store.dailyLeads.count({ ...read, account: '2', user: 'luis', leadIds: [1] }, 'now');
  await store.close();
}

describe('callercard check', () => {
  it('51: names who has read many different leads today, on the embedded store', async () => {
    const cwd = await createFilledFolder();
    const before = await runCallercard(['check'], { cwd });
    assert.doesNotMatch(before.stdout, /leads of today/);
    await readLeads(openStore(testConfig(join(cwd, 'data', 'callercard.db'))));
    const { stdout } = await runCallercard(['check'], { cwd });
    assert.match(stdout, /advice {2}leads of today: many different leads were read today by ana \(2\)\n/);
    assert.doesNotMatch(stdout, /luis/);
  });

  it('51: does so beside a dialer, from a state file that is there, and makes none', async () => {
    const cwd = temporaryFolder();
    await runCallercard(['check'], { cwd, env: DIALER });
    assert.deepEqual(readdirSync(cwd), []);
    const account = { user: 'callercard', password: 'p4ss-of-dialer' };
    await readLeads(openStore(dialerConfig(nobody, account, { stateFile: join(cwd, 'state.db') })));
    const { stdout } = await runCallercard(['check'], { cwd, env: DIALER });
    assert.match(stdout, /leads of today: many different leads were read today by ana \(2\)\n/);
  });

  it('51: names the first ten, and how many others there are', () => {
    const accounts = Array.from({ length: 13 }, (_, at) => ({ user: `u${at}`, leads: 900 - at }));
    const [advice] = inspectDailyLeads(accounts);
    assert.match(advice?.message ?? '', /by u0 \(900\), .+, u9 \(891\) and 3 others$/);
    assert.deepEqual(inspectDailyLeads([]), []);
  });
});
