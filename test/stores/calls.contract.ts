import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import {
  type CallReport,
  CALLS_AT_ONCE,
  type ForgottenCalls,
  isFurther,
  SAME_CALL_MS,
} from '../../src/core/call-store.ts';
import { DAY_MS } from '../../src/core/days.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import type { StoreDescription } from './described-store.ts';

const DATA: StoreDescription = {
  lists: [
    { list_id: 1, name: 'North' },
    { list_id: 2, name: 'South' },
  ],
  leads: [
    { lead_id: 10, list_id: 1, first_name: 'Ana', phone_number: '5512340010' },
    { lead_id: 20, list_id: 2, first_name: 'Luis', phone_number: '5512340020' },
    { lead_id: 30, list_id: 1, phone_number: '5512340030', modifyDate: '2001-01-01 00:00:00' },
    { lead_id: 31, list_id: 1, phone_number: '5512340031', modifyDate: '2001-01-01 00:00:00' },
    { lead_id: 40, list_id: 1, phone_number: '5512340040' },
    ...[32, 33].map((id) => ({ lead_id: id, list_id: 2, phone_number: '5512340020' })),
  ],
  users: [],
};

const NOW = Date.UTC(2026, 10, 30);
const PAGE = { offset: 0, limit: 100 };
const RING: CallReport = {
  source: 'asterisk',
  account: '7',
  user: 'ana',
  state: 'ringing',
  at: NOW,
  mayBegin: true,
};

export type StoreOfCalls = Pick<OwnStore, 'calls' | 'records' | 'persons' | 'close'>;

/** The body of the tests that every store of callercard's own passes: what the port CallStore promises. */
export function callsContract(
  engineName: string,
  open: (description: StoreDescription) => Promise<StoreOfCalls>,
): void {
  describe(`calls in ${engineName}`, () => {
    let store: StoreOfCalls;
    before(async () => {
      store = await open(DATA);
    });
    after(() => store.close());

    const report = async (about: Partial<CallReport>) => {
      const reported = await store.calls.report({ ...RING, ...about });
      assert.ok(reported);
      return reported;
    };

    const forget = async (before: number) => {
      let sum = 0;
      for (let after: number | undefined = 0; after !== undefined;) {
        const { count, next }: ForgottenCalls = await store.calls.forgetUnknown(before, after);
        sum += count;
        after = next;
      }
      return sum;
    };

    it('are kept with what is known of them, and read by their id', async () => {
      const about = {
        sourceCallId: 'whole',
        direction: 'inbound',
        phone: '+52 55 1234 0010',
        leadId: 10,
        line: 'Sales',
      } as const;
      const { call, news } = await report({ ...about, numberKey: '525512340010' });
      assert.equal(news, 'call');
      assert.match(call.callId, /^[\w-]{12}$/);
      const { callId } = call;
      const shown = {
        ...about,
        callId,
        source: 'asterisk',
        account: '7',
        user: 'ana',
        state: 'ringing',
        startedAt: NOW,
      };
      assert.deepEqual(call, shown);
      assert.deepEqual(await store.calls.read(callId), shown);
      assert.equal(await store.calls.read('none-of-ours'), undefined);
      assert.equal(await store.calls.read('\0'), undefined);
    });

    it('have the id under which they are known already, if they begin with that report', async () => {
      const about = { sourceCallId: 'known', newCallId: 'known-before' };
      assert.equal((await report(about)).call.callId, 'known-before');
      const later = await report({ ...about, newCallId: 'not-this-one', state: 'answered' });
      assert.deepEqual([later.call.callId, later.news], ['known-before', 'state']);
      assert.equal((await store.calls.read('known-before'))?.state, 'answered');
      assert.equal(await store.calls.read('not-this-one'), undefined);
    });

    it('come as far as the furthest report says, in whatever order reports come', async () => {
      const random = new SeededRandom('calls');
      const states = ['ringing', 'answered', 'ended'] as const;
      for (let round = 0; round < 12; round += 1) {
        const sourceCallId = `round ${round}`;
        const sent = Array.from({ length: 4 }, () => random.pick(states));
        let furthest: (typeof states)[number] | undefined;
        for (const state of sent) {
          const { call, news } = await report({ sourceCallId, state, at: NOW + round });
          const isNews = furthest !== undefined && isFurther(state, furthest);
          assert.equal(news, furthest === undefined ? 'call' : isNews ? 'state' : 'none', sent.join());
          if (furthest === undefined || isNews) furthest = state;
          assert.equal(call.state, furthest, sent.join());
        }
      }
    });

    it('keep when they were answered, how they ended and who has them, and nothing that comes late', async () => {
      const sourceCallId = 'late';
      await report({ sourceCallId, at: NOW });
      await report({ sourceCallId, state: 'answered', at: NOW + 5, line: 'Sales' });
      await report({ sourceCallId, state: 'ended', at: NOW + 9, outcome: 'NOANSWER', answeredBy: 'luis' });
      const { call } = await report({
        sourceCallId,
        state: 'ended',
        at: NOW + 20,
        outcome: 'BUSY',
        answeredBy: 'eva',
      });
      const { callId } = call;
      assert.deepEqual(call, {
        ...{
          callId,
          source: 'asterisk',
          sourceCallId,
          account: '7',
          user: 'ana',
          state: 'ended',
          line: 'Sales',
        },
        ...{ startedAt: NOW, answeredAt: NOW + 5, endedAt: NOW + 9, outcome: 'NOANSWER', answeredBy: 'luis' },
      });
    });

    it('are one for each agent, and another one where an id comes again after a day', async () => {
      const sourceCallId = 'shared';
      const first = await report({ sourceCallId });
      const [again, other, source, later] = [
        await report({ sourceCallId }),
        await report({ sourceCallId, account: '8', user: 'luis' }),
        await report({ sourceCallId, source: 'api' }),
        await report({ sourceCallId, at: NOW + SAME_CALL_MS }),
      ];
      assert.equal(again.call.callId, first.call.callId);
      const ids = [first, other, source, later].map(({ call }) => call.callId);
      assert.equal(new Set(ids).size, 4);
      const [one, two] = [await report({}), await report({})];
      assert.notEqual(one.call.callId, two.call.callId, 'without an id each is its own');
    });

    it('are another one where an id comes again for another number, once the first is over', async () => {
      const of = (number: string) => ({ sourceCallId: 'counted anew', phone: number, numberKey: number });
      const [one, two] = [of('525599991111'), of('525599992222')];
      const first = await report(one);
      assert.equal((await report({ ...two, state: 'answered' })).call.callId, first.call.callId);
      await report({ ...one, state: 'ended' });
      for (const late of [one, { ...two, state: 'ended' } as const, { sourceCallId: 'counted anew' }])
        assert.deepEqual((await report(late)).news, 'none');
      const later = await report(two);
      assert.deepEqual([later.news, later.call.phone], ['call', '525599992222']);
      assert.equal((await report(two)).call.callId, later.call.callId);
    });

    it('are one, whoever reports at the same moment', async () => {
      const reports = await Promise.all(
        Array.from({ length: 6 }, () => report({ sourceCallId: 'together' })),
      );
      assert.equal(new Set(reports.map(({ call }) => call.callId)).size, 1);
      assert.equal(reports.filter(({ news }) => news === 'call').length, 1);
    });

    it('do not begin with a report that says nothing of whose they are', async () => {
      const unknown = { ...RING, sourceCallId: 'unheard', state: 'ended', mayBegin: false } as const;
      assert.equal(await store.calls.report(unknown), undefined);
      await report({ sourceCallId: 'unheard' });
      assert.equal((await store.calls.report(unknown))?.call.state, 'ended');
    });

    it('get outcome and note from people, who may take them back, and go forward only', async () => {
      const { call } = await report({ sourceCallId: 'said' });
      const amend = async (said: object) => {
        const amended = await store.calls.amend(call.callId, { ...said, at: NOW + 60 });
        assert.ok(amended !== 'changed');
        return amended?.call;
      };
      const ended = await amend({ state: 'ended', outcome: 'SALE', note: 'wants two' });
      assert.deepEqual([ended?.state, ended?.endedAt, ended?.outcome], ['ended', NOW + 60, 'SALE']);
      assert.equal((await amend({ state: 'ringing' }))?.state, 'ended');
      const cleared = await amend({ note: '' });
      assert.deepEqual([cleared?.note, cleared?.outcome], [undefined, 'SALE']);
      assert.deepEqual(await store.calls.read(call.callId), cleared);
      assert.equal(await store.calls.amend('none-of-ours', { at: NOW }), undefined);
    });

    it('are amended only as they were read, get a lead once, and keep what was said when they end', async () => {
      const { callId } = (await report({ sourceCallId: 'read', state: 'answered' })).call;
      const amend = (said: object) => store.calls.amend(callId, { ...said, at: NOW });
      const isUnsaid = ({ outcome }: { readonly outcome?: string }) => outcome === undefined;
      await amend({ outcome: 'CANCEL', leadId: 40, isAsRead: isUnsaid });
      assert.equal(await amend({ outcome: 'SALE', isAsRead: isUnsaid }), 'changed');
      await amend({ note: 'moves away', leadId: 20 });
      const { call } = await report({ sourceCallId: 'read', state: 'ended', outcome: 'ANSWER' });
      assert.deepEqual(
        [call.outcome, call.note, call.leadId, call.state],
        ['CANCEL', 'moves away', 40, 'ended'],
      );
      assert.deepEqual(await store.calls.read(callId), call);
    });

    it('are found by lead, user and number, the newest first, in pages', async () => {
      const phone = { phone: '5599990001', numberKey: '525599990001' };
      const ids: string[] = [];
      for (let count = 0; count < 5; count += 1) {
        const about = { account: '70', leadId: 20, ...phone, at: NOW + count };
        ids.unshift((await report(about)).call.callId);
      }
      const of = async (choice: Parameters<OwnStore['calls']['find']>[0], page = PAGE) => {
        const { total, calls } = await store.calls.find(choice, page);
        return [total, ...calls.map(({ callId }) => callId)];
      };
      const everywhere = { numberKey: '525599990001', scope: 'every list' } as const;
      for (const choice of [{ leadId: 20 }, { account: '70' }, everywhere]) {
        assert.deepEqual(await of(choice), [5, ...ids]);
        assert.deepEqual(await of(choice, { offset: 3, limit: 1 }), [5, ids[3]]);
      }
      assert.deepEqual(await of({ ...everywhere, scope: [2] }), [5, ...ids]);
      assert.deepEqual(await of({ ...everywhere, scope: [1] }), [0]);
      const unknown = (await report({ account: '70', ...phone })).call.callId;
      assert.deepEqual(await of({ ...everywhere, scope: [] }), [1, unknown]);
      assert.deepEqual(await of({ ...everywhere, scope: [], isOthers: true }), [0]);
      assert.deepEqual(await of({ ...everywhere, scope: [2], isOthers: true }), [5, ...ids]);
      assert.deepEqual(await of({ account: '71' }), [0]);
    });

    it('are in the timeline of their lead', async () => {
      const { call } = await report({ leadId: 30, at: NOW });
      await store.calls.amend(call.callId, { note: 'called back', at: NOW });
      const timeline = await store.records.timeline(30, PAGE);
      assert.equal(timeline?.total, 1);
      const [entry] = timeline.entries;
      assert.ok(entry?.type === 'call');
      assert.deepEqual([entry.callId, entry.at, entry.note], [call.callId, NOW, 'called back']);
    });

    it('are something that happened to a lead, so that its time begins anew', async () => {
      const before = NOW - 30 * DAY_MS;
      assert.deepEqual(
        await store.persons.findUntouched({ listId: 1 }, before, { after: 0, limit: 10 }),
        [31],
      );
    });

    it('are forgotten after a time, where they are of no lead that is known', async () => {
      const before = NOW - 300 * DAY_MS;
      const old = await report({
        account: '90',
        at: before - 1,
        numberKey: '525599990009',
        phone: '5599990009',
      });
      const gone = await report({ account: '90', at: before - 1, leadId: 999 });
      const kept = [
        await report({ account: '90', at: before, phone: '5599990009' }),
        await report({ account: '90', at: before - 1, leadId: 20 }),
      ];
      assert.equal(await store.calls.countUnknown(before), 2);
      assert.equal(await forget(before), 2);
      assert.equal(await forget(before), 0);
      for (const { call } of [old, gone]) assert.equal(await store.calls.read(call.callId), undefined);
      for (const { call } of kept) assert.ok(await store.calls.read(call.callId));
    });

    it('are looked at in pieces when they are forgotten, and all of them', async () => {
      const at = NOW - 400 * DAY_MS;
      // Few at a time: a server on a busy machine lets only so many wait.
      for (let kept = 0; kept < CALLS_AT_ONCE; kept += 50)
        await Promise.all(Array.from({ length: 50 }, () => report({ account: '91', at, leadId: 20 })));
      const last = await report({ account: '91', at });
      const first = await store.calls.forgetUnknown(at + 1, 0);
      assert.deepEqual([first.count, typeof first.next], [0, 'number']);
      assert.equal(await forget(at + 1), 1);
      assert.equal(await store.calls.read(last.call.callId), undefined);
    });

    it('of a number that other leads have are kept where the time of one of these is over', async () => {
      const of = (key: string, about = {}) => report({ phone: key, numberKey: key, ...about });
      const shared = await of('525512340020');
      const own = await of('525512340031');
      const ofGone = await of('525512340031', { leadId: 998 });
      const later = await of('525512340031', { leadId: 20 });
      assert.equal((await store.persons.erase([31], NOW, 'retention')).calls, 2);
      for (const { call } of [own, ofGone]) assert.equal(await store.calls.read(call.callId), undefined);
      assert.ok(await store.calls.read(later.call.callId));
      assert.equal((await store.persons.erase([32], NOW, 'retention')).calls, 0);
      assert.ok(await store.calls.read(shared.call.callId));
      assert.equal((await store.persons.erase([33], NOW, 'wish')).calls, 1);
      assert.equal(await store.calls.read(shared.call.callId), undefined);
    });

    it('are in what is handed over of a person and go with it, those of its number alone, too', async () => {
      const ofNumber = await report({ phone: '5512340010', numberKey: '525512340010', at: NOW + 1 });
      const ofOther = await report({ phone: '5512340010', numberKey: '525512340010', leadId: 20 });
      const calls = (await store.persons.read(10))?.timeline.filter(({ type }) => type === 'call');
      assert.equal(calls?.length, 2);
      const erased = await store.persons.erase([10], NOW, 'wish');
      assert.equal(erased.calls, 2);
      assert.equal(await store.calls.read(ofNumber.call.callId), undefined);
      assert.deepEqual((await store.calls.find({ leadId: 10 }, PAGE)).calls, []);
      assert.ok(await store.calls.read(ofOther.call.callId), 'of another person');
    });
  });
}
