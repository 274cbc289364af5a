import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createClient, type LeadNumber } from '../../../src/client/client.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { fillEmbedded } from '../../stores/described-store.ts';
import { basic } from '../../support/authorization.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';

const DESCRIPTION = {
  lists: [{ list_id: 100, name: 'North' }],
  leads: [
    {
      lead_id: 1,
      list_id: 100,
      phone_number: '(55) 1234 0001',
      alt_phone: '2125550142',
      country_code: 'US',
      further: [
        { number: '3355550001', label: 'Oficina' },
        { number: '+52 33 5555 0001' },
        { number: '101', label: 'ext' },
      ],
    },
    { lead_id: 2, list_id: 100, phone_number: '5512340002' },
    {
      lead_id: 3,
      list_id: 100,
      phone_number: '5512340003',
      further: Array.from({ length: 101 }, (_, at) => ({ number: String(3355550100 + at) })),
    },
    { lead_id: 4, list_id: 100, phone_number: 'none' },
  ],
  users: [{ name: 'crm', password: { verifier: CHEAP_VERIFIER } }],
};

const FIRST: readonly LeadNumber[] = [
  {
    field: 'phone_number',
    label: null,
    number: '(55) 1234 0001',
    e164: '+15512340001',
    national: '+1 551 234 0001',
  },
  {
    field: 'alt_phone',
    label: null,
    number: '2125550142',
    e164: '+12125550142',
    national: '+1 212 555 0142',
  },
  // There is no area 335 in the United States: it is the default country's.
  { label: 'Oficina', number: '3355550001', e164: '+523355550001', national: '33 5555 0001' },
  { label: null, number: '+52 33 5555 0001', e164: '+523355550001', national: '33 5555 0001' },
  { label: 'ext', number: '101', e164: null, national: null },
];

describe('the numbers of a lead in /v1', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp(temporaryFolder(), (store) => fillEmbedded(store, DESCRIPTION));
  });
  after(() => app.close());

  const clientOf = () => createClient({ url: app.url, user: 'crm', password: PASSWORD });

  it("are all there with their labels, read under the lead's own country, whichever way it is asked for", async () => {
    const client = clientOf();
    const { numbers, ...lead } = await client.getLead(1);
    assert.deepEqual(numbers, FIRST);
    assert.ok(!('more_numbers' in lead));
    const [found] = (await client.findLeads('+1 551 234 0001')).leads;
    assert.deepEqual(found?.numbers, FIRST);
    const [one, other] = await client.lookupMany([{ phone: '+523355550001' }, { leadId: 2 }]);
    assert.ok(one !== undefined && 'lead' in one && other !== undefined && 'lead' in other);
    assert.deepEqual([one.lead.numbers, one.lead.matched_by], [FIRST, 'further']);
    assert.deepEqual(other.lead.numbers, [
      {
        field: 'phone_number',
        label: null,
        number: '5512340002',
        e164: '+525512340002',
        national: '55 1234 0002',
      },
    ]);
    assert.deepEqual((await client.getLead(4)).numbers, [
      { field: 'phone_number', label: null, number: 'none', e164: null, national: null },
    ]);
  });

  it('come behind what clients of 0.1 know, which is as it was', async () => {
    const { text } = await send(app.url, '/v1/leads/1', { headers: basic('crm', PASSWORD) });
    const known =
      '"custom_info":null,"is_customer":false,"phones":[' +
      '{"field":"phone_number","e164":"+525512340001","national":"55 1234 0001"},' +
      '{"field":"alt_phone","e164":"+522125550142","national":"212 555 0142"}],"matched_by":null,"numbers":[';
    assert.ok(text.includes(known), text);
    assert.deepEqual(Object.keys(JSON.parse(text) as object).slice(-4), [
      'is_customer',
      'phones',
      'matched_by',
      'numbers',
    ]);
  });

  it('are a hundred further ones at most, and where there are more that is said', async () => {
    const { numbers, more_numbers: more } = await clientOf().getLead(3);
    assert.equal(numbers.length, 101);
    assert.equal(numbers.at(-1)?.number, '3355550199');
    assert.equal(more, true);
  });
});
