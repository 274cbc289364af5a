import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { MASKABLE_FIELDS } from '../../src/core/masks.ts';
import { OPERATIONS } from '../../src/endpoints/v1/operations.ts';
import { basic, bearer } from '../support/authorization.ts';
import { madeToken } from '../support/made-token.ts';
import { onOwnEngines } from '../support/own-engines.ts';
import { send, startTestApp, temporaryFolder, type Sent, type TestApp } from '../support/test-app.ts';
import { fillOwn, indexAll, type DescribedLead } from '../stores/described-store.ts';
import { hearCalls, notifyCall } from './card/call-fixture.ts';
import { createCardClient } from './card/card-fixture.ts';

const NUMBER = '5512349876';
const SHARED = '5512345544';

/** Every text of a lead, recognisable wherever it turns up. */
const TEXTS = {
  title: 'Maestra',
  first_name: 'Zenobia',
  middle_initial: 'Q',
  last_name: 'Quirinale',
  phone_number: NUMBER,
  alt_phone: '55 1234 8765',
  email: 'zenobia.q@planted.example',
  address1: 'Calle Plantada 7',
  address2: 'Interior Plantado',
  address3: '5512346543',
  city: 'Plantadopolis',
  state: 'Plantaduria',
  province: 'Plantadera',
  postal_code: '98123',
  country_code: 'MEX',
  gender: 'F',
  date_of_birth: '1981-07-23',
  status: 'PLNTD',
  user: 'agentplanted',
  comments: 'planted comment',
} as const;

const LEADS: readonly DescribedLead[] = [
  {
    lead_id: 7,
    list_id: 1,
    ...TEXTS,
    custom: [
      ['RFC', 'ZEQU810723'],
      ['visits', 987_123],
    ],
    further: [{ number: '55 1234 7654', label: 'office' }],
  },
  { lead_id: 8, list_id: 1, first_name: 'Plantina', phone_number: SHARED, email: 'plantina@planted.example' },
  { lead_id: 9, list_id: 1, first_name: 'Plantulo', phone_number: SHARED },
  { lead_id: 20, list_id: 2, first_name: 'Open', phone_number: '5512340020', email: 'open@seen.example' },
];

/** What no answer to a masked user holds. A letter alone, as of `gender`, is in every text. */
const PLANTED = [
  ...Object.values(TEXTS).filter((text) => text.length > 2),
  ...['ZEQU810723', '987123', '55 1234 7654', 'Plantina', 'Plantulo', 'plantina@planted.example', SHARED],
  ...['Formerly', 'former@planted.example', '5512341199', 'planted note', '5512348877'],
];

/** As it stands there, or with other signs between its digits. */
function plantedIn(text: string): readonly string[] {
  const bare = text.replace(/[\s().+-]|%20|\u00a0/g, '');
  return PLANTED.filter((planted) => {
    const digits = planted.replace(/[\s().+-]/g, '');
    return text.includes(planted) || (/^\d{8,}$/.test(digits) && bare.includes(digits));
  });
}

const JSON_BODY = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
const NON_AGENT = '/vicidial/non_agent_api.php?source=test&user=agent&pass=MyPass';
const GOAPI = '/goAPIv2/goAgent/goAPI.php?goUser=agent&goPass=MyPass&goAction=goGetCustomerInfo';

/** Stands for the address of a call of lead 7 that is kept. */
const KEPT_CALL = '/v1/calls/KEPT';

/** Requests of `/v1`, by the operation: those that read leads. */
const READS: Readonly<Record<string, readonly (readonly [target: string, sent?: Sent])[]>> = {
  getLead: [['/v1/leads/7']],
  findLeads: [
    [`/v1/leads?phone=${NUMBER}`],
    [`/v1/leads?phone=${SHARED}`],
    [`/v1/leads?q=${NUMBER}`],
    ['/v1/leads?q=zenobia'],
  ],
  lookupLeads: [
    [
      '/v1/leads/lookup',
      { ...JSON_BODY, body: `{"items":[{"lead_id":7},{"phone":"${NUMBER}"},{"lead_id":8}]}` },
    ],
  ],
  getTimeline: [['/v1/leads/7/timeline']],
  getNotes: [['/v1/leads/7/notes']],
  getLists: [['/v1/lists']],
  getListFields: [['/v1/lists/1/fields']],
  notifyCall: [['/v1/calls', { ...JSON_BODY, body: `{"user":"agent","phone":"${NUMBER}","lead_id":7}` }]],
  findCalls: [
    ['/v1/calls?lead_id=7'],
    [`/v1/calls?phone=${NUMBER}`],
    [`/v1/calls?phone=${SHARED}`],
    ['/v1/calls?user=agent'],
  ],
  changeCall: [[KEPT_CALL, { ...JSON_BODY, method: 'PATCH', body: '{"outcome":"asked for a copy"}' }]],
};

/** And of the other endpoints that take a name and a password, or a token that has it as well. */
const OTHERS: readonly string[] = [
  ...['json', 'xml'].flatMap((type) => [
    `${GOAPI}&responsetype=${type}&lead_id=7`,
    `${GOAPI}&responsetype=${type}&phone_number=${NUMBER}`,
    `${GOAPI}&responsetype=${type}&phone_number=${SHARED}`,
    `${GOAPI}&responsetype=${type}&lead_id=7&phone_number=${NUMBER}`,
    `${GOAPI.replace('goAgent', 'goReports')}&responsetype=${type}&lead_id=8`,
  ]),
  ...['', '&format=hash'].map((format) => `/v1/caller-id?phone=${NUMBER}${format}`),
  `${GOAPI.replace('goAgent', 'goGetLeads').replace('goGetCustomerInfo', 'goGetLeadsInfo')}&responsetype=json&lead_id=7`,
  `${GOAPI.replace('goAgent', 'goUsers').replace('goGetCustomerInfo', 'getLiveAgentInfo')}&responsetype=json&user=agent`,
  ...[`lead_id=7`, `phone_number=${SHARED}`].map(
    (which) => `${NON_AGENT}&function=lead_all_info&custom_fields=Y&${which}`,
  ),
];

const CUSTOM = ['custom_info.RFC', 'custom_info.visits'];
const EVERY_MASK = [...MASKABLE_FIELDS, ...CUSTOM];

onOwnEngines('masked fields', (emptyStore) => {
  let test: TestApp;
  let editor: { readonly authorization: string };
  const agent = basic('agent', 'MyPass');
  const reads = Object.values(READS).flat();

  let keptCall = '';
  async function ask(target: string, sent: Sent = {}, by = agent) {
    return send(test.url, target.replace('KEPT', keptCall), { ...sent, headers: { ...sent.headers, ...by } });
  }
  async function edit(method: string, target: string, body: unknown) {
    const headers = { 'content-type': 'application/json' };
    const answer = await ask(target, { method, headers, body: JSON.stringify(body) }, editor);
    assert.ok(answer.status < 300, answer.text);
    return answer;
  }
  const mask = (masked: readonly string[], listId = 1) => edit('PATCH', `/v1/lists/${listId}`, { masked });

  before(async () => {
    test = await startTestApp(
      temporaryFolder(),
      (store) =>
        fillOwn(store, {
          lists: [
            {
              list_id: 1,
              name: 'North',
              fields: [
                { label: 'RFC', type: 'TEXT' },
                { label: 'visits', type: 'NUMBER' },
              ],
            },
            { list_id: 2, name: 'South' },
          ],
          leads: LEADS,
          users: [{ name: 'agent', password: 'MyPass', rights: ['card', 'read', 'calls'] }],
        }),
      { config: { ...emptyStore(), address3IsPhone: true, rateLimit: 100_000, enumerationLimit: 100_000 } },
    );
    await indexAll(test.store);
    editor = bearer(await madeToken(test.store, { name: 'editor', scope: ['read', 'edit'] }));
    await edit('PATCH', '/v1/leads/7', { first_name: 'Formerly', phone_number: '5512341199' });
    await edit('PATCH', '/v1/leads/7', { email: 'former@planted.example', custom_info: { RFC: 'x' } });
    const { first_name, phone_number, email } = TEXTS;
    await edit('PATCH', '/v1/leads/7', {
      first_name,
      phone_number,
      email,
      custom_info: { RFC: 'ZEQU810723' },
    });
    for (const [target, sent] of READS.notifyCall ?? []) await ask(target, sent);
    const { text: kept } = await ask('/v1/calls?lead_id=7');
    keptCall =
      (JSON.parse(kept) as { readonly calls: readonly { readonly call: string }[] }).calls[0]?.call ?? '';
    assert.notEqual(keptCall, '');
    await edit('POST', '/v1/leads/7/notes', { text: 'planted note; her mother has 55 1234 8877' });
  });
  after(() => test.close());

  it('are none by default: whoever reads sees all, and no answer says anything of masks', async () => {
    await mask([]);
    for (const [target, sent] of reads) {
      const [ours, theirs] = [await ask(target, sent), await ask(target, sent, editor)];
      assert.ok(!ours.text.includes('mask'), target);
      if (!target.startsWith('/v1/calls')) assert.equal(ours.text, theirs.text, target);
    }
    const { text } = await ask('/v1/leads/7');
    for (const planted of Object.values(TEXTS)) assert.ok(text.includes(planted), planted);
  });

  it('name every operation of /v1 that reads', () => {
    const reading = OPERATIONS.filter(
      ({ right, needsAuthorization }) =>
        needsAuthorization === true && (right === 'read' || right === 'calls'),
    );
    assert.deepEqual(reading.map(({ id }) => id).sort(), Object.keys(READS).sort());
  });

  it('are in no answer of any endpoint to a user without the right to edit', async () => {
    await mask(EVERY_MASK);
    for (const [target, sent] of [...reads, ...OTHERS.map((other) => [other] as const)]) {
      const { status, text, headers } = await ask(target, sent);
      assert.ok(status === 200 || status === 202, `${target}: ${text}`);
      assert.deepEqual(plantedIn(text + JSON.stringify(headers)), [], `${target}: ${text}`);
    }
    const { text } = await ask('/v1/leads/7', {}, editor);
    for (const planted of Object.values(TEXTS)) assert.ok(text.includes(planted), planted);
    const seen = JSON.parse((await ask('/v1/leads/7')).text) as Record<string, unknown>;
    assert.deepEqual([seen.phone_number, seen.alt_phone, seen.email], ['**** 76', '**** 65', '****']);
    assert.deepEqual(
      [...(seen.masked as string[])].sort(),
      EVERY_MASK.filter((field) => field !== 'notes').sort(),
    );
  });

  it('are in no page, link or copy of the card, and in no call that it hears of', async () => {
    await mask(EVERY_MASK);
    const client = createCardClient(test.url);
    await client.signIn('agent');
    for (const target of ['/card?lead=7', `/card?phone=${NUMBER}`, `/card?phone=${SHARED}`, '/card?q=%237']) {
      const { status, text } = await client.get(target);
      assert.equal(status, 200, target);
      assert.deepEqual(plantedIn(text), [], `${target}: ${text}`);
      assert.doesNotMatch(text, /href="tel:|href="mailto:/);
    }
    const heard = await hearCalls(test.url, client);
    await notifyCall(test.url, { user: 'agent', phone: NUMBER }, agent);
    const [call] = await heard.untilEvents(1);
    heard.close();
    assert.deepEqual(plantedIn(heard.text), []);
    const { text } = await client.get(String(call?.data.address));
    assert.ok(text.includes('**** 76'), text);
    assert.deepEqual(plantedIn(text), []);
  });

  it('find nobody by words, but by a whole number as it rings', async () => {
    const total = async (query: string, by = agent) =>
      (JSON.parse((await ask(`/v1/leads?${query.replaceAll(' ', '%20')}`, {}, by)).text) as { total: number })
        .total;
    await mask(['email', 'last_name', 'custom_info.RFC', 'phone_number']);
    for (const words of ['quirinale', 'q', 'zenobia.q@planted', 'planted', 'zenobia quirin', 'zequ']) {
      assert.equal(await total(`q=${words}`), words === 'q' ? 1 : 0, words);
    }
    assert.deepEqual([await total('q=quirinale', editor), await total('q=planted', editor)], [1, 2]);
    assert.equal(await total('q=zenobia'), 1);
    assert.equal(await total('q=open@seen'), 1);
    for (const query of [`phone=${NUMBER}`, `q=${NUMBER}`, `q=${NUMBER} zenobia`]) {
      assert.equal(await total(query), 1, query);
    }
    for (const query of [`q=${NUMBER.slice(0, 8)}`, `q=${NUMBER} quirinale`])
      assert.equal(await total(query), 0, query);
  });

  it('tell by no ETag and no comparison what they hide', async () => {
    await mask(['email', 'phone_number']);
    const tagOf = async (by = agent) => (await ask('/v1/leads/7', {}, by)).headers.etag;
    const [ours, theirs] = [await tagOf(), await tagOf(editor)];
    await edit('PATCH', '/v1/leads/7', { email: 'else@planted.example' });
    assert.equal(await tagOf(), ours);
    assert.notEqual(await tagOf(editor), theirs);
    await edit('PATCH', '/v1/leads/7', { email: TEXTS.email });
    const compared = (number: string) => ask(`${GOAPI}&responsetype=json&lead_id=7&phone_number=${number}`);
    assert.equal((await compared(NUMBER)).headers['callercard-phone-match'], 'phone_number');
    assert.equal((await compared('5599887766')).headers['callercard-phone-match'], 'none');
    assert.equal((await compared('55**9876')).headers['callercard-phone-match'], undefined);
  });

  it('stay masked in what happened, by every list that the lead was in', async () => {
    await mask(['email'], 1);
    await mask([], 2);
    await edit('PATCH', '/v1/leads/8?force', { list_id: 2 });
    const { text } = await ask('/v1/leads/8/timeline');
    assert.ok(!text.includes('plantina@planted.example'), text);
    await edit('PATCH', '/v1/leads/8?force', { list_id: 1 });
  });

  it('are not taken for values where somebody sends back what they have read', async () => {
    for (const body of [
      { phone_number: '**** 76' },
      { email: '****' },
      { numbers: [{ label: null, number: '**** 54' }] },
    ]) {
      const headers = { 'content-type': 'application/json' };
      const answer = await ask(
        '/v1/leads/7',
        { method: 'PATCH', headers, body: JSON.stringify(body) },
        editor,
      );
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, /is masked, and would take the place of the value; leave it out/);
    }
  });

  it('must be fields that there are', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const masked of [['lead_id'], ['phone'], ['custom_info.'], ['email', 'email'], 'email', [7]]) {
      const body = JSON.stringify({ masked });
      const answer = await ask('/v1/lists/1', { method: 'PATCH', headers, body }, editor);
      assert.equal(answer.status, 400, body);
      assert.match(answer.text, /masked must be a list of different fields: title, .*custom_info.LABEL/);
    }
  });
});

onOwnEngines('the setting maskedFields', (emptyStore) => {
  it('masks in every list, or one, beside what the list masks itself', async () => {
    const maskedFields = [
      { listId: '*', field: 'email' },
      { listId: 1, field: 'city' },
    ] as const;
    const test = await startTestApp(
      temporaryFolder(),
      async (store) => {
        const lists = [1, 2].map((listId) => ({ list_id: listId, name: `List ${listId}` }));
        const lead = { email: 'a@planted.example', city: 'Plantadopolis', last_name: 'Quirinale' };
        await fillOwn(store, {
          lists,
          leads: [1, 2].map((id) => ({ lead_id: id, list_id: id, ...lead })),
          users: [{ name: 'agent', password: 'MyPass', rights: ['read'] }],
        });
        await store.records.putList({ listId: 2, name: null, statuses: [], masked: ['last_name'] }, false);
      },
      { config: { ...emptyStore(), maskedFields } },
    );
    try {
      const seen = async (leadId: number) => {
        const { text } = await send(test.url, `/v1/leads/${leadId}`, { headers: basic('agent', 'MyPass') });
        const { email, city, last_name } = JSON.parse(text) as Record<string, string>;
        return [email, city, last_name];
      };
      assert.deepEqual(await seen(1), ['****', '****', 'Quirinale']);
      assert.deepEqual(await seen(2), ['****', 'Plantadopolis', '****']);
      const { text } = await send(test.url, '/v1/leads?q=planted', { headers: basic('agent', 'MyPass') });
      assert.equal((JSON.parse(text) as { total: number }).total, 0);
    } finally {
      await test.close();
    }
  });
});
