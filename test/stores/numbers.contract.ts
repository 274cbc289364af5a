import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { formsUnder, readingsOf, shownNumbers } from '../../src/core/lead-numbers.ts';
import type { LeadStore, LookupResult } from '../../src/core/lead-store.ts';
import type { ListScope } from '../../src/core/lead.ts';
import { parseQuery, type QueryParameters } from '../../src/core/query.ts';
import { outcomeOf } from '../../src/service/lookup.ts';
import type { StoreDescription } from './described-store.ts';
import type { ContractStore, OpenFilledStore } from './lead-store.contract.ts';

/** Leads with countries, further numbers, and blocks of numbers, under Mexico's numbers. */
export const NUMBER_DATA: StoreDescription = {
  lists: [
    { list_id: 100, name: 'North' },
    { list_id: 200, name: 'South' },
  ],
  leads: [
    { lead_id: 1, list_id: 100, phone_number: '2125550142', phoneCode: '1', country_code: 'US' },
    { lead_id: 2, list_id: 100, phone_number: '5512340002', phoneCode: '1', country_code: 'US' },
    // One number: who was called last says another country.
    {
      lead_id: 3,
      list_id: 100,
      phone_number: '5512340003',
      phoneCode: '1',
      country_code: 'USA',
      lastLocalCallTime: '2026-05-02 10:00:00',
    },
    {
      lead_id: 4,
      list_id: 200,
      phone_number: '5512340003',
      phoneCode: '52',
      country_code: 'México',
      lastLocalCallTime: '2026-05-01 10:00:00',
    },
    {
      lead_id: 5,
      list_id: 100,
      phone_number: '5512340005',
      further: [
        { number: '3355550005', label: 'office' },
        { number: '3355550105', label: 'old', isActive: false },
        { number: '33 5555 0205' },
        { number: '3355550304', label: 'sister, house: "ana"' },
      ],
    },
    { lead_id: 6, list_id: 100, phone_number: '5512340006', alt_phone: '3355550006' },
    { lead_id: 7, list_id: 100, phone_number: '5512340007', further: [{ number: '3355550006' }] },
    {
      lead_id: 8,
      list_id: 200,
      phone_number: '5512340008',
      further: [{ number: '3355550008' }, { number: '+523355550008' }],
    },
    {
      lead_id: 9,
      list_id: 100,
      phone_number: '5512340009',
      phoneCode: '52',
      further: [{ number: '2125550199', phoneCode: '1' }],
    },
    { lead_id: 10, list_id: 100, phone_number: '33123456xx' },
    { lead_id: 11, list_id: 200, phone_number: '331234*' },
    { lead_id: 12, list_id: 100, phone_number: '3312345699' },
    { lead_id: 13, list_id: 100, phone_number: '+523377*', lastLocalCallTime: '2026-05-02 10:00:00' },
    { lead_id: 14, list_id: 200, phone_number: '5512340014', alt_phone: '523377x' },
    { lead_id: 15, list_id: 100, phone_number: '5512340015', further: [{ number: '338888*' }] },
    { lead_id: 20, list_id: 100, phone_number: '1123456789', phoneCode: '54', country_code: 'AR' },
    { lead_id: 21, list_id: 100, phone_number: '1187654321', phoneCode: '55', country_code: 'BRA' },
    { lead_id: 22, list_id: 100, phone_number: '38345678' },
    { lead_id: 23, list_id: 100, phone_number: '101' },
    { lead_id: 24, list_id: 100, phone_number: '5491155556666' },
    {
      lead_id: 26,
      list_id: 200,
      phone_number: '2125550143',
      alt_phone: '2125550144',
      country_code: 'US',
      further: [{ number: '(212) 555-0145', label: 'home' }],
    },
    { lead_id: 25, list_id: 100, phone_number: '0012125550125', country_code: 'MX', phoneCode: '52' },
  ],
  users: [],
};

/** The further numbers of a lead, as label and number. */
const FURTHER_OF: readonly (readonly [leadId: number, further: readonly string[]])[] = [
  [5, ['office 3355550005', '- 33 5555 0205', 'sister, house: "ana" 3355550304']],
  [6, []],
  [8, ['- 3355550008', '- +523355550008']],
  [26, ['home (212) 555-0145']],
];

/** What is dialled, in Mexico, for each number of a lead. */
const DIALLED: readonly (readonly [leadId: number, dialled: readonly string[]])[] = [
  [1, ['+12125550142']],
  [2, ['+15512340002']],
  [3, ['+15512340003']],
  [4, ['+525512340003']],
  [5, ['+525512340005', '+523355550005', '+523355550205', '+523355550304']],
  [9, ['+525512340009', '+12125550199']],
  [20, ['+541123456789']],
  [21, ['+5511987654321']],
  [22, ['none']],
  [24, ['+5491155556666']],
  [25, ['+12125550125']],
  [26, ['+12125550143', '+12125550144', '+12125550145']],
];

/** Which of a lead's numbers is the one that was sent beside its id. */
const COMPARED: readonly (readonly [leadId: string, number: string, match: string])[] = [
  ['5', '3355550005', 'further'],
  ['5', '+52 1 33 5555 0304', 'further'],
  ['5', '3355550105', 'none'],
  ['5', '5512340005', 'phone_number'],
  ['9', '+1 212 555 0199', 'further'],
  ['26', '+1 212 555 0145', 'further'],
  ['26', '+1 212 555 0144', 'alt_phone'],
  ['26', '+52 212 555 0145', 'further'],
  ['1', '+1 212 555 0142', 'phone_number'],
  ['10', '3312345678', 'block'],
  ['10', '3312355678', 'none'],
  ['15', '3388881234', 'block'],
];

type Found = readonly [leadId: number, match: string, matches: number] | undefined;

/** What a number finds: the number, the lists that may be seen, and the lead, what of it matched, and how many match. */
type NumberCase = readonly [number: string, found: Found, scope?: ListScope];

const OWN_COUNTRY: readonly NumberCase[] = [
  ['+1 212 555 0142', [1, 'phone_number', 1]],
  ['0012125550142', [1, 'phone_number', 1]],
  // A country of its own takes no reading away.
  ['2125550142', [1, 'phone_number', 1]],
  ['+52 212 555 0142', [1, 'phone_number', 1]],
  ['5512340002', [2, 'phone_number', 1]],
  ['+1 551 234 0002', [2, 'phone_number', 1]],
  ['+52 1 55 1234 0003', [4, 'phone_number', 2]],
  ['5512340003', [3, 'phone_number', 1], [100]],
  ['+1 551 234 0003', [3, 'phone_number', 1]],
  // Only the leads of that country have it so.
  ['+1 551 234 0005', undefined],
  ['+54 9 11 2345 6789', [20, 'phone_number', 1]],
  ['+54 11 15 2345 6789', [20, 'phone_number', 1]],
  ['+54 11 2345 6789', [20, 'phone_number', 1]],
  ['+55 11 98765-4321', [21, 'phone_number', 1]],
  ['+55 11 8765-4321', [21, 'phone_number', 1]],
  ['+54 11 5555 6666', [24, 'phone_number', 1]],
  ['+1 212 555 0125', [25, 'phone_number', 1]],
];

const LOCAL: readonly NumberCase[] = [
  ['3834-5678', [22, 'phone_number', 1]],
  ['38345678', [22, 'phone_number', 1]],
  ['+38345678', undefined],
  ['+52 38345678', undefined],
  ['3338345678', undefined],
];

const FURTHER: readonly NumberCase[] = [
  ['3355550005', [5, 'further', 1]],
  ['+52 1 33 5555 0005', [5, 'further', 1]],
  ['3355550005', undefined, [200]],
  ['3355550105', undefined],
  ['3355550006', [6, 'alt_phone', 1]],
  ['3355550008', [8, 'further', 1]],
  ['+1 212 555 0199', [9, 'further', 1]],
];

const BLOCKS: readonly NumberCase[] = [
  ['3312345678', [10, 'block', 1]],
  ['+52 1 33 1234 5600', [10, 'block', 1]],
  ['3312340000', [11, 'block', 1]],
  ['3312345678', [11, 'block', 1], [200]],
  // Every number that somebody has comes before.
  ['3312345699', [12, 'phone_number', 1]],
  ['3377123456', [13, 'block', 2]],
  ['3388881234', [15, 'block', 1]],
  ['3312355678', undefined],
  ['123456', undefined],
];

function furtherOf(result: LookupResult | undefined): readonly string[] | undefined {
  return result?.further?.map(({ label, number }) => `${label ?? '-'} ${number}`);
}

async function foundBy(leads: LeadStore, phoneNumber: string, scope: ListScope): Promise<Found> {
  const query = parseQuery({ phoneNumber }, 'MX', { internalNumbers: true });
  assert.ok('by' in query, phoneNumber);
  const result = await leads.find(query, scope);
  if (result?.foundBy === undefined) return undefined;
  return [result.lead.lead_id, result.foundBy.column, result.foundBy.matches];
}

/** What every engine promises of numbers beyond the default country and the documented columns. */
export function numbersContract(engineName: string, openFilledStore: OpenFilledStore): void {
  describe(`numbers in ${engineName}`, () => {
    let store: ContractStore;
    before(async () => {
      store = await openFilledStore(NUMBER_DATA, { address3IsPhone: false, numberBlocks: true });
    });
    after(() => store.close());

    for (const [what, cases] of [
      ["are read under the lead's own country, too", OWN_COUNTRY],
      ['without area code are compared with others like them', LOCAL],
      ['beside the documented ones are found after those', FURTHER],
      ['of a block are found after all others, the longest block first', BLOCKS],
    ] as const) {
      describe(what, () => {
        for (const [number, found, scope = 'every list'] of cases) {
          it(`${number} in ${JSON.stringify(scope)}: ${JSON.stringify(found)}`, async () => {
            assert.deepEqual(await foundBy(store.leads, number, scope), found);
          });
        }
      });
    }

    it('inside a company are found by their digits alone', async () => {
      assert.deepEqual(await foundBy(store.leads, '101', 'every list'), [23, 'phone_number', 1]);
      for (const other of ['1010', '10', '0101', '00101'])
        assert.equal(await foundBy(store.leads, other, 'every list'), undefined, other);
    });

    const find = (leads: LeadStore, parameters: QueryParameters) => {
      const query = parseQuery(parameters, 'MX');
      assert.ok('by' in query);
      return leads.find(query, 'every list', { further: true });
    };

    it('beside the documented ones come with their labels in their order, however the lead is found', async () => {
      for (const [leadId, further] of FURTHER_OF) {
        const byId = await find(store.leads, { leadId: String(leadId) });
        assert.deepEqual(furtherOf(byId), further, `by id ${leadId}`);
        const number = byId?.lead.phone_number ?? '';
        assert.deepEqual(furtherOf(await find(store.leads, { phoneNumber: number })), further, number);
        const query = parseQuery({ phoneNumber: number }, 'MX');
        assert.ok('by' in query && query.by === 'phone_number');
        const { matches } = await store.leads.findAll(query.phone, 'every list', { offset: 0, limit: 10 });
        assert.deepEqual(matches.map(furtherOf), [further], `all with ${number}`);
      }
    });

    it("are dialled as those of the lead's own country", async () => {
      for (const [leadId, dialled] of DIALLED) {
        const result = await find(store.leads, { leadId: String(leadId) });
        assert.ok(result !== undefined);
        const { numbers } = shownNumbers(result, store.leads.phoneColumns);
        const forms = numbers.map((one) => formsUnder(one.number, readingsOf(one, 'MX'), 'MX'));
        assert.deepEqual(
          forms.map((form) => form?.e164 ?? 'none'),
          dialled,
          String(leadId),
        );
      }
    });

    it('that are sent beside a lead id are known as one of its own', async () => {
      for (const [leadId, phoneNumber, match] of COMPARED) {
        const query = parseQuery({ leadId, phoneNumber }, 'MX');
        assert.ok('by' in query);
        // Also for whoever does not ask for further numbers.
        const result = await store.leads.find(query, 'every list');
        const outcome = outcomeOf(query, result, store.leads, { numberBlocks: true });
        assert.ok('phoneMatch' in outcome);
        assert.equal(outcome.phoneMatch, match, `${leadId} ${phoneNumber}`);
      }
    });

    it('are listed in the order of search, each lead once', async () => {
      const listed = async (phoneNumber: string) => {
        const query = parseQuery({ phoneNumber }, 'MX');
        assert.ok('by' in query && query.by === 'phone_number');
        const page = await store.leads.findAll(query.phone, 'every list', { offset: 0, limit: 10 });
        return [
          page.total,
          ...page.matches.map(({ leadId, foundBy: by }) => `${leadId} ${by?.column ?? ''}`),
        ];
      };
      assert.deepEqual(await listed('3312345699'), [3, '12 phone_number', '10 block', '11 block']);
      assert.deepEqual(await listed('5512340003'), [2, '4 phone_number', '3 phone_number']);
      assert.deepEqual(await listed('3355550006'), [2, '6 alt_phone', '7 further']);
      assert.deepEqual(await listed('3355550008'), [1, '8 further']);
      assert.deepEqual(await listed('+1 212 555 0142'), [1, '1 phone_number']);
    });
  });

  describe(`numbers in ${engineName}, without the setting numberBlocks`, () => {
    it('are not of a block', async () => {
      const store = await openFilledStore(NUMBER_DATA, { address3IsPhone: false });
      try {
        assert.equal(await foundBy(store.leads, '3312345678', 'every list'), undefined);
        assert.deepEqual(await foundBy(store.leads, '3312345699', 'every list'), [12, 'phone_number', 1]);
      } finally {
        await store.close();
      }
    });
  });
}
