import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { ANSWER_CHARACTERS } from '../../src/core/answer-size.ts';
import { LISTS_CHARACTERS } from '../../src/core/list-patch.ts';
import type { LeadStore } from '../../src/core/lead-store.ts';
import { differences, isSameState, type LeadState, withValues } from '../../src/core/lead-state.ts';
import { parseQuery } from '../../src/core/query.ts';
import type { Actor, RecordStore } from '../../src/core/record-store.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import type { StoreDescription } from './described-store.ts';

export interface ContractRecords {
  readonly records: RecordStore;
  readonly leads: LeadStore;
  close(): void | Promise<void>;
}

const DATA: StoreDescription = {
  lists: [
    { list_id: 1, name: 'North', fields: [{ label: 'RFC', type: 'TEXT' }] },
    { list_id: 2, name: 'South' },
  ],
  leads: [
    {
      lead_id: 10,
      list_id: 1,
      first_name: 'Ana',
      phone_number: '5512340010',
      custom: [['RFC', 'PEA800101']],
      further: [{ number: '5512340011', label: 'office' }],
      lastLocalCallTime: '2026-05-01 10:00:00',
    },
    { lead_id: 20, list_id: 1, first_name: 'Luis', phone_number: '5512340020' },
    { lead_id: 30, list_id: 2, first_name: 'Eva', phone_number: '5512340030' },
  ],
  users: [],
};

const ANA: Actor = { user: 'ana', endpoint: 'v1', requestId: 'r-1' };
const LUIS: Actor = { user: 'luis', endpoint: 'card', requestId: 'r-2' };
const PAGE = { offset: 0, limit: 100 };

/** The body of the tests that every store of callercard's own passes: what the port RecordStore promises. */
export function recordsContract(
  engineName: string,
  openFilled: (description: StoreDescription) => Promise<ContractRecords>,
): void {
  describe(`records in ${engineName}`, () => {
    let store: ContractRecords;
    before(async () => {
      store = await openFilled(DATA);
    });
    after(() => store.close());

    const stateOf = async (leadId: number): Promise<LeadState> => {
      const stored = await store.records.read(leadId, 'every list');
      assert.ok(stored, `lead ${leadId}`);
      return stored.state;
    };
    const set = async (leadId: number, values: LeadState, by = ANA, options = {}) => {
      const state = await stateOf(leadId);
      const written = await store.records.change(leadId, state, withValues(state, values), by, options);
      assert.ok('id' in written, JSON.stringify(written));
      return written.id;
    };
    const leadsWith = async (number: string) => {
      const query = parseQuery({ phoneNumber: number }, 'MX');
      assert.ok('by' in query && query.by === 'phone_number');
      const { matches } = await store.leads.findAll(query.phone, 'every list', PAGE);
      return matches.map(({ leadId }) => leadId);
    };

    it('are read within the lists that somebody may see', async () => {
      assert.equal(await store.records.read(10, [2]), undefined);
      assert.equal(await store.records.read(10, []), undefined);
      const stored = await store.records.read(10, [1]);
      assert.equal(stored?.customer.leadId, 10);
      assert.deepEqual(stored.state, {
        list_id: 1,
        first_name: 'Ana',
        phone_number: '5512340010',
        last_local_call_time: '2026-05-01 10:00:00',
        is_customer: false,
        numbers: [{ label: 'office', number: '5512340011' }],
        'custom_info.RFC': 'PEA800101',
      });
    });

    it('are changed whole, and found by their new numbers alone', async () => {
      const numbers = [{ label: 'home', number: '5512340012' }];
      await set(10, {
        phone_number: '5512340019',
        numbers,
        is_customer: true,
        'custom_info.RFC': null,
        email: 'a@b.mx',
      });
      assert.deepEqual(await leadsWith('5512340019'), [10]);
      assert.deepEqual(await leadsWith('5512340012'), [10]);
      assert.deepEqual(await leadsWith('5512340010'), []);
      assert.deepEqual(await leadsWith('5512340011'), []);
      const stored = await store.records.read(10, 'every list');
      assert.equal(stored?.customer.lead.email, 'a@b.mx');
      assert.equal(stored.customer.isCustomer, true);
      assert.equal(stored.customer.custom, null);
    });

    it('are not changed where they are not as they were read', async () => {
      const old = await stateOf(20);
      await set(20, { city: 'León' });
      const late = await store.records.change(20, old, withValues(old, { city: 'Puebla' }), LUIS, {});
      assert.deepEqual(late, { refused: 'changed' });
      assert.deepEqual(await store.records.remove(20, old, LUIS, {}), { refused: 'changed' });
      assert.equal((await stateOf(20)).city, 'León');
      assert.deepEqual(await store.records.change(99, old, old, LUIS, {}), { refused: 'changed' });
    });

    it('name the lead of the same list that has the number, in any spelling, and take it where that is meant', async () => {
      const twin: LeadState = {
        list_id: 1,
        first_name: 'Leo',
        phone_number: '+52 55 1234 0020',
        is_customer: false,
      };
      const refused = await store.records.add(twin, ANA, {});
      assert.deepEqual(refused, { refused: 'shared', leadId: 20, number: '+52 55 1234 0020' });
      const elsewhere = await store.records.add({ ...twin, list_id: 2 }, ANA, {});
      assert.ok('id' in elsewhere && elsewhere.changeId !== undefined);
      const added = await store.records.findChange(elsewhere.id, elsewhere.changeId);
      assert.deepEqual([added?.before, added?.after?.first_name], [undefined, 'Leo']);
      const moved = await stateOf(elsewhere.id);
      const back = await store.records.change(elsewhere.id, moved, { ...moved, list_id: 1 }, ANA, {});
      assert.deepEqual(back, { refused: 'shared', leadId: 20, number: '+52 55 1234 0020' });
      const meant = await store.records.add(twin, ANA, { allowShared: true });
      assert.ok('id' in meant && meant.id !== elsewhere.id);
      assert.equal((await leadsWith('5512340020')).length, 3);
      const own = await stateOf(20);
      const rewritten = await store.records.change(20, own, { ...own, phone_number: '55 1234 0020' }, ANA, {
        allowShared: true,
      });
      assert.ok('id' in rewritten);
    });

    it('are added once for a request that is sent again, and refuse its key for another one', async () => {
      const state: LeadState = { list_id: 2, first_name: 'Once', is_customer: false };
      const idempotency = { account: '1', key: 'k', digest: 'one' };
      const first = await store.records.add(state, ANA, { idempotency });
      assert.ok('id' in first && first.isRepeated === undefined);
      assert.deepEqual(await store.records.add(state, ANA, { idempotency }), {
        id: first.id,
        isRepeated: true,
      });
      const other = { ...idempotency, digest: 'two' };
      assert.deepEqual(await store.records.add(state, ANA, { idempotency: other }), {
        refused: 'key reused',
      });
      const stranger = await store.records.add(state, LUIS, { idempotency: { ...other, account: '2' } });
      assert.ok('id' in stranger && stranger.id !== first.id);
    });

    it('never give the id of a lead that was removed to another one', async () => {
      const state: LeadState = {
        list_id: 2,
        first_name: 'Last',
        phone_number: '5512340040',
        is_customer: false,
      };
      const added = await store.records.add(state, ANA, {});
      assert.ok('id' in added);
      const removed = await store.records.remove(added.id, await stateOf(added.id), ANA, {});
      assert.ok('id' in removed);
      assert.deepEqual(await leadsWith('5512340040'), []);
      assert.equal(await store.records.read(added.id, 'every list'), undefined);
      const next = await store.records.add({ ...state, first_name: 'Next' }, ANA, {});
      assert.ok('id' in next && next.id > added.id);
      const timeline = await store.records.timeline(added.id, PAGE);
      assert.deepEqual([timeline?.isRemoved, timeline?.listId, timeline?.total], [true, 2, 2]);
      const back = await store.records.add(state, LUIS, { allowShared: true, undoes: removed.id }, added.id);
      assert.ok('id' in back);
      assert.deepEqual(await stateOf(added.id), state);
    });

    it('tell what happened to them, the newest first, in pages', async () => {
      const added = await store.records.add({ list_id: 1, first_name: 'Old', is_customer: false }, ANA, {});
      assert.ok('id' in added);
      await set(added.id, { first_name: 'New', email: 'new@b.mx' }, LUIS);
      const note = await store.records.addNote(added.id, 'called back\n"later"', LUIS);
      assert.ok('id' in note);
      const timeline = await store.records.timeline(added.id, PAGE);
      const [first, second, third, ...others] = timeline?.entries ?? [];
      assert.deepEqual(others, []);
      assert.ok(first?.type === 'note' && second?.type === 'change' && third?.type === 'change');
      assert.deepEqual([first.text, first.user, first.endpoint], ['called back\n"later"', 'luis', 'card']);
      assert.deepEqual(second.before, { first_name: 'Old', email: null });
      assert.deepEqual(second.after, { first_name: 'New', email: 'new@b.mx' });
      assert.deepEqual([second.user, second.endpoint, second.requestId], ['luis', 'card', 'r-2']);
      assert.deepEqual([third.before, third.after?.first_name, third.user], [undefined, 'Old', 'ana']);
      const page = await store.records.timeline(added.id, { offset: 1, limit: 1 });
      assert.deepEqual([page?.total, page?.entries], [3, [second]]);
      assert.equal(await store.records.timeline(987_654, PAGE), undefined);
      assert.deepEqual(await store.records.addNote(987_654, 'nobody', ANA), { refused: 'changed' });
    });

    it('have notes, the newest first, in pages, each with who wrote it and when', async () => {
      const added = await store.records.add({ list_id: 1, is_customer: false }, ANA, {});
      assert.ok('id' in added);
      assert.deepEqual(await store.records.notes(added.id, PAGE), { total: 0, notes: [] });
      const texts = ['one', 'two\nlines', 'ñandú 😀'];
      const before = Date.now();
      for (const text of texts) await store.records.addNote(added.id, text, text === 'one' ? ANA : LUIS);
      const { total, notes } = await store.records.notes(added.id, PAGE);
      assert.deepEqual([total, notes.map(({ text }) => text)], [3, texts.toReversed()]);
      assert.deepEqual(
        notes.map(({ user, endpoint }) => `${user} ${endpoint}`),
        ['luis card', 'luis card', 'ana v1'],
      );
      const times = notes.map(({ at }) => at);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => b - a),
      );
      assert.ok(times.every((at) => at >= before) && new Set(notes.map(({ noteId }) => noteId)).size === 3);
      const middle = await store.records.notes(added.id, { offset: 1, limit: 1 });
      assert.deepEqual(middle, { total: 3, notes: [notes[1]] });
      assert.deepEqual(await store.records.notes(added.id, { offset: 3, limit: 5 }), { total: 3, notes: [] });
      // Others have none of them, and whoever is not there has none.
      assert.equal((await store.records.notes(10, PAGE)).total, 0);
      assert.deepEqual(await store.records.notes(987_654, PAGE), { total: 0, notes: [] });
      const key = { account: '1', key: 'note', digest: 'd' };
      const once = await store.records.addNote(added.id, 'once', ANA, key);
      assert.deepEqual(await store.records.addNote(added.id, 'once', ANA, key), {
        ...once,
        isRepeated: true,
      });
      assert.equal((await store.records.notes(added.id, PAGE)).total, 4);
    });

    it('tell every list that a lead is or was in, also of one that was removed', async () => {
      const added = await store.records.add({ list_id: 1, is_customer: false }, ANA, {});
      assert.ok('id' in added);
      assert.deepEqual(await store.records.listsOf(added.id), [1]);
      await set(added.id, { list_id: 2 });
      await set(added.id, { city: 'León' });
      assert.deepEqual((await store.records.listsOf(added.id)).toSorted(), [1, 2]);
      await store.records.remove(added.id, await stateOf(added.id), ANA, {});
      assert.deepEqual((await store.records.listsOf(added.id)).toSorted(), [1, 2]);
      assert.deepEqual(await store.records.listsOf(987_654), []);
    });

    it('say with a lead which fields its list masks', async () => {
      const masksOf = async () => (await store.records.read(30, 'every list'))?.customer.masks ?? [];
      assert.deepEqual(await masksOf(), []);
      const south = { listId: 2, name: 'South', statuses: [] };
      await store.records.putList({ ...south, masked: ['email', 'custom_info.RFC'] }, false);
      assert.deepEqual(await masksOf(), ['email', 'custom_info.RFC']);
      await store.records.putList({ ...south, masked: [] }, false);
      assert.deepEqual(await masksOf(), []);
    });

    it('have a timeline whose pages are no larger than an answer, and each entry alone', async () => {
      const added = await store.records.add({ list_id: 2, is_customer: false }, ANA, {});
      assert.ok('id' in added);
      const half = Math.floor(ANSWER_CHARACTERS / 2) - 100;
      await set(added.id, { comments: 'a'.repeat(half) });
      await set(added.id, { comments: 'b'.repeat(2 * half) });
      assert.ok('id' in (await store.records.addNote(added.id, 'c'.repeat(half), ANA)));
      const read = async (offset: number, limit: number) => {
        const timeline = await store.records.timeline(added.id, { offset, limit });
        assert.equal(timeline?.total, 4);
        return [timeline.entries.map(({ type }) => type), timeline.isCut ?? false];
      };
      assert.deepEqual(await read(0, 100), [['note'], true]);
      assert.deepEqual(await read(1, 100), [['change'], true]);
      assert.deepEqual(await read(1, 1), [['change'], false]);
      assert.deepEqual(await read(2, 100), [['change', 'change'], false]);
      assert.deepEqual(await read(4, 100), [[], false]);
    });

    it('have lists that together are no larger than an answer; each can be made smaller', async () => {
      const { records } = store;
      const list = (listId: number, characters: number) => ({
        listId,
        name: null,
        statuses: ['s'.repeat(characters)],
        masked: [],
      });
      const most = LISTS_CHARACTERS / 2;
      assert.equal(await records.putList(list(71, most), true), 'done');
      assert.equal(await records.putList(list(72, most), true), 'full');
      assert.equal(await records.list(72), undefined);
      assert.equal(await records.putList(list(72, most - 1_000), true), 'done');
      assert.equal(await records.putList(list(71, most + 1_000), false), 'full');
      assert.equal(await records.putList(list(73, 1_000), true), 'full');
      assert.equal(await records.putList(list(71, most - 1_000), false), 'done');
      assert.deepEqual(await records.list(71), list(71, most - 1_000));
      for (const listId of [71, 72]) assert.equal(await records.putList(list(listId, 1), false), 'done');
    });

    it('name the leads of a list, and remove a list that has none, with its fields', async () => {
      const { records } = store;
      const settings = { listId: 90, name: 'Gone', statuses: [], masked: [] };
      const field = { label: 'RFC', caption: 'RFC', type: 'TEXT', options: [] } as const;
      assert.equal(await records.removeList(90), 'conflict');
      await records.putList(settings, true);
      await records.putFields(90, [field]);
      const leadIds: number[] = [];
      for (let at = 0; at < 3; at += 1) {
        const added = await records.add({ list_id: 90, is_customer: false }, ANA, {});
        assert.ok('id' in added);
        leadIds.push(added.id);
      }
      assert.deepEqual(await records.leadsOfList(90, 0), leadIds);
      assert.deepEqual(await records.leadsOfList(90, leadIds[1] ?? 0), leadIds.slice(2));
      assert.equal(await records.removeList(90), 'conflict');
      assert.deepEqual([await records.list(90), await records.fields(90)], [settings, [field]]);
      for (const leadId of leadIds) await set(leadId, { list_id: 2 });
      assert.deepEqual(await records.leadsOfList(90, 0), []);
      assert.equal(await records.removeList(90), 'done');
      assert.deepEqual([await records.list(90), await records.fields(90)], [undefined, []]);
    });

    it('have lists with statuses, and custom fields with options, in their order', async () => {
      const { records } = store;
      const list = {
        listId: 7,
        name: 'New ones',
        statuses: ['NEW', 'SALE'],
        masked: ['email', 'custom_info.2024'],
      };
      assert.equal(await records.putList(list, true), 'done');
      assert.equal(await records.putList({ ...list, name: 'Again' }, true), 'conflict');
      assert.equal(await records.putList({ ...list, listId: 8 }, false), 'conflict');
      const fields = [
        { label: 'plan', caption: 'Plan', type: 'SELECT', options: ['A', 'B'] },
        { label: '2024', caption: '2024', type: 'NUMBER', options: [] },
      ] as const;
      await records.putFields(7, fields);
      assert.deepEqual(await records.fields(7), fields);
      assert.deepEqual(
        (await records.lists()).find(({ listId }) => listId === 7),
        list,
      );
      await records.putFields(7, [fields[1], fields[0]]);
      assert.deepEqual(
        (await records.fields(7)).map(({ label }) => label),
        ['2024', 'plan'],
      );
    });

    it('tell by their changes how they became what they are, whatever is written', async () => {
      const random = new SeededRandom('records');
      const added = await store.records.add({ list_id: 2, is_customer: false }, ANA, {});
      assert.ok('id' in added);
      const fields = ['first_name', 'email', 'phone_number', 'custom_info.toString', 'custom_info.__proto__'];
      for (let at = 0; at < 60; at += 1) {
        const field = fields[random.below(fields.length)] ?? '';
        const value = random.below(4) === 0 ? null : `55${String(random.below(90_000_000) + 10_000_000)}`;
        const state = await stateOf(added.id);
        const to = withValues(state, { [field]: value });
        if (isSameState(state, to)) continue;
        const written = await store.records.change(added.id, state, to, ANA, { allowShared: true });
        assert.ok('id' in written);
        const change = await store.records.findChange(added.id, written.id);
        assert.deepEqual({ before: change?.before, after: change?.after }, differences(state, to));
        assert.deepEqual(await stateOf(added.id), to);
      }
      const { entries = [] } = (await store.records.timeline(added.id, PAGE)) ?? {};
      let state = await stateOf(added.id);
      for (const entry of entries) {
        assert.ok(entry.type === 'change');
        if (entry.before !== undefined) state = withValues(state, entry.before);
        else assert.deepEqual(state, entry.after);
      }
    });
  });
}
