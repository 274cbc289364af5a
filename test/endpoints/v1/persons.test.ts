import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { type AuditTrail, NO_AUDIT } from '../../../src/core/audit-trail.ts';
import { AuditFailure } from '../../../src/core/audit-trail.ts';
import type { PersonWork } from '../../../src/core/person-store.ts';
import { createClient } from '../../../src/client/client.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import { recordsOf } from '../../audit/audit-fixture.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { createTestServices } from '../../service/test-services.ts';
import { fillEmbedded, fillOwn } from '../../stores/described-store.ts';

import { basic, bearer } from '../../support/authorization.ts';
import { madeToken } from '../../support/made-token.ts';
import { onOwnEngines } from '../../support/own-engines.ts';
import { send, startTestApp, temporaryFolder, testConfig, type TestApp } from '../../support/test-app.ts';

const [NAME, NUMBER, FORMER, EMAIL, NOTE] = [
  'Zenobia',
  '5512349876',
  '5512348765',
  'zenobia@planted.example',
  'planted note',
];
const PLANTED = [NAME, NUMBER, FORMER, EMAIL, NOTE, NAME.toLowerCase()];

const user = (name: string, rights: readonly ('read' | 'edit' | 'admin')[], lists?: readonly number[]) => ({
  name,
  password: { verifier: CHEAP_VERIFIER },
  rights,
  ...(lists && { lists }),
});

onOwnEngines('persons by /v1', (emptyStore) => {
  const folder = temporaryFolder();
  let test: TestApp;
  let isEmbedded: boolean;
  const ask = async (name: string, method: string, target: string, body?: unknown) => {
    const headers = { ...basic(name, PASSWORD), 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const { status, text } = await send(test.url, target, { method, headers, ...sent });
    return { status, text, json: JSON.parse(text) as Record<string, unknown> };
  };
  const audited = (result: string) =>
    recordsOf(join(folder, 'audit'), 'person').filter((record) => record.result === result);

  before(async () => {
    const { database } = emptyStore();
    isEmbedded = database === undefined;
    test = await startTestApp(
      folder,
      async (store) => {
        await fillOwn(store, {
          lists: [
            { list_id: 1, name: 'North' },
            { list_id: 2, name: 'South' },
          ],
          leads: [
            { lead_id: 7, list_id: 1, first_name: NAME, phone_number: FORMER, email: EMAIL },
            { lead_id: 8, list_id: 2, first_name: 'ZENÓBIA', phone_number: NUMBER },
            { lead_id: 10, list_id: 1, first_name: 'Father', phone_number: '5512340010' },
            { lead_id: 11, list_id: 2, first_name: 'Son', phone_number: '5512340010' },
          ],
          users: [user('ana', ['admin', 'read']), user('eva', ['read', 'edit']), user('leo', ['admin'], [1])],
        });
        const by = { user: 'eva', endpoint: 'v1', requestId: 'r' } as const;
        const { state } = (await store.records.read(7, 'every list')) ?? {};
        assert.ok(state);
        await store.records.change(7, state, { ...state, phone_number: NUMBER }, by, {});
        await store.records.addNote(7, NOTE, by);
        await store.records.putList({ listId: 1, name: null, statuses: [], masked: ['first_name'] }, false);
      },
      { config: { audit: join(folder, 'audit'), dailyLeads: 0, ...(database && { database }) } },
    );
  });
  after(() => test.close());

  it('are found by a number that they have or had, and named where it is not one person', async () => {
    const { json } = await ask('ana', 'GET', `/v1/persons?phone=${FORMER}`);
    assert.deepEqual(json, {
      leads: [{ lead_id: 7, list_id: 1, name: NAME, is_removed: false, found_as: ['former'] }],
      calls_without_lead: 0,
    });
    assert.deepEqual((await ask('ana', 'GET', '/v1/persons?phone=5599887766')).json, {
      leads: [],
      calls_without_lead: 0,
    });
    for (const operation of ['export', 'erase']) {
      const refused = await ask('ana', 'POST', `/v1/persons/${operation}`, { phone: '5512340010' });
      assert.deepEqual(
        [refused.status, refused.json.code, refused.json.lead_ids],
        [409, 'several_people', [10, 11]],
      );
      assert.match(refused.text, /lead 10 \(Father\); lead 11 \(Son\); say by lead_ids who is meant/);
    }
    assert.deepEqual(
      audited('person_found').map(({ leadId, user: by, endpoint }) => [leadId, by, endpoint]),
      [7, 10, 11, 10, 11].map((leadId) => [leadId, 'ana', 'v1']),
    );
    assert.ok(!JSON.stringify(audited('person_found')).includes(FORMER));
  });

  it('are for users with the right admin who see every list, and for no token', async () => {
    const requests = [
      ['GET', `/v1/persons?phone=${NUMBER}`],
      ['POST', '/v1/persons/export', { lead_ids: [7] }],
      ['POST', '/v1/persons/erase', { lead_ids: [7] }],
    ] as const;
    const token = bearer(await madeToken(test.store, { name: 'all', scope: ['read', 'edit', 'calls'] }));
    for (const [method, target, body] of requests) {
      const { status, json } = await ask('eva', method, target, body);
      assert.deepEqual([status, json.code, json.right], [403, 'api_not_allowed', 'admin']);
      const restricted = await ask('leo', method, target, body);
      assert.deepEqual([restricted.status, restricted.json.code], [403, 'every_list_needed']);
      assert.ok(!restricted.text.includes(NAME));
      const headers = { ...token, 'content-type': 'application/json' };
      const byToken = await send(test.url, target, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      assert.equal(byToken.status, 403);
    }
    assert.notEqual(await test.store.persons.read(7), undefined);
  });

  it('say what is wrong with a request, and what would do', async () => {
    const cases: readonly (readonly [unknown, number, RegExp])[] = [
      [{}, 400, /must say who is meant: lead_ids or phone/],
      [{ lead_ids: [7], phone: NUMBER }, 400, /lead_ids or phone, one of them/],
      [{ lead_ids: [] }, 400, /lead_ids must be a list of 1 to 100 lead ids/],
      [{ lead_ids: ['7'] }, 400, /lead_ids must be a list/],
      [{ lead_ids: [7], force: true }, 400, /force is unknown here/],
      [{ phone: 55 }, 400, /phone must be a text/],
      [{ phone: 'x' }, 400, /phone /],
      [{ lead_ids: [7, 99] }, 404, /There is no lead 99/],
      [{ phone: '5599887766' }, 404, /No lead has the number 5599887766/],
    ];
    for (const [body, status, title] of cases)
      for (const operation of ['export', 'erase']) {
        const answer = await ask('ana', 'POST', `/v1/persons/${operation}`, body);
        assert.equal(answer.status, status, answer.text);
        assert.match(String(answer.json.title), title);
      }
    assert.equal((await ask('ana', 'GET', '/v1/persons')).json.code, 'parameters_missing');
    assert.equal((await ask('ana', 'GET', `/v1/persons?phone=${NUMBER}&limit=1`)).status, 400);
  });

  it('are handed over with all that is kept and who read it, masked or not', async () => {
    await ask('eva', 'GET', '/v1/leads/7');
    const { status, text, json } = await ask('ana', 'POST', '/v1/persons/export', { phone: NUMBER });
    assert.equal(status, 200, text);
    for (const planted of PLANTED.slice(0, 5)) assert.ok(text.includes(planted), planted);
    assert.ok(!text.includes('Father'));
    assert.deepEqual([json.personExport, json.by, json.leadIds], [1, 'ana', [7, 8]]);
    const reads = json.reads as readonly { user: string; result: string; at: string }[];
    assert.ok(reads.some(({ user: by, result, at }) => by === 'eva' && result === 'found' && at !== ''));
    assert.deepEqual(
      audited('person_exported').map(({ leadId, user: by }) => [leadId, by]),
      [
        [7, 'ana'],
        [8, 'ana'],
      ],
    );
  });

  it('are erased from every file while others are served, with a receipt and its digest in the audit', async () => {
    const copy = join(folder, 'test.db.schema-8');
    if (isEmbedded) writeFileSync(copy, `${NAME} ${NUMBER}`);
    const client = createClient({ url: test.url, user: 'ana', password: PASSWORD });
    const [receipt] = await Promise.all([
      client.erasePerson({ leadIds: [7, 8] }, { timeoutMs: 30_000 }),
      ask('eva', 'GET', '/v1/leads/10').then(({ status }) => assert.equal(status, 200)),
    ]);
    const { digest, ...others } = receipt;
    assert.equal(digest, hash('sha256', JSON.stringify(others), 'hex'));
    assert.deepEqual(receipt.files.deleted, isEmbedded ? ['store.schema-8'] : []);
    assert.ok(!JSON.stringify(receipt).includes(folder));
    assert.deepEqual([receipt.files.areClean, receipt.removed.leads, receipt.removed.notes], [true, 2, 1]);
    assert.deepEqual(
      PLANTED.filter((text) => JSON.stringify(receipt).includes(text)),
      [],
    );
    const found = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap(({ parentPath, name }) => {
        const content = readFileSync(join(parentPath, name));
        return PLANTED.filter((text) => content.includes(text)).map((text) => `${name}: ${text}`);
      });
    assert.deepEqual(found, []);
    const records = audited('person_erased');
    assert.deepEqual(
      records.map(({ leadId, receipt: digestOf }) => leadId ?? digestOf),
      [7, 8, digest],
    );
    assert.equal(
      (await ask('ana', 'POST', '/v1/persons/erase', { lead_ids: [7] })).json.code,
      'lead_not_found',
    );
    assert.equal((await ask('eva', 'GET', '/v1/leads/7')).status, 404);
  });

  it('wait for an import', async () => {
    const release = await test.store.archive.claimImport();
    try {
      const { status, json } = await ask('ana', 'POST', '/v1/persons/erase', { lead_ids: [10] });
      assert.deepEqual([status, json.code], [503, 'overloaded']);
    } finally {
      await release?.();
    }
    assert.notEqual(await test.store.persons.read(10), undefined);
  });

  it('are erased by their number where there are only calls with it', async () => {
    const phone = '+52 55 9988 0011';
    const report = { source: 'asterisk', account: '1', user: 'ana', state: 'ended', mayBegin: true } as const;
    const { call } =
      (await test.store.calls.report({
        ...{ ...report, phone, numberKey: '525599880011', at: Date.now() },
      })) ?? assert.fail();
    const found = await ask('ana', 'GET', `/v1/persons?phone=${encodeURIComponent(phone)}`);
    assert.deepEqual(found.json, { leads: [], calls_without_lead: 1 });
    const exported = await ask('ana', 'POST', '/v1/persons/export', { phone });
    assert.partialDeepStrictEqual(exported.json, {
      ...{ leadIds: [], leads: [] },
      calls: [{ type: 'call', callId: call.callId, phone, user: 'ana' }],
    });
    for (const act of ['person_found', 'person_exported'])
      assert.equal(audited(act).at(-1)?.askedPhone, '**********11', act);
    const { status, json } = await ask('ana', 'POST', '/v1/persons/erase', { phone });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(json, { leadIds: [], removed: { calls: 1, leads: 0 } });
    assert.equal(await test.store.calls.read(call.callId), undefined);
    const again = await ask('ana', 'POST', '/v1/persons/erase', { phone });
    assert.deepEqual([again.status, again.json.code], [404, 'phone_not_found']);
    assert.equal(audited('person_erased').at(-2)?.askedPhone, '**********11');
  });
});

describe('a person whose record cannot be written', () => {
  it('is neither erased nor shown', async () => {
    const store = openStore(testConfig(join(temporaryFolder(), 'unrecorded.db')), { create: true });
    await fillEmbedded(store, { lists: [], leads: [], users: [user('ana', ['admin'])] });
    const done: string[] = [];
    const persons: PersonWork = {
      find: () => Promise.resolve([]),
      countCalls: () => Promise.resolve(1),
      known: (leadIds) => Promise.resolve(leadIds),
      describe: () =>
        Promise.resolve({ leads: [], calls: [], related: [], reads: [], older: 0, elsewhere: [] }),
      due: () => Promise.resolve(undefined),
      erase: () => {
        done.push('erased');
        return Promise.resolve(undefined);
      },
    };
    const audit: AuditTrail = {
      ...NO_AUDIT,
      record: () => Promise.reject(new AuditFailure(new Error('full'))),
    };
    const services = createTestServices(store, { persons: () => persons, audit });
    const context = {
      endpoint: 'v1',
      right: 'admin',
      requestId: 'r',
      address: '192.0.2.1',
      credentials: { kind: 'user', name: 'ana', password: PASSWORD },
      sent: { lead_ids: [7] },
    } as const;
    for (const answer of [await services.erasePerson(context), await services.exportPerson(context)]) {
      assert.ok('problem' in answer && answer.problem.code === 'audit_unavailable');
    }
    assert.deepEqual(done, []);
    await store.close();
  });
});
