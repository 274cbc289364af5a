import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createApp, type App } from '../../../src/app.ts';
import type { Lead } from '../../../src/client/client.ts';
import { basic } from '../../support/authorization.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { loadDatasetIntoDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { runRootSql } from '../../support/root-sql.ts';
import { send } from '../../support/test-app.ts';
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

  it('shows the numbers of the dialer’s own table with their notes, as /v1 does', async () => {
    await runRootSql(
      server,
      `INSERT INTO asterisk.vicidial_list_alt_phones (lead_id, phone_code, phone_number, alt_phone_note, alt_phone_count, active)
        VALUES (14246, '52', '3355550002', 'sister <house>', 2, 'Y'), (14246, '34', '612345678', '', 1, 'Y'),
          (14246, '52', '3355550003', 'given up', 3, 'N');
        UPDATE asterisk.vicidial_list SET phone_code = '52' WHERE lead_id = 14246`,
    );
    const client = createCardClient(url);
    await client.signIn();
    for (const asked of [
      'lead=14246',
      'lead=14246&phone=3355550002',
      'phone=3355550002',
      'phone=8004321000',
    ]) {
      const { text } = await client.get(`/card?${asked}`);
      assert.match(text, /sister &lt;house&gt;[^]{0,120}href="tel:\+523355550002"/, asked);
      assert.match(
        text,
        /Further number<\/p>\s*<p class="value"><a href="tel:\+34612345678">\+34 612 34 56 78</,
        asked,
      );
      assert.equal(
        text.includes('sister &lt;house&gt; <span class="chip this">'),
        asked.endsWith('3355550002'),
        asked,
      );
      assert.doesNotMatch(text, /given up|5555 0003/);
    }
    const headers = basic('MyUser', 'MyPass');
    const found = await send(url, '/v1/leads?phone=3355550002', { headers });
    const { leads } = JSON.parse(found.text) as { leads: readonly Pick<Lead, 'numbers'>[] };
    const { text } = await send(url, '/v1/leads/14246', { headers });
    const { numbers } = JSON.parse(text) as Pick<Lead, 'numbers'>;
    assert.deepEqual(leads[0]?.numbers, numbers);
    assert.deepEqual(numbers.slice(2), [
      { label: null, number: '612345678', e164: '+34612345678', national: '+34 612 34 56 78' },
      { label: 'sister <house>', number: '3355550002', e164: '+523355550002', national: '33 5555 0002' },
    ]);
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
