import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createApp, type App } from '../../../src/app.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { loadDatasetIntoDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { runRootSql } from '../../support/root-sql.ts';
import { createWatchedLog } from '../../support/watched-log.ts';
import { createCardClient, tokenIn } from './card-fixture.ts';

const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;

describe('the card beside a dialer', { skip: mariadbSkip }, () => {
  const watched = createWatchedLog();
  let server: MariadbServer;
  let app: App;
  let url: string;
  before(async () => {
    server = await startMariadb();
    await loadDatasetIntoDialer(server);
    await createReadOnlyUser(server, READER.user, READER.password);
    app = createApp(dialerConfig(server, READER), { log: watched.log });
    url = await app.listen();
  });
  after(async () => {
    await app.close();
    await server.stop();
    watched.check();
  });

  it('signs the dialer’s own users in, and shows custom fields by the dialer’s captions', async () => {
    const client = createCardClient(url);
    assert.equal((await client.signIn()).status, 303);
    const { text } = await client.get('/card?lead=1000005');
    assert.match(text, /Custom Row/);
    assert.match(text, /<dt>Caption of policy_text<\/dt>\s*<dd>Póliza &lt;A&amp;B&gt; &quot;q&quot;<\/dd>/);
    assert.match(text, /<dt>Caption of renewal_date<\/dt>\s*<dd>March 31, 2026<\/dd>/);
    assert.match(text, /<dt>Caption of visits<\/dt>\s*<dd>7<\/dd>/);
    const several = await client.get('/card?phone=5511112222');
    assert.match(several.text, /3 people have 55 1111 2222/);
    await client.post('/card/sign-out', { token: tokenIn(several) });
    assert.match((await client.get('/card')).text, /type="password"/);
  });

  it('ends a session when the dialer disables the user', async () => {
    const client = createCardClient(url);
    await client.signIn();
    assert.match((await client.get('/card?lead=14246')).text, /Macias/);
    await runRootSql(server, `UPDATE asterisk.vicidial_users SET active = 'N' WHERE user = 'MyUser'`);
    const { text } = await client.get('/card?lead=14246');
    assert.match(text, /Your session has ended/);
    assert.doesNotMatch(text, /Macias/);
  });
});
