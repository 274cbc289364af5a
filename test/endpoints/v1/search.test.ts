/** `GET /v1/leads?q=`: leads by words. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import { redactEvent } from '../../../src/core/lookup-event.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { createTestServices } from '../../service/test-services.ts';
import { fillEmbedded } from '../../stores/described-store.ts';
import { basic } from '../../support/authorization.ts';
import { runSql } from '../../support/run-sql.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';

const LEADS = [
  { lead_id: 1, list_id: 100, first_name: 'Xochitl', last_name: 'PEÑA', phone_number: '5512340010' },
  { lead_id: 2, list_id: 200, first_name: 'Xochitl', last_name: 'Quiroz' },
  { lead_id: 3, list_id: 200, first_name: 'Xochitlali', last_name: 'Peñaloza' },
];
const user = (name: string, lists: 'every list' | readonly number[]) => ({
  name,
  password: { verifier: CHEAP_VERIFIER },
  lists,
});

interface Page {
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  readonly indexing?: true;
  readonly leads: readonly { readonly lead_id: number; readonly matched_by: string | null }[];
}

describe('a search by words', () => {
  const folder = temporaryFolder();
  const events: LookupEvent[] = [];
  let app: TestApp;
  before(async () => {
    app = await startTestApp(
      folder,
      async (store) => {
        await fillEmbedded(store, {
          lists: [
            { list_id: 100, name: 'North' },
            { list_id: 200, name: 'South' },
          ],
          leads: LEADS,
          users: [user('crm', 'every list'), user('south', [200]), user('few', 'every list')],
        });
        await Array.fromAsync(store.archive.indexSearch());
      },
      {
        config: { audit: join(folder, 'audit'), metrics: ['127.0.0.1'], rateLimit: 10_000 },
        onEvent: (event) => events.push(event),
      },
    );
  });
  after(() => app.close());

  const ask = (query: Record<string, string> | string, name = 'crm') =>
    send(app.url, `/v1/leads?${new URLSearchParams(query).toString()}`, { headers: basic(name, PASSWORD) });
  async function found(query: Record<string, string>, name?: string): Promise<Page> {
    const { status, text } = await ask(query, name);
    assert.equal(status, 200, text);
    return JSON.parse(text) as Page;
  }
  const idsOf = ({ leads }: Page) => leads.map(({ lead_id: id }) => id);
  const audit = () =>
    readdirSync(join(folder, 'audit'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFileSync(join(folder, 'audit', name), 'utf8'))
      .join('');

  it('gives a page of leads, the best first', async () => {
    const page = await found({ q: 'xochitl' });
    assert.deepEqual(idsOf(page), [2, 1, 3]);
    assert.deepEqual([page.total, page.limit, page.offset, page.indexing], [3, 25, 0, undefined]);
    assert.ok(page.leads.every(({ matched_by: match }) => match === null));
    assert.deepEqual(idsOf(await found({ q: 'PENA xochi' })), [1, 3]);
    assert.deepEqual(idsOf(await found({ q: 'xochitl 55 1234 0010' })), [1]);
    assert.deepEqual(idsOf(await found({ q: 'xochitl', limit: '1', offset: '1' })), [1]);
    assert.deepEqual(await found({ q: 'nobody' }), { total: 0, limit: 25, offset: 0, leads: [] });
  });

  it('stays within the lists of the user', async () => {
    assert.deepEqual(idsOf(await found({ q: 'xochitl' }, 'south')), [2, 3]);
    assert.equal((await found({ q: 'pena xochitl 5512340010' }, 'south')).total, 0);
  });

  const refused: readonly (readonly [what: string, query: string])[] = [
    ['both kinds of search', 'q=ana&phone=5512340010'],
    ['a query twice', 'q=ana&q=luis'],
    ['no word', 'q=%20-%20'],
    ['an empty query', 'q='],
    ['too long a query', `q=${'x'.repeat(201)}`],
    ['too many words', 'q=a+b+c+d+e+f+g+h+i'],
    ['a page without an end', 'q=ana&limit=101'],
  ];
  for (const [what, query] of refused) {
    it(`refuses ${what}, to those alone who may search`, async () => {
      const { status, text } = await ask(query);
      assert.equal(status, 400, text);
      assert.match(text, /"code":"parameter_malformed".*"fields":\["(?:q|limit)"\]/);
      const stranger = await send(app.url, `/v1/leads?${query}`, { headers: basic('crm', 'wrong') });
      assert.equal(stranger.status, 401);
    });
  }

  it('is one record of the audit for each lead, and one for nobody, without what was searched', async () => {
    events.length = 0;
    await found({ q: 'XOCHITL peña' });
    await found({ q: 'tlalpantepeca 5598765432' });
    assert.deepEqual(
      events.map(({ result, leadId, foundBy }) => [result, leadId, foundBy]),
      [
        ['found', 1, 'text'],
        ['found', 3, 'text'],
        ['lead_not_found', undefined, undefined],
      ],
    );
    const written = audit() + JSON.stringify(events.map(redactEvent));
    assert.match(written, /"foundBy":"text"/);
    assert.match(written, /"askedPhone":"\*{8}32","askedWords":2/);
    for (const word of ['xochitl', 'pe(ñ|n|\\\\u00f1)a', 'tlalpan', '5598765432'])
      assert.doesNotMatch(written, new RegExp(word, 'i'));
  });

  it('is counted by the metrics, apart from lookups by id', async () => {
    const { text } = await send(app.url, '/metrics');
    assert.match(text, /callercard_lookups_total\{[^}]*key="text",result="found"\} [1-9]/);
    assert.match(text, /callercard_lookups_total\{[^}]*key="text",result="lead_not_found"\} [1-9]/);
    assert.match(
      text,
      /callercard_lookups_total\{[^}]*endpoint="v1",key="lead_id",result="lead_not_found"\} 0/,
    );
  });

  it('says that leads are still being indexed', async () => {
    const { archive } = app.store;
    // While an import runs the server leaves the index to it.
    const release = await archive.claimImport();
    runSql(
      join(folder, 'test.db'),
      `INSERT INTO imports (started_at, state, is_whole, file_name) VALUES ('2026-01-01 00:00:00', 'running', 0, 'a.csv');
       INSERT INTO search_queue VALUES (1, 3)`,
    );
    assert.equal((await found({ q: 'xochitl' })).indexing, true);
    runSql(join(folder, 'test.db'), "UPDATE imports SET state = 'done'");
    await release?.();
    await Array.fromAsync(archive.indexSearch());
    assert.equal((await found({ q: 'xochitl' })).indexing, undefined);
  });
});

describe('the service of searches by words', () => {
  const folder = temporaryFolder();
  let app: TestApp;
  before(async () => {
    app = await startTestApp(folder, async (store) => {
      await fillEmbedded(store, {
        lists: [{ list_id: 100, name: 'North' }],
        leads: [1, 2, 3, 4].map((lead_id) => ({ lead_id, list_id: 100, first_name: 'Ana' })),
        users: [user('ana', 'every list')],
      });
      await Array.fromAsync(store.archive.indexSearch());
    });
  });
  after(() => app.close());

  const request = {
    requestId: 'r-1',
    address: '192.0.2.1',
    endpoint: 'v1',
    right: 'read',
    credentials: { kind: 'user', name: 'ana', password: PASSWORD },
    text: 'ana',
    field: 'q',
  } as const;

  it('counts each lead that it shows for the limit of a day', async () => {
    const services = createTestServices(app.store, { dailyLeads: 3 });
    const page = (limit: number) => services.searchText({ ...request, page: { offset: 0, limit } });
    assert.ok('page' in (await page(3)));
    const beyond = await page(4);
    assert.ok(
      'problem' in beyond && beyond.problem.code === 'rate_limited' && beyond.problem.dailyLeads === 3,
    );
  });

  it('refuses it where the engine has no index of words', async () => {
    const leads = { ...app.store.leads, searchText: undefined };
    const services = createTestServices({ ...app.store, leads });
    const answer = await services.searchText({ ...request, page: { offset: 0, limit: 25 } });
    assert.deepEqual(answer, { problem: { code: 'text_search_unavailable' } });
  });
});
