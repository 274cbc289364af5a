import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { bearer } from '../support/authorization.ts';
import { runCallercard, startCallercard, stopServer, type RunningServer } from '../support/command.ts';
import { createReadOnlyUser } from '../support/dialer-accounts.ts';
import { loadDatasetIntoDialer } from '../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { send } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { askDocumented } from './ask.ts';
import { copyFixture, DIALER_CARD_SESSION, DIALER_TOKENS } from './fixture-0.1.ts';

const PASSWORD = 'p4ss-of-the-dialer';

/** The settings beside a dialer there. */
function dialerAt(host: string, port: number) {
  return {
    CALLERCARD_DATABASE: `mariadb://callercard:${PASSWORD}@${host}:${port}/asterisk`,
    CALLERCARD_STATE_FILE: 'state.db',
  };
}

describe('a state file of version 0.1', () => {
  it('51: has its tokens with their scopes once a server has brought it up to date, whether the dialer answers or not', async () => {
    const options = { cwd: copyFixture(), env: dialerAt('127.0.0.1', 9) };
    const refused = await runCallercard(['token', 'list', '--json'], options);
    assert.match(refused.stderr, /state\.db was made by an older version of callercard/);
    await stopServer(await startCallercard(['serve'], options));
    assert.ok(existsSync(join(options.cwd, 'state.db.schema-2')));
    const { code, stdout, stderr } = await runCallercard(['token', 'list', '--json'], options);
    assert.equal(code, 0, stderr);
    const tokens = JSON.parse(stdout) as readonly {
      name: string;
      scope: string;
      lists: unknown;
      state: string;
    }[];
    assert.deepEqual(
      tokens.map(({ name, scope, lists, state }) => [name, scope, lists, state]),
      [
        ['dialer-crm', 'read,calls', 'every list', 'good'],
        ['dialer-lost', 'read,calls', 'every list', 'revoked'],
        ['dialer-phones', 'caller-id', 'every list', 'good'],
      ],
    );
  });
});

describe('a server beside a dialer with a state file of version 0.1', { skip: mariadbSkip }, () => {
  let dialer: MariadbServer;
  let server: RunningServer;
  before(async () => {
    dialer = await startMariadb();
    await loadDatasetIntoDialer(dialer);
    await createReadOnlyUser(dialer, 'callercard', PASSWORD);
    server = await startCallercard(['serve'], {
      cwd: copyFixture(),
      env: dialerAt(dialer.host, dialer.port),
    });
    const isReady = async () => (await send(server.url, '/readyz')).status === 200;
    await until('the dialer is connected', isReady);
  });
  after(async () => {
    await stopServer(server);
    await dialer.stop();
  });

  it('takes tokens of both scopes, and refuses one that was revoked', async () => {
    const ask = (secret: string) => send(server.url, '/v1/leads/14246', { headers: bearer(secret) });
    assert.match((await ask(DIALER_TOKENS.crm)).text, /"first_name":"Bruno"/);
    for (const secret of [DIALER_TOKENS.lost, DIALER_TOKENS.phones])
      assert.equal((await ask(secret)).status, 401);
    const name = await send(server.url, `/v1/caller-id/${DIALER_TOKENS.phones}?phone=8004321000`);
    assert.equal(name.text, 'Bruno M Macias');
  });

  it('goes on counting failed logins where 0.1 stopped', async () => {
    const ask = async (name: string, password: string) =>
      (await askDocumented(server.url, [name, password], { lead_id: '1000005' })).text;
    assert.match(await ask('limited', 'Passw0rd'), /Too many login attempts/);
    // 0.1 counted nine.
    assert.match(await ask('noapi', 'wrong'), /Invalid Username/);
    assert.match(await ask('noapi', 'Passw0rd'), /Too many login attempts/);
  });

  it('keeps people signed in at the card', async () => {
    const client = createCardClient(server.url);
    client.cookies.set('callercard', DIALER_CARD_SESSION);
    assert.match((await client.get('/card?lead=14246')).text, /Macias/);
  });
});
