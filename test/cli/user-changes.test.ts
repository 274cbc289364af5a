import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { askDocumented, documentedRefusal, tryOperation } from '../endpoints/v1/rights-fixture.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { basic } from '../support/authorization.ts';
import {
  runCallercard,
  startCallercard,
  stopServer,
  type Ran,
  type RunningServer,
} from '../support/command.ts';
import { createReadOnlyUser } from '../support/dialer-accounts.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { loadDatasetIntoDialer } from '../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { assertRefused } from './customers.ts';

const CRM = ['crm', PASSWORD] as const;
const LOCKED = /Too many login attempts/;
const NOT_FOUND = /Lead ID '14246' does NOT exist/;

describe('a user, while the server runs', () => {
  let cwd: string;
  let server: RunningServer;
  before(async () => {
    cwd = await createFilledFolder();
    server = await startCallercard(['serve'], { cwd });
  });
  after(() => stopServer(server));

  const run = (...args: readonly string[]) => runCallercard(['user', ...args], { cwd });

  async function runWell(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    return stdout + stderr;
  }

  it('51: has other rights and lists by user set from the next request on, and others stay as they are', async () => {
    assert.match(await askDocumented(server.url, CRM), NOT_FOUND);
    assert.equal(
      await runWell('set', 'CRM', '--rights', 'card,calls'),
      'set user crm: rights card,calls; lists every list\n',
    );
    assert.equal(await askDocumented(server.url, CRM), documentedRefusal('crm'));
    assert.equal(await tryOperation(server.url, 'notifyCall', basic(...CRM)), 'done');
    assert.equal(
      await runWell('set', 'crm', '--lists', '7,8'),
      'set user crm: rights card,calls; lists 7, 8\n',
    );
    assert.equal(
      await runWell('set', 'crm', '--rights', 'edit'),
      'set user crm: rights read,edit; lists 7, 8\n',
    );
    const lead = async () => (await send(server.url, '/v1/leads/1', { headers: basic(...CRM) })).status;
    assert.equal(await lead(), 404);
    assert.match(await runWell('set', 'crm', '--lists', 'all'), /lists every list$/m);
    assert.equal(await lead(), 200);
    assert.match(await runWell('set', 'crm', '--rights', 'none'), /rights none/);
    assert.equal(await tryOperation(server.url, 'getLead', basic(...CRM)), '403 read');
    await runWell('set', 'crm', '--rights', 'card,read,edit,calls,admin');
    const [user] = JSON.parse(await runWell('list', '--json')) as readonly { readonly rights: unknown }[];
    assert.deepEqual(user?.rights, ['card', 'read', 'edit', 'calls', 'admin']);
  });

  it('51, 13: is signed out of the card by losing it, for good', async () => {
    const client = createCardClient(server.url);
    assert.equal((await client.signIn(...CRM)).status, 303);
    assert.match((await client.get('/card?lead=7')).text, /Name 7/);
    await runWell('set', 'crm', '--rights', 'read,calls');
    assert.match((await client.get('/card?lead=7')).text, /Your session has ended/);
    await runWell('set', 'crm', '--rights', 'card,read,calls');
    assert.match((await client.get('/card?lead=7')).text, /type="password"/);
  });

  it('51: is let in again by user unlock, at once', async () => {
    for (let count = 0; count < 10; count += 1) await askDocumented(server.url, ['crm', 'wrong']);
    assert.match(await askDocumented(server.url, CRM), LOCKED);
    assert.equal(await runWell('unlock', 'Crm'), 'unlocked crm: forgot 10 failed logins\n');
    assert.match(await askDocumented(server.url, CRM), NOT_FOUND);
    assert.equal(await runWell('unlock', 'crm'), 'unlocked crm: no failed login was counted\n');
  });

  it('51: is gone by user remove, with sessions and failures; somebody else may get the name', async () => {
    const add = async (name: string, password: string) => {
      const args = ['user', 'add', name, '--password-stdin', '--rights', 'card,read'];
      assert.equal((await runCallercard(args, { cwd, input: password })).code, 0);
    };
    await add('Ana', 'the password of one');
    const client = createCardClient(server.url);
    assert.equal((await client.signIn('Ana', 'the password of one')).status, 303);
    const cookie = client.cookies.get('callercard') ?? '';
    for (let count = 0; count < 10; count += 1) await askDocumented(server.url, ['ana', 'wrong']);
    assert.equal(await runWell('remove', 'ANA'), 'removed user Ana\n');
    assert.match(await askDocumented(server.url, ['ana', 'the password of one']), /Invalid Username/);
    assert.match((await client.get('/card?lead=7')).text, /Your session has ended/);
    await add('ana', 'the password of another');
    assert.match(await askDocumented(server.url, ['Ana', 'the password of another']), NOT_FOUND);
    assert.match(await askDocumented(server.url, ['Ana', 'the password of one']), /Invalid Username/);
    client.cookies.set('callercard', cookie);
    assert.match((await client.get('/card?lead=7')).text, /type="password"/);
  });

  it('is the last one who manages users by no page, but by a command, which says so', async () => {
    const warned = /nobody is left who manages users at the console/;
    await runWell('set', 'crm', '--rights', 'card,admin');
    assert.match(await runWell('disable', 'crm'), warned);
    await runWell('enable', 'crm');
    assert.match(await runWell('set', 'crm', '--lists', '7'), warned);
    assert.doesNotMatch(await runWell('set', 'crm', '--lists', 'all'), warned);
    assert.doesNotMatch(await runWell('set', 'crm', '--rights', 'card,read,admin'), warned);
    assert.match(await runWell('set', 'crm', '--rights', 'card,read'), warned);
    assert.doesNotMatch(await runWell('disable', 'crm'), warned);
    await runWell('enable', 'crm');
  });

  it('51: is refused what cannot be, with what can', async () => {
    const refused = async (args: readonly string[], code: 1 | 2, words: RegExp) =>
      assertRefused(await run(...args), code, words);
    await refused(['set', 'crm'], 2, /say what to change: --rights, --lists or --extension/);
    await refused(
      ['set', 'crm', '--rights', 'card,api'],
      2,
      /--rights takes card, read, edit, calls, admin, separated by commas, or none; not "api"/,
    );
    await refused(['set', 'crm', '--rights', ''], 2, /not ""/);
    await refused(['set', 'crm', '--rights', 'caller-id'], 2, /not "caller-id"/);
    await refused(['set', 'crm', '--lists', 'x'], 2, /--lists takes list ids .+ or all, not "x"/);
    for (const verb of ['set', 'remove', 'unlock'])
      await refused(
        [verb, 'nobody', ...(verb === 'set' ? ['--rights', 'card'] : [])],
        1,
        /there is no user nobody; "callercard user list" shows them/,
      );
    const add = (...flags: readonly string[]) =>
      runCallercard(['user', 'add', 'new', '--password-stdin', ...flags], { cwd, input: 'a long password' });
    assertRefused(
      await add('--no-api', '--rights', 'card'),
      2,
      /--no-api is the former form of --rights none/,
    );
    assertRefused(await add('--rights', 'all'), 2, /not "all"/);
  });
});

describe('the names of version 0.1', () => {
  it('51: still count, with a warning that has the new ones', async () => {
    const cwd = await createFilledFolder();
    const user = await runCallercard(['user', 'add', 'idle', '--no-api', '--password-stdin'], {
      cwd,
      input: 'a long password',
    });
    assert.match(
      user.stderr,
      /^callercard: --no-api is now called --rights none; it still counts, but rename it$/m,
    );
    const token = await runCallercard(['token', 'create', 'crm', '--scope', 'api'], { cwd });
    assert.match(
      token.stderr,
      /^callercard: the scope api is now called read,calls; it still counts, but rename it \(--scope\)$/m,
    );
    const { stdout: users } = await runCallercard(['user', 'list'], { cwd });
    assert.match(users, /^idle +yes +none /m);
    const { stdout: tokens } = await runCallercard(['token', 'list', '--json'], { cwd });
    assert.match(tokens, /"scope": "read,calls"/);
    const { stdout: help } = await runCallercard(['user', 'add', '--help'], { cwd });
    assert.doesNotMatch(help, /no-api/);
  });

  it('51: a scope is combined, edit with what it needs, and caller-id stands alone', async () => {
    const cwd = await createFilledFolder();
    const create = (name: string, scope: string) =>
      runCallercard(['token', 'create', name, '--scope', scope, '--json'], { cwd });
    for (const [scope, stored] of [
      ['calls', 'calls'],
      ['calls, read', 'read,calls'],
      ['edit', 'read,edit'],
      ['edit,calls', 'read,edit,calls'],
      ['caller-id', 'caller-id'],
    ] as const) {
      const { stdout, stderr } = await create(scope.replaceAll(/, ?/g, '-'), scope);
      assert.equal((JSON.parse(stdout) as { scope: string }).scope, stored, stderr);
    }
    assertRefused(await create('x', 'read,caller-id'), 2, /--scope caller-id stands alone/);
    for (const scope of ['admin', 'card', 'none', ''])
      assertRefused(
        await create('x', scope),
        2,
        /--scope takes read, edit, calls, .* or caller-id alone; not "/,
      );
  });
});

describe('a dialer’s user', { skip: mariadbSkip }, () => {
  const secret = 'p4ss-of-the-dialer';
  const AGENT = ['MyUser', 'MyPass'] as const;
  let dialer: MariadbServer;
  let options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  let server: RunningServer;
  before(async () => {
    dialer = await startMariadb();
    await loadDatasetIntoDialer(dialer);
    await createReadOnlyUser(dialer, 'callercard', secret);
    options = {
      cwd: temporaryFolder(),
      env: {
        CALLERCARD_DATABASE: `mariadb://callercard:${secret}@${dialer.host}:${dialer.port}/asterisk`,
        CALLERCARD_STATE_FILE: 'state.db',
      },
    };
    server = await startCallercard(['serve'], options);
    await until('the dialer is connected', async () => (await send(server.url, '/readyz')).status === 200);
  });
  after(async () => {
    await stopServer(server);
    await dialer.stop();
  });

  const run = (...args: readonly string[]): Promise<Ran> => runCallercard(['user', ...args], options);

  it('51: gets and loses by user set what the dialer does not know, from the next request on', async () => {
    const notify = () => tryOperation(server.url, 'notifyCall', basic(...AGENT));
    assert.equal(await notify(), '403 calls');
    const given = await run('set', 'MYUSER', '--rights', 'calls');
    assert.equal(given.stderr, 'set user MyUser: calls, beside what the dialer lets the user do\n');
    assert.equal(await notify(), 'done');
    assert.equal((await run('list')).stdout, 'user    given here\nMyUser  calls\n');
    assert.deepEqual(JSON.parse((await run('list', '--json')).stdout), [
      { name: 'MyUser', rights: ['calls'] },
    ]);
    assert.equal((await run('set', 'MyUser', '--rights', 'none')).code, 0);
    assert.equal(await notify(), '403 calls');
    assert.match((await run('list')).stdout, /no rights were given here/);
  });

  it('51: is refused what is the dialer’s, with where it is set', async () => {
    const refused = async (args: readonly string[], code: 1 | 2, words: RegExp) =>
      assertRefused(await run(...args), code, words);
    for (const rights of ['card', 'card,read,calls', 'edit', 'read'])
      await refused(
        ['set', 'MyUser', '--rights', rights],
        2,
        /beside a dialer --rights takes calls,admin or none, not ".+": card comes with .+ in the dialer/,
      );
    await refused(
      ['set', 'MyUser', '--lists', '1'],
      2,
      /follows from the allowed campaigns of the user group/,
    );
    await refused(['set', 'stranger', '--rights', 'calls'], 1, /the dialer has no user stranger/);
    await refused(['remove', 'MyUser'], 2, /are made in the dialer/);
  });

  it('51: is unlocked here, and told that the dialer has a lock of its own', async () => {
    for (let count = 0; count < 10; count += 1) await askDocumented(server.url, ['MyUser', 'wrong']);
    assert.match(await askDocumented(server.url, AGENT), LOCKED);
    const { code, stderr } = await run('unlock', 'myuser');
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^unlocked myuser: forgot 10 failed logins\nwhat the dialer itself has counted stays: /,
    );
    assert.match(await askDocumented(server.url, AGENT), /^\{"result":"success"/);
  });

  it('51: cannot be given rights while the dialer does not answer', async () => {
    const env = {
      ...options.env,
      CALLERCARD_DATABASE: `mariadb://callercard:${secret}@127.0.0.1:9/asterisk`,
    };
    const ran = await runCallercard(['user', 'set', 'MyUser', '--rights', 'calls'], { ...options, env });
    assertRefused(ran, 1, /the dialer cannot be asked for the user .+ "callercard check" says more/);
    // What is counted here needs no dialer.
    assert.equal((await runCallercard(['user', 'unlock', 'MyUser'], { ...options, env })).code, 0);
  });
});
