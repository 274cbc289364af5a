import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { recordsOf } from '../audit/audit-fixture.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { PRIVACY_SETTINGS } from '../../src/config/privacy-settings.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { runCallercard } from '../support/command.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

const BY = { user: 'ana', endpoint: 'v1', requestId: 'r' } as const;
const OLD = '2020-01-01 00:00:00';

/** Leads of which the one or the other thing is not long ago, and those of which nothing is. */
async function createOldFolder(): Promise<string> {
  const cwd = temporaryFolder();
  const path = join(cwd, 'data', 'callercard.db');
  const store = openStore(testConfig(path), { create: true });
  const lead = (leadId: number, listId: number) => ({
    lead_id: leadId,
    list_id: listId,
    phone_number: String(5_512_340_000 + leadId),
  });
  const called = { lastLocalCallTime: `${new Date().toISOString().slice(0, 10)} 10:00:00` };
  await fillEmbedded(store, {
    lists: [],
    leads: [
      lead(1, 1),
      lead(2, 1),
      lead(3, 1),
      { ...lead(4, 1), ...called },
      lead(5, 1),
      lead(6, 2),
      lead(7, 3),
    ],
    users: [],
  });
  const changed = await store.records.read(3, 'every list');
  const removed = await store.records.read(5, 'every list');
  assert.ok(changed && removed);
  await store.records.addNote(2, 'called back', BY);
  await store.records.change(3, changed.state, { ...changed.state, email: 'a@b.example' }, BY, {});
  await store.records.remove(5, removed.state, BY, {});
  await store.close();
  using database = new DatabaseSync(path);
  database.prepare('UPDATE leads SET modify_date = ?').run(OLD);
  database.prepare('UPDATE lead_changes SET at = 1 WHERE lead_id = 5').run();
  return cwd;
}

describe('retention', () => {
  it('erases who was neither called, changed, noted nor imported for so long, by list', async () => {
    const cwd = await createOldFolder();
    const run = (...args: readonly string[]) => runCallercard(args, { cwd });
    writeFileSync(join(cwd, 'new.csv'), `phone_number,list_id,modify_date\n5599887766,1,${OLD}\n`);
    assert.equal((await run('import', 'new.csv')).code, 0);
    const rules = ['--retention', '1=365,2=30000,*=365'];
    const ids = async () =>
      (await run('export')).stdout
        .match(/^\d+/gm)
        ?.map(Number)
        .sort((a, b) => a - b);
    const before = await ids();
    const dry = await run('retention', '--dry-run', '--json', ...rules);
    assert.deepEqual(JSON.parse(dry.stdout), [
      { listId: 1, days: 365, leads: 2 },
      { listId: 2, days: 30_000, leads: 0 },
      { listId: '*', days: 365, leads: 1 },
    ]);
    assert.deepEqual(await ids(), before);
    assert.equal((await run('retention', ...rules)).code, 2);
    assert.equal((await run('retention', '--yes')).code, 2);
    assert.equal((await run('retention', '--yes', ...rules)).code, 0);
    assert.deepEqual(
      await ids(),
      before?.filter((leadId) => leadId !== 1 && leadId !== 7),
    );
    assert.equal((await run('lead', 'show', '5')).code, 3);
    const records = recordsOf(join(cwd, 'data', 'callercard-audit'), 'operator').filter(
      ({ action }) => action === 'retention',
    );
    assert.deepEqual(
      records.map(({ subject, result, counts }) => [subject, result, counts]),
      [
        ['list:1', undefined, undefined],
        ['list:1', 'done', { leads: 2 }],
        ['list:*', undefined, undefined],
        ['list:*', 'done', { leads: 1 }],
      ],
    );
    // Nobody wished it: a file may bring them back.
    writeFileSync(join(cwd, 'back.csv'), 'phone_number,list_id\n5512340001,1\n');
    assert.equal((await run('import', 'back.csv')).code, 0);
  });

  it('has no rule that cannot be read', () => {
    const { parse } = PRIVACY_SETTINGS.retention;
    assert.deepEqual(parse(' 1 = 5, *=36500'), {
      value: [
        { listId: 1, days: 5 },
        { listId: '*', days: 36_500 },
      ],
    });
    for (const rule of ['1', '1=0', '0=5', 'x=5', '1=40000', '*', '1=5;2=6', '99999999999999999=5'])
      assert.ok('fault' in parse(rule), rule);
  });
});
