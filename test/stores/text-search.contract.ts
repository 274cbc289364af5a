import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { LeadFilter, TextPage } from '../../src/core/lead-store.ts';
import type { ListScope, MasksOf } from '../../src/core/lead.ts';
import { type LeadState, withValues } from '../../src/core/lead-state.ts';
import { parseTextQuery } from '../../src/core/text-query.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { LOOKED_AT_ONCE } from '../../src/stores/looked-through.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import type { DescribedLead, StoreDescription } from './described-store.ts';

const LEADS: readonly DescribedLead[] = [
  { lead_id: 1, list_id: 1, first_name: 'Ana', middle_initial: 'G', last_name: 'PEÑA López', status: 'SALE' },
  { lead_id: 2, list_id: 1, first_name: 'Ana', last_name: 'Lopez', phone_number: '5512340010' },
  {
    ...{ lead_id: 3, list_id: 2, first_name: 'Anabel', last_name: 'Penagos', isCustomer: true },
    phone_number: '5512340010',
  },
  { lead_id: 4, list_id: 2, first_name: 'Seán', last_name: "O'Brien", email: 'sean.b@example.com' },
  { lead_id: 5, list_id: 2, custom: [['empresa', 'Zapatería Núñez S.A.']] },
  {
    lead_id: 6,
    list_id: 2,
    custom: [
      ['f1', 'A-1023/4'],
      ['hobby', 'Quetzales'],
    ],
  },
  { lead_id: 7, list_id: 1, first_name: 'Łukasz', last_name: 'Strauß', comments: 'Comentario' },
  { lead_id: 8, list_id: 1, first_name: 'María', last_name: 'Comercializadora' },
];
const DATA: StoreDescription = {
  lists: [
    { list_id: 1, name: 'North' },
    {
      list_id: 2,
      name: 'South',
      fields: [
        { label: 'empresa', type: 'TEXT' },
        { label: 'f1', type: 'TEXT', caption: 'Folio' },
        { label: 'hobby', type: 'TEXT' },
      ],
    },
  ],
  leads: LEADS,
  users: [],
};

const ALL = { offset: 0, limit: 100 };
const BY = { user: 'ana', endpoint: 'v1', requestId: 'r-1' } as const;

/** A store, and how its words are indexed by a command. */
export interface SearchedStore extends Pick<OwnStore, 'leads' | 'records' | 'close'> {
  /** @returns how many leads were indexed, and how many are left */
  indexAll(): Promise<{ readonly leads: number; readonly left: number }>;
}

type OpenStore = (description: StoreDescription) => Promise<SearchedStore>;

async function search(
  { leads }: Pick<OwnStore, 'leads'>,
  text: string,
  scope: ListScope = 'every list',
  page = ALL,
  masks?: MasksOf,
): Promise<TextPage> {
  const query = parseTextQuery(text, 'q', 'MX');
  assert.ok('by' in query && leads.searchText !== undefined, text);
  return leads.searchText(query, scope, page, masks);
}

const idsOf = ({ matches }: TextPage) => matches.map(({ leadId }) => leadId);

/** The body of the tests that every store with an index of words passes. */
export function textSearchContract(engineName: string, open: OpenStore): void {
  describe(`searches by words in ${engineName}`, () => {
    let store: SearchedStore;
    before(async () => {
      store = await open(DATA);
    });
    after(() => store.close());

    it('say that leads are still being indexed, and find them then', async () => {
      assert.deepEqual(await search(store, 'ana'), { total: 0, matches: [], isIndexing: true });
      assert.deepEqual(await store.indexAll(), { leads: LEADS.length, left: 0 });
      assert.equal((await search(store, 'ana')).isIndexing, false);
    });

    it('find nobody by the words of masked fields, of those who see them masked', async () => {
      const masked = { 1: ['last_name'], 2: ['email', 'custom_info.f1', 'custom_info.empresa'] };
      const masks: MasksOf = (listId) => masked[listId as 1 | 2];
      const seen = async (text: string) => {
        const page = await search(store, text, 'every list', ALL, masks);
        assert.equal(page.total, page.matches.length);
        return idsOf(page);
      };
      for (const text of [
        'lopez',
        'ana lop',
        'g lopez',
        'strauss',
        'sean.b@example',
        'zapateria',
        'a-1023',
        'nunez',
      ])
        assert.deepEqual(await seen(text), [], text);
      assert.deepEqual(await seen('ana'), [2, 1, 3]);
      assert.deepEqual(await seen('penagos'), [3]);
      assert.deepEqual(await seen("o'brien"), [4]);
      assert.deepEqual(await seen('5512340010'), idsOf(await search(store, '5512340010')));
      assert.deepEqual(await seen('5512340010 lopez'), []);
      // What a list masks itself counts as what the setting names.
      const list = { listId: 2, name: 'South', statuses: [], masked: ['last_name'] };
      await store.records.putList(list, false);
      assert.deepEqual(await seen('penagos'), []);
      assert.deepEqual(idsOf(await search(store, 'penagos')), [3]);
      await store.records.putList({ ...list, masked: [] }, false);
    });

    const found: readonly (readonly [text: string, ids: readonly number[]])[] = [
      // Whole words before beginnings, then those nearest to the beginning of the name, then the newest.
      ['ana', [2, 1, 3]],
      ['an', [3, 2, 1]],
      ['lopez', [2, 1]],
      ['Ana López', [2, 1]],
      ['lopez ana', [2, 1]],
      // Without accents and case.
      ['peña', [1, 3]],
      ['PEÑA', [1, 3]],
      ['pen\u0303a', [1, 3]],
      ['Pena ana', [1, 3]],
      ['lukasz STRAUSS', [7]],
      // Apostrophes.
      ["o'brien", [4]],
      ['OBrien', [4]],
      ['brien', [4]],
      // A letter is an initial, unless it is the last word.
      ['g lopez', [1]],
      ['a lopez', []],
      ['lopez g', [1]],
      ['lopez a', [2, 1]],
      // E-mail, companies, ids; no other field.
      ['sean.b@example.com', [4]],
      ['example', [4]],
      ['zapateria', [5]],
      ['nunez zapa', [5]],
      ['A-1023/4', [6]],
      ['a10234', [6]],
      ['quetzales', []],
      ['comentario', []],
      // Words that are longer than the index has their beginnings.
      ['comercial', [8]],
      ['comercializadora', [8]],
      ['comercializacion', []],
      // A number among the words, in any spelling, or alone.
      ['ana 5512340010', [2, 3]],
      ['55 1234-0010 anabel', [3]],
      ['+52 (55) 1234 0010', [3, 2]],
      ['sean 5512340010', []],
      // What the index would take for its own words is none.
      ['ana OR sean', []],
      ['ana*', [2, 1, 3]],
      ['"ana" -lopez', [2, 1]],
      ['NEAR(ana lopez)', []],
      ['{text}: ana', []],
      ['§2', []],
      ["ana'); DROP TABLE leads; --", []],
      ['nobody', []],
    ];
    for (const [text, ids] of found) {
      it(`find ${JSON.stringify(ids)} by ${text}`, async () => {
        const page = await search(store, text);
        assert.deepEqual(idsOf(page), ids);
        assert.equal(page.total, ids.length);
      });
    }

    it('see the lists of the viewer alone', async () => {
      assert.deepEqual(idsOf(await search(store, 'ana', [2])), [3]);
      assert.deepEqual(idsOf(await search(store, 'ana 5512340010', [2])), [3]);
      assert.deepEqual(idsOf(await search(store, 'ana', [2, 1, 77])), [2, 1, 3]);
      for (const scope of [[], [77]]) assert.equal((await search(store, 'ana', scope)).total, 0);
      const many = Array.from({ length: 3_000 }, (_, index) => index + 2);
      assert.deepEqual(idsOf(await search(store, 'ana', many)), [3]);
    });

    it('are narrowed by what no index has', async () => {
      const kept = async (filter: LeadFilter) => {
        const query = parseTextQuery('ana', 'q', 'MX');
        assert.ok('by' in query && store.leads.searchText !== undefined);
        const page = await store.leads.searchText(query, 'every list', ALL, undefined, filter);
        assert.equal(page.total, page.matches.length);
        return idsOf(page);
      };
      assert.deepEqual(await kept({}), [2, 1, 3]);
      assert.deepEqual(await kept({ status: 'SALE' }), [1]);
      assert.deepEqual(await kept({ isCustomer: true }), [3]);
      assert.deepEqual(await kept({ isCustomer: false }), [2, 1]);
      assert.deepEqual(await kept({ status: 'SALE', isCustomer: true }), []);
    });

    it('come in pages', async () => {
      const pages = await Promise.all(
        [0, 1, 2, 3].map((offset) => search(store, 'ana', 'every list', { offset, limit: 1 })),
      );
      assert.deepEqual(pages.map(idsOf), [[2], [1], [3], []]);
      assert.deepEqual(
        pages.map(({ total }) => total),
        [3, 3, 3, 3],
      );
    });
  });

  looksThrough(engineName, open);
  followsWrites(engineName, open);
  boundsMany(engineName, open);
}

/** The index is as the leads are, whoever has written them. */
function followsWrites(engineName: string, open: OpenStore): void {
  const NAMES = ['ana', 'luis', 'maria', 'pena', 'garcia', 'lopez'];

  describe(`the index of words in ${engineName}`, () => {
    let store: SearchedStore;
    before(async () => {
      store = await open(DATA);
      await store.indexAll();
    });
    after(() => store.close());

    it('follows what people change, at once', async () => {
      const random = new SeededRandom('search');
      const names = new Map<number, string>();
      const nameOf = () => `${random.pick(NAMES)} ${random.pick(NAMES)}`;
      const stateOf = async (leadId: number): Promise<LeadState> => {
        const stored = await store.records.read(leadId, 'every list');
        assert.ok(stored);
        return stored.state;
      };
      const options = { allowShared: true };
      for (const id of [1, 2, 3, 4, 5, 6, 7, 8])
        await store.records.remove(id, await stateOf(id), BY, options);
      for (let step = 0; step < 60; step += 1) {
        const what = random.pick(['add', 'remove', 'change']);
        const [id] = [...names.keys()].slice(random.below(Math.max(1, names.size)));
        if (id === undefined || what === 'add') {
          const name = nameOf();
          const added = await store.records.add({ list_id: 1, first_name: name }, BY, options);
          assert.ok('id' in added);
          names.set(added.id, name);
        } else if (what === 'remove') {
          await store.records.remove(id, await stateOf(id), BY, options);
          names.delete(id);
        } else {
          const name = nameOf();
          const state = await stateOf(id);
          await store.records.change(id, state, withValues(state, { first_name: name }), BY, options);
          names.set(id, name);
        }
        for (const word of NAMES) {
          const expected = [...names]
            .filter(([, name]) => name.split(' ').includes(word))
            .map(([lead]) => lead);
          assert.deepEqual(
            idsOf(await search(store, word)).toSorted(),
            expected.toSorted(),
            `${step} ${word}`,
          );
        }
      }
    });

    it('follows the fields of a list, whose leads are found by other values then', async () => {
      const added = await store.records.add({ list_id: 2, 'custom_info.hobby': 'Quetzales' }, BY, {});
      assert.ok('id' in added);
      assert.deepEqual(idsOf(await search(store, 'quetzales')), []);
      const asCompany = { label: 'hobby', caption: 'Empresa', type: 'TEXT', options: [] } as const;
      await store.records.putFields(2, [asCompany]);
      assert.equal((await search(store, 'quetzales')).isIndexing, true);
      await store.indexAll();
      assert.deepEqual(idsOf(await search(store, 'quetzales')), [added.id]);
      await store.records.putFields(2, []);
      await store.indexAll();
      assert.deepEqual(idsOf(await search(store, 'quetzales')), []);
    });
  });
}

function boundsMany(engineName: string, open: OpenStore): void {
  it(`counts no further than 1,000 in ${engineName}, and has the very words on its first page`, async () => {
    const leads = Array.from({ length: 1_200 }, (_, index) => ({
      lead_id: index + 1,
      list_id: 1,
      first_name: index === 0 ? 'Mari' : 'Mariana',
      last_name: index === 1 ? 'Guadalupana' : 'Guadalupe',
    }));
    const store = await open({ ...DATA, leads });
    try {
      await store.indexAll();
      const page = { offset: 0, limit: 2 };
      const many = await search(store, 'mari', 'every list', page);
      assert.equal(many.total, 1_001);
      assert.deepEqual(idsOf(many), [1, 1_200]);
      // Among the newest thousand with the beginning `guadalup` there is none; with the word itself there is one.
      const rare = await search(store, 'guadalupan', 'every list', page);
      assert.deepEqual([rare.total, idsOf(rare)], [1, [2]]);
      const last = await search(store, 'mari', 'every list', { offset: 990, limit: 100 });
      assert.equal(last.matches.length, 10);
    } finally {
      await store.close();
    }
  });
}

/** All leads, a part at a time, by what no index has. */
function looksThrough(engineName: string, open: OpenStore): void {
  describe(`looks through the leads of ${engineName}`, () => {
    let store: SearchedStore;
    const last = 2 * LOOKED_AT_ONCE;
    before(async () => {
      const leads = Array.from({ length: last }, (_, at): DescribedLead => {
        const isWanted = at === 2 || at % 1_000 === 0;
        return {
          lead_id: at + 1,
          list_id: 1 + (at % 2),
          ...(isWanted && { status: 'SALE', isCustomer: at === 2 }),
        };
      });
      store = await open({ ...DATA, leads });
    });
    after(() => store.close());

    interface Part {
      readonly below?: number;
      readonly limit?: number;
      readonly scope?: ListScope;
    }

    async function look(
      filter: LeadFilter,
      { below = last + 1, limit = 100, scope = 'every list' }: Part = {},
    ) {
      assert.ok(store.leads.lookThrough !== undefined);
      const part = await store.leads.lookThrough(filter, scope, { below, limit });
      return { ids: part.matches.map(({ leadId }) => leadId), looked: part.looked, below: part.below };
    }

    it('the newest first, so many at once, until there are none', async () => {
      const filter = { status: 'SALE' };
      const first = await look(filter);
      assert.deepEqual(first, {
        ids: [9_001, 8_001, 7_001, 6_001, 5_001],
        looked: LOOKED_AT_ONCE,
        below: 5_001,
      });
      const second = await look(filter, { below: 5_001 });
      assert.deepEqual(second, { ids: [4_001, 3_001, 2_001, 1_001, 3, 1], looked: LOOKED_AT_ONCE, below: 1 });
      assert.deepEqual(await look(filter, { below: 1 }), { ids: [], looked: 0, below: undefined });
      assert.deepEqual((await look({})).ids.slice(0, 2), [last, last - 1]);
    });

    it('up to a full page, and goes on behind it', async () => {
      const { ids, below } = await look({ status: 'SALE' }, { limit: 2 });
      assert.deepEqual([ids, below], [[9_001, 8_001], 8_001]);
      assert.deepEqual((await look({ status: 'SALE' }, { limit: 2, below: 8_001 })).ids, [7_001, 6_001]);
    });

    it('within lists, by status and kind as they are', async () => {
      assert.deepEqual((await look({ status: 'SALE' }, { below: 100, scope: [1] })).ids, [3, 1]);
      for (const scope of [[], [2], [77]])
        assert.deepEqual((await look({ status: 'SALE' }, { below: 100, scope })).ids, []);
      assert.deepEqual((await look({ isCustomer: true }, { below: 100 })).ids, [3]);
      assert.deepEqual((await look({ status: 'sale' }, { below: 100 })).ids, []);
      assert.deepEqual((await look({ status: 'SALE', isCustomer: false }, { below: 100 })).ids, [1]);
    });
  });
}
