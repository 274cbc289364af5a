import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { createConnection, SqlError } from 'mariadb';

import { createCountingUser, createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { createDialerTables } from '../../support/dialer-tables.ts';
import { fillDialer, loadDatasetIntoDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { answersRoot, runRootSql, type Address } from '../../support/root-sql.ts';
import { CONTRACT_DATA } from '../contract-data.ts';
import type { StoreDescription } from '../described-store.ts';
import { until } from '../../support/until.ts';

const TABLES = [
  'system_settings',
  'vicidial_auto_calls',
  'vicidial_list',
  'vicidial_list_alt_phones',
  'vicidial_list_archive',
  'vicidial_lists',
  'vicidial_lists_fields',
  'vicidial_live_agents',
  'vicidial_user_groups',
  'vicidial_users',
];

type Row = Readonly<Record<string, unknown>>;

describe('the test’s own MariaDB server', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());

  const rows = async (sql: string) => (await server.runRootSql(sql)) as readonly Row[];

  it('answers as an old dialer’s does', async () => {
    const asked =
      'SELECT @@global.sql_mode AS mode, @@collation_server AS words, @@default_storage_engine AS kind';
    assert.deepEqual(await rows(asked), [{ mode: '', words: 'utf8mb3_unicode_ci', kind: 'MyISAM' }]);
  });

  for (const engine of ['MyISAM', 'InnoDB'] as const) {
    it(`makes every table of the dialer in ${engine}`, async () => {
      await createDialerTables(server, { engine, altPhoneIndex: true, address3Index: true });
      const made = await rows(
        "SELECT table_name AS name, engine FROM information_schema.tables WHERE table_schema = 'asterisk'",
      );
      assert.deepEqual(
        new Map(made.map((table) => [table.name, table.engine])),
        new Map(TABLES.map((name) => [name, engine])),
      );
    });
  }

  it('makes no goautodial where there is none', async () => {
    await createDialerTables(server, { withGoautodial: false });
    assert.deepEqual(await rows("SHOW DATABASES LIKE 'goautodial'"), []);
  });

  describe('filled with the stores’ contract', () => {
    before(() => fillDialer(server, CONTRACT_DATA));

    it('has the leads, with every text as it was described', async () => {
      const stored = await rows(
        'SELECT lead_id, list_id, first_name, comments, CAST(date_of_birth AS char) AS born FROM asterisk.vicidial_list',
      );
      assert.deepEqual(
        new Map(stored.map(({ lead_id: id, ...lead }) => [id, { ...lead, list_id: Number(lead.list_id) }])),
        new Map(
          CONTRACT_DATA.leads.map((lead) => {
            const {
              lead_id: id,
              list_id,
              first_name = null,
              comments = null,
              date_of_birth: born = null,
            } = lead;
            return [id, { list_id, first_name, comments, born }];
          }),
        ),
      );
    });

    it('has the custom fields in an order that only sorting decides, and their values', async () => {
      const fields = await rows(
        'SELECT field_label AS label FROM asterisk.vicidial_lists_fields ORDER BY field_rank, field_order',
      );
      assert.deepEqual(
        fields.map(({ label }) => label),
        CONTRACT_DATA.lists[2]?.fields?.map(({ label }) => label),
      );
      const [values] = await rows(
        'SELECT `2024` AS digits, `__proto__` AS proto, visits FROM asterisk.custom_300 WHERE lead_id = 90',
      );
      assert.deepEqual(values, { digits: 'a label of digits', proto: 'no prototype', visits: 7 });
    });

    it('has the users, each with the campaigns of its lists', async () => {
      const users = await rows(
        `SELECT user, pass, active, vdc_agent_api_access AS api, allowed_campaigns AS campaigns
          FROM asterisk.vicidial_users JOIN asterisk.vicidial_user_groups USING (user_group)
          WHERE user IN ('Everything', 'Limited', 'Nothing', 'Retired', 'Noapi') ORDER BY user_id`,
      );
      const all = ' -ALL-CAMPAIGNS- - -';
      assert.deepEqual(users, [
        { user: 'Everything', pass: 'for Everything', active: 'Y', api: '1', campaigns: all },
        { user: 'Limited', pass: 'for Limited', active: 'Y', api: '1', campaigns: ' L2 L3 -' },
        { user: 'Nothing', pass: 'for Nothing', active: 'Y', api: '1', campaigns: '' },
        { user: 'Retired', pass: 'for Retired', active: 'N', api: '1', campaigns: all },
        { user: 'Noapi', pass: 'for Noapi', active: 'Y', api: '0', campaigns: all },
      ]);
      assert.deepEqual(await rows('SELECT lead_id FROM goautodial.go_customers'), [{ lead_id: 10 }]);
    });

    it('lets the reading account read, and the counting account count', async () => {
      await createReadOnlyUser(server, 'reader', 'its password');
      await createCountingUser(server, 'counter', 'its password');
      const read =
        'SELECT lead_id FROM asterisk.custom_300 JOIN asterisk.vicidial_list USING (lead_id) LIMIT 1';
      const count = 'UPDATE asterisk.vicidial_users SET failed_login_count = 1';
      assert.equal(await refusal(server, 'reader', read), undefined);
      assert.equal(await refusal(server, 'reader', count), 'ER_TABLEACCESS_DENIED_ERROR');
      assert.equal(await refusal(server, 'counter', count), undefined);
      const promotion = 'UPDATE asterisk.vicidial_users SET user_level = 9';
      assert.equal(await refusal(server, 'counter', promotion), 'ER_COLUMNACCESS_DENIED_ERROR');
    });

    it('has it all after a kill and a restart', async () => {
      const { pid } = server;
      await server.kill();
      assert.equal(await answersRoot(server), false);
      await server.restart();
      assert.notEqual(server.pid, pid);
      const [{ leads } = {}] = await rows('SELECT count(*) AS leads FROM asterisk.vicidial_list');
      assert.equal(Number(leads), CONTRACT_DATA.leads.length);
    });

    it('keeps a question while it is frozen, and answers it when it is thawed', async () => {
      server.freeze();
      const query = runRootSql({ ...server }, 'SELECT 1 AS one');
      assert.equal(await Promise.race([query, pause(200, 'silence')]), 'silence');
      server.thaw();
      assert.deepEqual(await query, [{ one: 1 }]);
    });
  });

  describe('a text that does not fit', () => {
    const long: StoreDescription = {
      lists: [{ list_id: 1, name: 'Long' }],
      leads: [{ lead_id: 1, list_id: 1, title: 'Licenciado', comments: 'x'.repeat(2_001) }],
      users: [],
    };

    it('fails the filling, so that no test looks for what was never stored', async () => {
      await assert.rejects(fillDialer(server, long), { code: 'ER_DATA_TOO_LONG' });
    });

    it('is cut in the widths of a fresh installation, as there', async () => {
      await fillDialer(server, long, { stock: true });
      const stored = 'SELECT title, length(comments) AS comments FROM asterisk.vicidial_list';
      assert.deepEqual(await rows(stored), [{ title: 'Lice', comments: 255 }]);
    });
  });

  it('takes the contract’s data set', async () => {
    await loadDatasetIntoDialer(server);
    const limited = `SELECT list_id FROM asterisk.vicidial_lists WHERE campaign_id = 'L2'`;
    assert.equal(Number((await rows(limited))[0]?.list_id), 22799126);
  });

  it('takes 1,000 leads and 500 users in a moment', async () => {
    const started = performance.now();
    await fillDialer(server, {
      lists: [{ list_id: 1, name: 'Many' }],
      leads: Array.from({ length: 1_000 }, (_, at) => ({
        lead_id: at + 1,
        list_id: 1,
        phone_number: String(5_500_000_000 + at),
      })),
      users: Array.from({ length: 500 }, (_, at) => ({
        name: `user ${at}`,
        password: 'theirs',
        lists: [1, 2],
      })),
    });
    assert.ok(performance.now() - started < 5_000);
  });
});

describe('of a MariaDB server nothing is left', { skip: mariadbSkip }, () => {
  it('after it was stopped, frozen or not', async () => {
    const server = await startMariadb();
    const { pid } = server;
    const folder = await folderOf(server);
    assert.ok(existsSync(folder));
    server.freeze();
    await server.stop();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.equal(existsSync(folder), false);
    assert.equal(await answersRoot(server), false);
  });

  it('after the process that started it was killed', { timeout: 20_000 }, async () => {
    const module = join(import.meta.dirname, '..', '..', 'support', 'mariadb-server.ts');
    const script = `
      const { startMariadb } = await import(${JSON.stringify(module)});
      const { port } = await startMariadb();
      console.log(port);
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    const server = { host: '127.0.0.1', port: Number(said) };
    const folder = await folderOf(server);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until('it is gone', async () => !(await answersRoot(server)));
    // The folder it cannot take away.
    rmSync(folder, { recursive: true });
  });
});

/** The temporary folder in which a server has its data. */
async function folderOf(server: Address): Promise<string> {
  const [{ data } = {}] = (await runRootSql(server, 'SELECT @@datadir AS data')) as readonly Row[];
  assert.ok(typeof data === 'string');
  return join(data, '..');
}

/** The code of the error with which a statement of an account ends. */
async function refusal(
  { host, port }: MariadbServer,
  user: string,
  sql: string,
): Promise<string | undefined> {
  const connection = await createConnection({ host, port, user, password: 'its password' });
  try {
    await connection.query(sql);
    return undefined;
  } catch (error) {
    if (error instanceof SqlError) return error.code ?? 'no code';
    throw error;
  } finally {
    await connection.end();
  }
}
