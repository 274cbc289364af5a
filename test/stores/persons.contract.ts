import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { DAY_MS } from '../../src/core/days.ts';
import { type LeadState, withValues } from '../../src/core/lead-state.ts';
import { NO_LEAD, type PersonMatch } from '../../src/core/person-store.ts';
import { readPhone } from '../../src/core/phone.ts';
import type { Actor } from '../../src/core/record-store.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { parseTextQuery } from '../../src/core/text-query.ts';
import type { StoreDescription } from './described-store.ts';

const BY: Actor = { user: 'ana', endpoint: 'v1', requestId: 'r' };
const PAGE = { offset: 0, limit: 100 };
const [NUMBER, FORMER, FURTHER] = ['5512349876', '5512348765', '5512347654'];

/** 5512346543 */
const OTHER_DIGITS = '٥٥١٢٣٤٦٥٤٣';

const DATA: StoreDescription = {
  lists: [{ list_id: 1, name: 'North' }],
  leads: [
    { lead_id: 7, list_id: 1, first_name: 'Zenobia', phone_number: FORMER, further: [{ number: FURTHER }] },
    { lead_id: 8, list_id: 1, first_name: 'Luis', phone_number: '5512340008' },
    { lead_id: 9, list_id: 1, first_name: 'Eva', phone_number: '5512340009', comments: `sister: ${NUMBER}` },
    {
      lead_id: 10,
      list_id: 1,
      first_name: 'Old',
      phone_number: '5512340010',
      modifyDate: '2001-01-01 00:00:00',
    },
  ],
  users: [],
};

/** A store in which people are, with the words of all leads brought into the index by `indexAll`. */
export type PersonedStore = Pick<OwnStore, 'leads' | 'records' | 'persons' | 'calls' | 'close'> & {
  indexAll(): Promise<unknown>;
};

/** The body of the tests that every store passes in which people are found and erased: what the port PersonStore promises. */
export function personsContract(
  engineName: string,
  open: (description: StoreDescription) => Promise<PersonedStore>,
): void {
  describe(`people in ${engineName}`, () => {
    let store: PersonedStore;
    const find = async (text: string): Promise<readonly (readonly [number, readonly PersonMatch[]])[]> => {
      const read = readPhone(text, 'MX');
      assert.ok('value' in read);
      return (await store.persons.find(read.value)).map(({ leadId, matches }) => [leadId, matches] as const);
    };
    const set = async (leadId: number, values: LeadState) => {
      const { state } = (await store.records.read(leadId, 'every list')) ?? {};
      assert.ok(state);
      const written = await store.records.change(leadId, state, withValues(state, values), BY, {});
      assert.ok('id' in written);
      return written.id;
    };
    before(async () => {
      store = await open(DATA);
      await set(7, { phone_number: NUMBER });
      await set(9, { alt_phone: OTHER_DIGITS });
      await set(9, { alt_phone: null });
      await store.records.addNote(7, 'her note', BY, { account: '1', key: 'k', digest: 'd' });
      await store.records.addNote(8, 'his sister: (55) 1234-9876', BY);
      await store.indexAll();
    });
    after(() => store.close());

    it('are found by numbers, former ones, and where texts speak of them', async () => {
      const everywhere = [
        [7, ['phone_number']],
        [8, ['note']],
        [9, ['comments']],
      ] as const;
      assert.deepEqual(await find('+52 (55) 1234-9876'), everywhere);
      assert.deepEqual(await find(FORMER), [[7, ['former']]]);
      assert.deepEqual(await find(FURTHER), [[7, ['further']]]);
      assert.deepEqual(await find('5512346543'), [[9, ['former']]]);
      assert.deepEqual(await find('5599887766'), []);
    });

    it('are shown with all that is kept, also once they were removed', async () => {
      const kept = await store.persons.read(7);
      assert.deepEqual(
        [kept?.listName, kept?.isRemoved, kept?.state.first_name],
        ['North', false, 'Zenobia'],
      );
      assert.deepEqual(
        kept?.timeline.map(({ type }) => type),
        ['note', 'change'],
      );
      assert.equal(await store.persons.read(99), undefined);
      const { state } = (await store.records.read(9, 'every list')) ?? {};
      assert.ok(state);
      const removed = await store.records.remove(9, state, BY, {});
      assert.ok('id' in removed);
      const gone = await store.persons.read(9);
      assert.deepEqual([gone?.isRemoved, gone?.state], [true, state]);
      assert.deepEqual(await find('5512340009'), [[9, ['former']]]);
      await store.records.add(state, BY, { undoes: removed.id }, 9);
    });

    it('are named where others have their numbers', async () => {
      assert.deepEqual(
        (await store.persons.findRelated([7])).map(({ leadId, matches }) => [leadId, matches]),
        [
          [8, ['note']],
          [9, ['comments']],
        ],
      );
      assert.deepEqual(await store.persons.findRelated([8]), []);
    });

    it('are those to whom nothing happened for long, by list and in pages', async () => {
      const untouched = (lists: Parameters<OwnStore['persons']['findUntouched']>[0], after = 0) =>
        store.persons.findUntouched(lists, Date.UTC(2002, 0), { after, limit: 10 });
      assert.deepEqual([await untouched({ listId: 1 }), await untouched({ except: [] })], [[10], [10]]);
      assert.deepEqual([await untouched({ except: [1] }), await untouched({ listId: 1 }, 11)], [[], []]);
    });

    it('are erased whole: from lookups, numbers, notes, timeline and search, and nobody else is', async () => {
      const at = Date.now();
      const erased = await store.persons.erase([7], at, 'wish');
      assert.deepEqual([erased.leads, erased.notes, erased.changes, erased.idempotencyKeys], [1, 1, 1, 1]);
      assert.ok(erased.numbers >= 2);
      assert.deepEqual(
        (await find(NUMBER)).map(([leadId]) => leadId),
        [8, 9],
      );
      assert.deepEqual(
        [await find(FORMER), await find(FURTHER), await store.persons.read(7)],
        [[], [], undefined],
      );
      assert.equal(await store.records.read(7, 'every list'), undefined);
      assert.equal(await store.records.timeline(7, PAGE), undefined);
      assert.deepEqual(await store.records.notes(7, PAGE), { total: 0, notes: [] });
      const query = parseTextQuery('zenobia', 'q', 'MX');
      assert.ok('by' in query);
      assert.equal((await store.leads.searchText?.(query, 'every list', PAGE))?.total, 0);
      assert.equal((await store.records.notes(8, PAGE)).total, 1);
      for (const other of [8, 9, 10]) assert.ok(await store.records.read(other, 'every list'));
      const next = await store.records.add({ list_id: 1, is_customer: false }, BY, {});
      assert.ok('id' in next && next.id !== 7);
      // By an undo that has read before what it undoes.
      const back = await store.records.add({ list_id: 1, is_customer: false }, BY, { undoes: 1 }, 7);
      assert.deepEqual(back, { refused: 'changed' });
    });

    it('are known as not clean until the files are', async () => {
      assert.deepEqual(await store.persons.uncleaned(), [7]);
      const again = await store.persons.erase([7], Date.now(), 'wish');
      assert.deepEqual([again.leads, again.notes, again.changes], [0, 0, 0]);
      assert.deepEqual((await store.persons.cleanFiles()).left, []);
      assert.deepEqual(await store.persons.uncleaned(), []);
    });

    it('of whom there are only calls are known by their number, and erased by it', async () => {
      const read = readPhone('5599880011', 'MX');
      assert.ok('value' in read);
      const { value: phone } = read;
      const about = { source: 'api', account: '1', user: 'ana', state: 'ended', mayBegin: true } as const;
      const numbered = { ...about, phone: phone.asSent, numberKey: phone.key, at: Date.now() };
      for (const leadId of [undefined, undefined, 9]) await store.calls.report({ ...numbered, leadId });
      assert.deepEqual([await store.persons.find(phone), await store.persons.countCalls(phone)], [[], 2]);
      const calls = (await store.persons.callsOf(phone)).map((call) => [call.user, call.phone, call.leadId]);
      assert.deepEqual(calls, [
        ['ana', phone.asSent, undefined],
        ['ana', phone.asSent, undefined],
      ]);
      const erased = await store.persons.erase([], Date.now(), 'wish', phone);
      assert.deepEqual([erased.calls, erased.leads], [2, 0]);
      assert.deepEqual([await store.persons.countCalls(phone), await store.persons.callsOf(phone)], [0, []]);
      assert.equal((await store.calls.find({ leadId: 9 }, PAGE)).total, 1);
      assert.deepEqual(await store.persons.uncleaned(), [NO_LEAD]);
      await store.persons.cleanFiles();
      assert.deepEqual(await store.persons.uncleaned(), []);
    });

    it('leave others as they were where one of several was erased before', async () => {
      const both = await store.persons.erase([7, 8], Date.now() - DAY_MS, 'retention');
      const [gone, other] = [await store.persons.read(8), await store.persons.read(9)];
      assert.deepEqual([both.leads, gone, other?.leadId], [1, undefined, 9]);
    });
  });
}
