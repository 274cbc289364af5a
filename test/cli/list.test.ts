import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { recordsOf } from '../audit/audit-fixture.ts';
import { claimFile } from '../../src/stores/claim-file.ts';
import { runCallercard, type Ran } from '../support/command.ts';
import { postgresqlSkip, startPostgresql } from '../support/postgresql-server.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { ACCOUNT, createDatabaseFor } from '../stores/postgresql/filled-store.ts';

const FILES = {
  'north.csv':
    'list_id,first_name,phone_number,RFC\n1,Ana,5512340001,PEA800101\n1,Luis,5512340002,\n1,Eva,5512340003,\n',
  'south.csv': 'list_id,first_name,phone_number\n2,Eva,5512340003\n',
};

/** @param addressOf where the store is; asked while tests run */
function listCommands(engine: string, addressOf: () => string, cwd: string): void {
  describe(`the commands of lists, ${engine}`, () => {
    const run = (...args: readonly string[]): Promise<Ran> =>
      runCallercard(args, { cwd, env: { CALLERCARD_DATABASE: addressOf() } });
    const done = async (...args: readonly string[]) => {
      const ran = await run(...args);
      assert.equal(ran.code, 0, ran.stderr);
      return ran.stdout + ran.stderr;
    };
    const lists = async () =>
      (JSON.parse(await done('list', 'list', '--json')) as readonly Record<string, unknown>[]).map(
        ({ listId, name, leads }) => [listId, name, leads],
      );

    before(async () => {
      for (const [name, rows] of Object.entries(FILES)) {
        writeFileSync(join(cwd, name), rows);
        await done('import', name);
      }
      await done('token', 'create', 'north', '--lists', '1');
    });

    it('list them with their leads, and rename them', async () => {
      assert.deepEqual(await lists(), [
        [1, null, 3],
        [2, null, 1],
      ]);
      assert.match(await done('list', 'rename', '1', 'Norte & Ñandú'), /list 1 is called Norte & Ñandú/);
      assert.match(await done('list', 'list'), /\n1 +Norte & Ñandú +3 +any +-/);
      for (const [name, why] of [
        ['', /name must be a text of 1 to 100 characters/],
        ['x'.repeat(101), /name must be a text of 1 to 100 characters/],
      ] as const) {
        const ran = await run('list', 'rename', '1', name);
        assert.equal(ran.code, 2);
        assert.match(ran.stderr, why);
      }
      assert.equal((await run('list', 'rename', '77', 'none')).code, 3);
    });

    it('delete none with leads in it, and move these with what is kept of them', async () => {
      const full = await run('list', 'delete', '1');
      assert.equal(full.code, 1);
      assert.match(full.stderr, /list 1 has leads \(3\); --move-to LIST moves them/);
      for (const args of [
        ['1', '--move-to', '1'],
        ['1', '--move-to', '77'],
        ['77', '--move-to', '1'],
      ])
        assert.ok([2, 3].includes((await run('list', 'delete', ...args)).code ?? 0), args.join(' '));
      assert.deepEqual(
        (await lists()).map(([, , leads]) => leads),
        [3, 1],
      );
      const said = await done('list', 'delete', '1', '--move-to', '2');
      for (const line of [
        /list 2 has no custom field rfc: values are kept, and not shown/,
        /moved 3 leads to list 2\n/,
        /list 1 is deleted\n/,
        /these may see list 1, and not where its leads are: token:north\n/,
      ])
        assert.match(said, line);
      assert.deepEqual(await lists(), [[2, null, 4]]);
      // The number that both lists had is there twice, and each lead has its move in its timeline.
      assert.match(await done('person', 'find', '--phone', '5512340003'), /2 +Eva[^]*2 +Eva/);
      assert.match(await done('lead', 'show', '1'), /operator.*list_id/);
      const acts = recordsOf(join(cwd, 'data', 'callercard-audit'), 'operator').map(
        ({ action, result, subject, before: from, after: to, counts }) =>
          [action, result, subject, from, to, counts].filter((part) => part !== undefined),
      );
      assert.deepEqual(
        acts.filter(([action]) => action === 'list_rename' || action === 'list_delete'),
        [
          ['list_rename', 'list:1', { name: null }, { name: 'Norte & Ñandú' }],
          ['list_delete', 'list:1 to list:2', { name: 'Norte & Ñandú' }],
          ['list_delete', 'done', 'list:1 to list:2', { name: 'Norte & Ñandú' }, { leads: 3 }],
        ],
      );
    });

    it('delete a list without leads at once, and not while an import runs', async () => {
      await done('lead', 'delete', '4');
      for (const lead of ['1', '2', '3']) await done('lead', 'delete', lead);
      if (engine.includes('embedded')) {
        const release = claimFile(`${join(cwd, 'data', 'callercard.db')}-import`);
        const refused = await run('list', 'delete', '2');
        release?.();
        assert.match(refused.stderr, /another import into this store is running/);
      }
      await done('list', 'delete', '2');
      assert.deepEqual(await lists(), []);
      assert.match(await done('list', 'list'), /there are no lists yet/);
    });
  });
}

const embedded = temporaryFolder();
listCommands('in the embedded store', () => `sqlite:${join(embedded, 'data', 'callercard.db')}`, embedded);

describe('in PostgreSQL', { skip: postgresqlSkip }, () => {
  let server: Awaited<ReturnType<typeof startPostgresql>> | undefined;
  before(async () => {
    server = await startPostgresql();
    await createDatabaseFor(server);
  });
  after(() => server?.stop());
  const password = encodeURIComponent(ACCOUNT.password);
  listCommands(
    'in PostgreSQL',
    () => `postgres://${ACCOUNT.user}:${password}@127.0.0.1:${server?.port ?? 0}/calls`,
    temporaryFolder(),
  );
});
