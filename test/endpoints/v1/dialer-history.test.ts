import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createApp, type App } from '../../../src/app.ts';
import { basic } from '../../support/authorization.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { createHistory } from '../../support/dialer-history.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { listenReady, send } from '../../support/test-app.ts';

const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;
const PASSWORD = 'planted-secret of an agent';
const ROWS = {
  vicidial_log: [
    {
      ...{ uniqueid: '1.1', lead_id: 7, campaign_id: 'L1', call_date: '2026-03-10 10:00:00', user: 'ana' },
      ...{ length_in_sec: 65, status: 'SALE', phone_number: '5511112222' },
    },
  ],
  vicidial_closer_log: [
    {
      ...{ lead_id: 7, campaign_id: 'LINE', call_date: '2026-03-12 09:00:00', user: 'luis', uniqueid: '2.1' },
      ...{ length_in_sec: 30, status: 'INFO', phone_number: '5511112222' },
    },
  ],
  vicidial_call_notes: [
    { lead_id: 7, vicidial_id: '1.1', call_date: '2026-03-10 10:01:00', call_notes: 'wants gold' },
  ],
  vicidial_callbacks: [
    {
      ...{ lead_id: 7, status: 'ACTIVE', entry_time: '2026-03-11 10:00:00', recipient: 'ANYONE' },
      ...{ callback_time: '2026-03-20 16:00:00', comments: 'in the afternoon', user: 'ana' },
    },
  ],
  vicidial_statuses: [{ status: 'SALE', status_name: 'Sale Made' }],
  vicidial_campaigns: [{ campaign_id: 'L1' }, { campaign_id: 'L2', hide_call_log_info: 'Y' }],
};

type Json = Readonly<Record<string, unknown>>;

describe('the past of a dialer’s lead', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  const apps: App[] = [];
  let url: string;
  before(async () => {
    server = await startMariadb();
    await fillDialer(server, {
      lists: [
        { list_id: 100, name: 'One' },
        { list_id: 200, name: 'Two' },
      ],
      leads: [7, 8].map((lead_id) => ({
        lead_id,
        list_id: lead_id === 7 ? 100 : 200,
        phone_number: `551111222${lead_id - 5}`,
      })),
      users: [
        { name: 'ana', password: PASSWORD },
        { name: 'eva', password: PASSWORD, lists: [200] },
      ],
    });
    await createReadOnlyUser(server, READER.user, READER.password);
    await createHistory(server, READER.user, ROWS);
    url = await start();
  });
  after(async () => {
    for (const app of apps) await app.close();
    await server.stop();
  });

  async function start(changes: Parameters<typeof dialerConfig>[2] = {}): Promise<string> {
    const app = createApp(dialerConfig(server, READER, changes));
    apps.push(app);
    return listenReady(app);
  }

  async function ask(target: string, user = 'ana', at = url) {
    const { status, text } = await send(at, target, { headers: basic(user, PASSWORD) });
    return { status, json: JSON.parse(text) as Json & { entries: readonly Json[]; calls: readonly Json[] } };
  }

  it('is its timeline, a page at a time', async () => {
    const { status, json } = await ask('/v1/leads/7/timeline');
    assert.equal(status, 200);
    assert.deepEqual([json.total, json.is_removed], [4, false]);
    assert.deepEqual(
      json.entries.map(({ type, user, text, outcome, direction }) => [
        type,
        user,
        text ?? outcome,
        direction,
      ]),
      [
        ['call', 'luis', 'INFO', 'inbound'],
        ['callback', null, 'in the afternoon', undefined],
        ['note', 'ana', 'wants gold', undefined],
        ['call', 'ana', 'Sale Made', 'outbound'],
      ],
    );
    assert.partialDeepStrictEqual(json.entries[3], {
      ...{ source: 'dialer', call_id: '1.1', phone: '5511112222', lead_id: 7, line: 'L1', state: 'ended' },
    });
    const { json: page } = await ask('/v1/leads/7/timeline?limit=1&offset=2');
    assert.deepEqual([page.total, page.entries], [4, [json.entries[2]]]);
    assert.deepEqual((await ask('/v1/leads/8/timeline')).json.entries, []);
  });

  it('is there for nobody who may not see the lead', async () => {
    for (const target of ['/v1/leads/7/timeline', '/v1/leads/999/timeline', '/v1/calls?lead_id=7']) {
      const { status, json } = await ask(target, 'eva');
      assert.deepEqual([status, json.code], [404, 'lead_not_found'], target);
    }
    const { json } = await ask('/v1/calls?phone=5511112222', 'eva');
    assert.deepEqual(json.calls, []);
  });

  it('has the calls of a lead and of a number, and no others, which a dialer finds by no index', async () => {
    const { json } = await ask('/v1/calls?lead_id=7');
    assert.deepEqual(
      json.calls.map(({ call_id }) => call_id),
      ['1', '1.1'],
    );
    for (const { call } of json.calls) assert.match(String(call), /^[\w-]{12}$/);
    assert.deepEqual((await ask('/v1/calls?phone=5511112222')).json.calls, json.calls);
    const others = await ask('/v1/calls?user=ana');
    assert.deepEqual([others.status, others.json.code], [409, 'read_only_store']);
  });

  it('shows neither numbers nor notes where they are masked', async () => {
    const masks = ['phone_number', 'notes'].map((field) => ({ listId: '*', field }) as const);
    const masking = await start({ maskedFields: masks });
    for (const target of ['/v1/leads/7/timeline', '/v1/calls?lead_id=7']) {
      const text = JSON.stringify((await ask(target, 'ana', masking)).json);
      assert.match(text, /Sale Made/);
      assert.doesNotMatch(text, /5511112222|wants gold|in the afternoon/);
    }
  });
});
