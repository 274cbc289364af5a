import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createApp, type App } from '../../../src/app.ts';
import type { Lead } from '../../../src/client/client.ts';
import { RIGHT_BIT } from '../../../src/core/rights.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import { basic } from '../../support/authorization.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { createHistory } from '../../support/dialer-history.ts';
import { loadDatasetIntoDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { runRootSql } from '../../support/root-sql.ts';
import { isAnswering, send } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { createWatchedLog } from '../../support/watched-log.ts';
import { signInAtConsole } from '../console/console-fixture.ts';
import { createCardClient, seenIn, tokenIn } from './card-fixture.ts';

const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;

const HISTORY = {
  vicidial_log: [
    {
      ...{ uniqueid: '1.1', lead_id: 14_246, campaign_id: 'VENTAS', call_date: '2026-03-10 10:00:00' },
      ...{ user: 'ana', length_in_sec: 65, status: 'SALE', phone_number: '8004321000' },
    },
    {
      ...{ uniqueid: '1.2', lead_id: 14_246, campaign_id: 'VENTAS', call_date: '2026-03-01 10:00:00' },
      ...{ user: 'VDAD', length_in_sec: 0, status: 'NA', phone_number: '8004321000' },
    },
  ],
  vicidial_closer_log: [
    {
      ...{ lead_id: 14_246, campaign_id: 'COBRANZA', call_date: '2026-03-12 09:00:00', user: 'luis' },
      ...{ uniqueid: '2.1', length_in_sec: 30, status: 'INFO', phone_number: '8004321000' },
    },
  ],
  vicidial_call_notes: [
    { lead_id: 14_246, vicidial_id: '1.1', call_date: '2026-03-10 10:01:00', call_notes: 'wants <gold>' },
  ],
  vicidial_callbacks: [
    {
      ...{ lead_id: 14_246, status: 'ACTIVE', entry_time: '2026-03-11 10:00:00', recipient: 'ANYONE' },
      ...{ callback_time: '2026-03-20 16:00:00', comments: 'in the afternoon' },
    },
  ],
  vicidial_statuses: [{ status: 'SALE', status_name: 'Sale Made' }],
  vicidial_campaigns: ['L1', 'L2', 'L3', 'L4'].map((campaign_id) => ({ campaign_id })),
};

describe('the card beside a dialer', { skip: mariadbSkip }, () => {
  const watched = createWatchedLog();
  let server: MariadbServer;
  let app: App;
  let url: string;
  before(async () => {
    server = await startMariadb();
    await loadDatasetIntoDialer(server);
    await createReadOnlyUser(server, READER.user, READER.password);
    await createHistory(server, READER.user, HISTORY);
    app = createApp(dialerConfig(server, READER), { log: watched.log });
    url = await app.listen();
    // On a busy machine the first connection may take longer than a request waits.
    await until('it is ready', () => isAnswering(url, '/readyz'));
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

  it('shows what happened before, and leads to all of it', async () => {
    const client = createCardClient(url);
    await client.signIn();
    const page = await client.get('/card?lead=14246');
    const seen = seenIn(page);
    assert.match(seen, /Last call .{1,30} Incoming · luis · INFO · COBRANZA ·/);
    assert.match(
      seen,
      /Earlier calls and notes .{1,30} To be called again · Mar 20, 2026, .* · ACTIVE in the afternoon .{1,30} Note · ana wants &lt;gold&gt; .{1,30} Outgoing · ana · Sale Made · VENTAS .{1,30} Outgoing · No answer · VENTAS Everything that happened/,
    );
    assert.equal(seen.match(/COBRANZA/g)?.length, 1);
    assert.doesNotMatch(seen, /VDAD|Do not call/);
    const [, href = ''] = /class="all"><a href="([^"]*)"/.exec(page.text) ?? [];
    const timeline = await client.get(href);
    assert.match(seenIn(timeline), /Incoming call luis · .*COBRANZA.*Note ana, dialer · .*Sale Made/);
    const other = seenIn(await client.get('/card?lead=1000005'));
    assert.doesNotMatch(other, /Earlier|Everything that happened/);
  });

  it('warns of numbers that the dialer does not call, and shows no calls that it hides from its agents', async () => {
    const client = createCardClient(url);
    await client.signIn();
    const set = (sql: string) => runRootSql(server, sql);
    await set(`INSERT INTO asterisk.vicidial_dnc VALUES ('8004321000')`);
    assert.match(seenIn(await client.get('/card?lead=14246')), /^Do not call /);
    await set(`TRUNCATE asterisk.vicidial_dnc;
      UPDATE asterisk.vicidial_campaigns SET hide_call_log_info = 'Y'`);
    const hidden = seenIn(await client.get('/card?lead=14246'));
    assert.match(hidden, /To be called again/);
    assert.doesNotMatch(hidden, /COBRANZA|Sale Made|gold|Do not call/);
    await set(`UPDATE asterisk.vicidial_campaigns SET hide_call_log_info = 'N'`);
  });

  it('masks fields for its users in every endpoint, by the setting alone', async () => {
    const maskedFields = ['phone_number', 'alt_phone', 'numbers', 'last_name', 'notes'].map(
      (field) => ({ listId: '*', field }) as const,
    );
    const masking = createApp(dialerConfig(server, READER, { maskedFields }), { log: watched.log });
    try {
      const address = await masking.listen();
      const client = createCardClient(address);
      await client.signIn();
      const headers = basic('MyUser', 'MyPass');
      const goapi = '/goAPIv2/goAgent/goAPI.php?goUser=MyUser&goPass=MyPass&goAction=goGetCustomerInfo';
      const answers = [
        await client.get('/card?phone=8004321000'),
        await send(address, '/v1/leads?phone=8004321000', { headers }),
        await send(address, '/v1/caller-id?phone=8004321000', { headers }),
        await send(address, `${goapi}&responsetype=xml&phone_number=8004321000`),
        await send(address, `${goapi}&responsetype=json&lead_id=14246&phone_number=8004321000`),
      ];
      for (const { status, text } of answers) {
        assert.equal(status, 200);
        assert.ok(text.includes('Bruno'), text);
        assert.doesNotMatch(
          text,
          /Macias|8004321000|800 432|3355550002|33 5555|612345678|href="tel:|gold|afternoon/,
        );
      }
      assert.equal(answers.at(-1)?.headers['callercard-phone-match'], 'phone_number');
    } finally {
      await masking.close();
    }
  });

  it('lets an admin hand over and erase what is kept here, and says what the dialer must erase', async () => {
    const config = dialerConfig(server, READER);
    const store = openStore(config);
    assert.ok('grants' in store);
    const { account, identity } = await store.accounts.read('MyUser');
    assert.ok(account !== undefined);
    store.grants().put({ identity, accountId: account.id, name: 'MyUser', rights: RIGHT_BIT.admin });
    await store.close();
    const own = createApp(config, { log: watched.log });
    try {
      const address = await own.listen();
      const headers = { ...basic('MyUser', 'MyPass'), 'content-type': 'application/json' };
      const ask = async (target: string, body?: object) => {
        const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
        const { status, text } = await send(address, target, { headers, ...sent });
        assert.equal(status, 200, text);
        return JSON.parse(text) as Record<string, unknown>;
      };
      await ask('/v1/leads/14246');
      const found = (await ask('/v1/persons?phone=8004321000')) as { leads: readonly { lead_id: number }[] };
      assert.deepEqual(
        found.leads.map(({ lead_id }) => lead_id),
        [14_246],
      );
      const exported = await ask('/v1/persons/export', { phone: '8004321000' });
      assert.deepEqual([exported.leadIds, exported.leads], [[14_246], []]);
      assert.ok(JSON.stringify(exported.reads).includes('"found"'));
      const receipt = await ask('/v1/persons/erase', { lead_ids: [14_246] });
      for (const { elsewhere } of [exported as { elsewhere: unknown }, { elsewhere: receipt.remains }])
        assert.match(JSON.stringify(elsewhere), /in the dialer \(lead_id 14246\): the lead: names, numbers/);
      assert.deepEqual((receipt.removed as { leads: number }).leads, 0);
      await ask('/v1/leads/14246');
      await findsAtConsole(address);
    } finally {
      await own.close();
    }
  });

  /** What an admin does at the console with a customer of the dialer, and what not. */
  async function findsAtConsole(address: string): Promise<void> {
    const admin = await signInAtConsole(address, { name: 'MyUser', password: 'MyPass' });
    const page = await admin.get('/console/customers');
    assert.match(seenIn(page), /found by their numbers and ids, and changed on its own screens/);
    assert.doesNotMatch(page.text, /name="(?:status|customer)"/);
    const token = tokenIn(page);
    const found = await admin.post('/console/customers/search', { token, text: '8004321000' });
    assert.match(seenIn(found), /1 customer .*Macias/);
    assert.doesNotMatch(found.text, /value="(?:move|status)"/);
    const nobody = { token, text: '8004321000', list: '77' };
    assert.match(seenIn(await admin.post('/console/customers/search', nobody)), /Nobody was found/);
    const record = seenIn(await admin.post('/console/customers/search', { token, text: '#14246' }));
    assert.match(record, /What happened .*incoming call .*to be called again/);
    const [, chosen = ''] = /name="chosen" value="([^"]*)"/.exec(found.text) ?? [];
    const file = await admin.post('/console/customers/act', { token, what: 'export', chosen });
    assert.match(file.text, /\n14246,/);
    const move = { token, what: 'move', 'to-list': '77', chosen };
    assert.equal((await admin.post('/console/customers/act', move)).status, 403);
    const person = await admin.post('/console/privacy/find', { token, text: '8004321000' });
    assert.match(seenIn(person), /14246 .*telephone number/);
    const kept = await admin.post('/console/privacy/show', { token, lead: '14246' });
    assert.match(seenIn(kept), /in the dialer \(lead_id 14246\): the lead: names/);
    assert.match(
      seenIn(await admin.post('/console/privacy/erase', { token, lead: '14246' })),
      /stay there: lead 14246/,
    );
    const due = await admin.post('/console/privacy/due', { token });
    assert.match(seenIn(due), /The customers are the dialer’s, which keeps and erases them/);
  }

  it('says that nobody is searched by name, and asks for numbers alone', async () => {
    const client = createCardClient(url);
    await client.signIn();
    const ready = await client.get('/card');
    assert.match(ready.text, /placeholder="Number or #lead"/);
    assert.match((await client.get('/card?q=macias')).text, /Customers are not searched by name here/);
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
