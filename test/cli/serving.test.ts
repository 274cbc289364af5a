import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import {
  runCallercard,
  startCallercard,
  stopServer,
  type Ran,
  type RunningServer,
} from '../support/command.ts';
import { basic } from '../support/authorization.ts';
import { isAnswering, send, temporaryFolder } from '../support/test-app.ts';
import { assertRefused, createCustomers } from './customers.ts';

describe('users, while the server runs', () => {
  const password = 'correct horse battery staple';
  let cwd: string;
  let server: RunningServer;

  before(async () => {
    cwd = await createCustomers();
    await user('add', 'crm', password);
    server = await startCallercard(['serve'], { cwd });
  });
  after(() => stopServer(server));

  function user(word: string, name: string, input?: string, ...flags: readonly string[]): Promise<Ran> {
    const stdin = input === undefined ? [] : ['--password-stdin'];
    return runCallercard(['user', word, name, ...stdin, ...flags], {
      cwd,
      ...(input === undefined ? {} : { input: `${input}\n` }),
    });
  }

  async function ask(name: string, secret: string, query = 'lead_id=1'): Promise<string> {
    const body = new URLSearchParams({
      goAction: 'goGetCustomerInfo',
      goUser: name,
      goPass: secret,
      responsetype: 'json',
    }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const target = `${GOAPI_PATHS[0]}?${query}`;
    const { text } = await send(server.url, target, { method: 'POST', headers, body });
    return text;
  }

  it('get over HTTP what "lookup --json" prints', async () => {
    for (const [flag, value, query] of [
      ['--lead', '1', 'lead_id=1'],
      ['--phone', '5587654321', 'phone_number=5587654321'],
      ['--phone', '+528123456789', 'phone_number=8123456789'],
    ] as const) {
      const { code, stdout } = await runCallercard(['lookup', flag, value, '--json'], { cwd });
      assert.equal(code, 0);
      assert.match(stdout, /^\{"result":"success"/);
      assert.equal(`${await ask('crm', password, query)}\n`, stdout);
    }
  });

  it('sign in with a new password from the next request on, and no longer with the old one', async () => {
    assert.match(await ask('crm', password), /"success"/);
    const { code, stderr } = await user('password', 'CRM', 'another long password');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: 'changed the password of CRM\n' });
    assert.match(await ask('crm', password), /Invalid Username\/Password/);
    assert.match(await ask('crm', 'another long password'), /"success"/);
    await user('password', 'crm', password);
  });

  it('are refused once disabled, and accepted again once enabled', async () => {
    assert.equal((await user('disable', 'crm')).code, 0);
    assert.match(await ask('crm', password), /Invalid Username\/Password/);
    assert.equal((await user('enable', 'crm')).code, 0);
    assert.match(await ask('crm', password), /"success"/);
  });

  it('see only their lists, and nothing without the right', async () => {
    await user('add', 'two', password, '--lists', '2');
    await user('add', 'idle', password, '--rights', 'none');
    assert.match(await ask('two', password), /Lead ID '1' does NOT exist/);
    assert.match(await ask('two', password, 'lead_id=2'), /"success"/);
    assert.match(await ask('idle', password), /NOT allowed to access/);
    const { stdout } = await runCallercard(['user', 'list'], { cwd });
    assert.equal(
      stdout,
      [
        'user  active  rights     lists       locked',
        'crm   yes     card,read  every list  no',
        'idle  yes     none       every list  no',
        'two   yes     card,read  2           no',
        '',
      ].join('\n'),
    );
    const { stdout: json } = await runCallercard(['user', 'list', '--json'], { cwd });
    assert.deepEqual((JSON.parse(json) as readonly unknown[])[2], {
      name: 'two',
      active: true,
      mayUseApi: true,
      rights: ['card', 'read'],
      lists: [2],
      locked: false,
    });
    assert.doesNotMatch(`${stdout}${json}`, /argon2|staple/);
  });

  it('are not added twice, whatever the spelling, nor under a bad name, list or password', async () => {
    assertRefused(
      await user('add', 'CRM', password),
      1,
      /there is a user CRM already; "callercard user password CRM"/,
    );
    assertRefused(await user('add', 'new', ''), 2, /the password is empty/);
    assertRefused(
      await user('add', 'new', password, '--lists', '1,x'),
      2,
      /--lists takes list ids separated by commas/,
    );
    assertRefused(await user('add', 'VDAD', password), 2, /may never sign in; choose another name/);
    assertRefused(
      await user('add', 'new'),
      2,
      /no terminal to ask at; give the password with --password-stdin/,
    );
    assertRefused(
      await user('password', 'nobody', password),
      1,
      /there is no user nobody; "callercard user list"/,
    );
    assertRefused(await user('disable', 'nobody'), 1, /there is no user nobody/);
    assert.doesNotMatch((await runCallercard(['user', 'list'], { cwd })).stdout, /new|VDAD/);
  });

  it('leave no password in what the server says', () => {
    assert.match(server.said(), /"result":"found"/);
    assert.doesNotMatch(server.said(), /staple|another long password/);
  });
});

describe('callercard demo', () => {
  it('serves the example of Get Customer Information with a curl line that works, and keeps its store', async () => {
    const cwd = temporaryFolder();
    const first = await startCallercard(['demo'], { cwd });
    try {
      const line = /curl "([^"]+)"/.exec(first.said())?.[1] ?? '';
      assert.ok(line.startsWith(first.url), line);
      const { text } = await send(first.url, line.slice(first.url.length));
      const { lead_info } = JSON.parse(text) as { lead_info: { lead_id: number; last_name: string } };
      assert.deepEqual([lead_info.lead_id, lead_info.last_name], [14246, 'Macias']);
      assert.match(first.said(), /making data\/demo\.db with 1001 invented leads/);
      // What the greeting says to try.
      const read = async (target: string) => {
        const answer = await send(first.url, target, { headers: basic('MyUser', 'MyPass') });
        return JSON.parse(answer.text) as {
          total: number;
          leads: readonly { numbers: readonly unknown[] }[];
        };
      };
      assert.equal((await read('/v1/leads?phone=9994806018')).total, 3);
      assert.equal((await read('/v1/leads?phone=9996114442')).leads[0]?.numbers.length, 4);
      assert.equal((await read('/v1/leads/14246/notes')).total, 2);
    } finally {
      await stopServer(first);
    }
    const second = await startCallercard(['demo'], { cwd });
    await stopServer(second);
    assert.doesNotMatch(second.said(), /making/);
  });

  it('listens on this machine only: its password is published', async () => {
    const cwd = temporaryFolder();
    for (const HOST of ['0.0.0.0', '::', '192.0.2.1']) {
      assertRefused(
        await runCallercard(['demo'], { cwd, env: { HOST } }),
        2,
        /listens on this machine only.+"callercard serve"/,
      );
    }
    assert.deepEqual(readdirSync(cwd), []);
  });
});

describe('callercard serve', () => {
  let cwd: string;
  before(async () => {
    cwd = await createCustomers();
  });

  it('ends with code 0 on SIGTERM and SIGINT, and frees its port', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = await startCallercard(['serve'], { cwd });
      assert.ok(await isAnswering(server.url, '/readyz'));
      server.kill(signal);
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      assert.match(server.said(), new RegExp(`callercard: ${signal}`));
      assert.equal(await isAnswering(server.url, '/healthz'), false);
    }
  });

  it('says that the port is taken, and by which flag to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { port } = other.address() as AddressInfo;
      const ran = await runCallercard(['serve', '--log-level', 'error'], {
        cwd,
        env: { PORT: String(port) },
      });
      assertRefused(ran, 1, new RegExp(`^callercard: port ${port} on 127\\.0\\.0\\.1 is taken.+--port`));
    } finally {
      other.close();
    }
  });

  it('reads a config file that the environment names', async () => {
    mkdirSync(join(cwd, 'etc'));
    writeFileSync(
      join(cwd, 'etc', 'config.json'),
      JSON.stringify({ database: 'sqlite:data/callercard.db', port: 1, logLevel: 'silent' }),
    );
    const server = await startCallercard(['serve', '--port', '0'], {
      cwd,
      env: { CALLERCARD_CONFIG: 'etc/config.json', PORT: '' },
    });
    await stopServer(server);
    assert.doesNotMatch(server.said(), /"level"/);
  });
});
