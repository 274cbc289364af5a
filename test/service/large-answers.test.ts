import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { ANSWER_CHARACTERS } from '../../src/core/answer-size.ts';
import type { LookupQuery, QueryParameters } from '../../src/core/query.ts';
import type { OwnStore } from '../../src/core/store.ts';
import type { Services } from '../../src/service/services.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { CHEAP_VERIFIER, outcomeOf, PASSWORD } from './lookup-fixture.ts';
import { createTestServices } from './test-services.ts';

const PLACEHOLDER = '5500000000';
/** Of each large lead: five fit into an answer. */
const LARGE = Math.floor(ANSWER_CHARACTERS / 5.5);
const FITTING = 5;
const LARGE_LEADS = 20;
const HUGE_LEAD = LARGE_LEADS + 1;
const SMALL_LEAD = LARGE_LEADS + 2;

const CONTEXT = {
  requestId: 'r-1',
  address: '192.0.2.1',
  endpoint: 'v1',
  right: 'read',
  credentials: { kind: 'user', name: 'ana', password: PASSWORD },
} as const;

const BY = { user: 'ana', endpoint: 'v1', requestId: 'r-1' } as const;

describe('answers about large leads', () => {
  let store: OwnStore;
  let services: Services;
  const read: LookupQuery[] = [];
  before(async () => {
    store = openStore(testConfig(join(temporaryFolder(), 'large.db')), { create: true });
    await fillEmbedded(store, {
      lists: [{ list_id: 100, name: 'North', fields: [{ label: 'notes', type: 'AREA' }] }],
      leads: [
        ...Array.from({ length: LARGE_LEADS }, (_, at) => ({
          lead_id: at + 1,
          list_id: 100,
          phone_number: PLACEHOLDER,
          last_name: 'Grande',
          // What is large is a field of the lead, or one of its list.
          ...(at % 2 === 0
            ? { comments: 'c'.repeat(LARGE) }
            : { custom: [['notes', 'n'.repeat(LARGE)]] as const }),
        })),
        { lead_id: HUGE_LEAD, list_id: 100, comments: 'h'.repeat(ANSWER_CHARACTERS + 1) },
        { lead_id: SMALL_LEAD, list_id: 100, first_name: 'Eva' },
      ],
      users: [{ name: 'ana', password: { verifier: CHEAP_VERIFIER } }],
    });
    for await (const batch of store.archive.indexSearch()) assert.ok(batch.leads > 0);
    const { leads } = store;
    const counting: typeof leads = {
      ...leads,
      find: (query, ...others) => {
        read.push(query);
        return leads.find(query, ...others);
      },
    };
    services = createTestServices(
      { ...store, leads: counting },
      { ratePerSecond: 100_000, enumerationPerSecond: 0 },
    );
  });
  after(() => store.close());

  async function lookupMany(items: readonly QueryParameters[], signal?: AbortSignal) {
    read.length = 0;
    const answer = await services.lookupMany({ ...CONTEXT, items, ...(signal && { signal }) });
    assert.ok('outcomes' in answer);
    return answer.outcomes.map(outcomeOf);
  }

  const byId = (leadId: number) => ({ leadId: String(leadId) });
  const TOO_LARGE = 'request_too_large';

  it('read a lead once, however often it is asked for, and hold no more than fits', async () => {
    for (const [item, fitting] of [
      [byId(1), FITTING],
      [byId(2), FITTING],
      [{ phoneNumber: PLACEHOLDER }, FITTING],
      // Alone it is read: else nobody ever could.
      [byId(HUGE_LEAD), 1],
      [byId(SMALL_LEAD), 1_000],
    ] as const) {
      const outcomes = await lookupMany(Array.from({ length: 1_000 }, () => item));
      assert.equal(read.length, 1, JSON.stringify(item));
      assert.equal(outcomes.filter((outcome) => typeof outcome === 'number').length, fitting);
      assert.ok(outcomes.slice(fitting).every((outcome) => outcome === TOO_LARGE));
    }
  });

  it('read no further lead once they are full, by whatever way each is asked for', async () => {
    const ways = (at: number) => ({ leadId: String(at + 1), phoneNumber: String(5_510_000_000 + at) });
    const outcomes = await lookupMany(Array.from({ length: LARGE_LEADS }, (_, at) => ways(at)));
    const expected = Array.from({ length: LARGE_LEADS }, (_, at) => (at < FITTING ? at + 1 : TOO_LARGE));
    assert.deepEqual(outcomes, expected);
    assert.equal(read.length, FITTING + 1);
    // Small ones behind large ones, too: what is left to be asked again is one piece.
    assert.deepEqual(await lookupMany([...[1, 2, 3, 4, 5, 6, SMALL_LEAD].map(byId)]), [
      ...[1, 2, 3, 4, 5],
      ...[TOO_LARGE, TOO_LARGE],
    ]);
  });

  it('are refused while many of them have not left, and small ones are not', async () => {
    const five = [1, 2, 3, 4, 5].map(byId);
    const unread: AbortController[] = [];
    let outcomes: readonly unknown[];
    do {
      const left = new AbortController();
      unread.push(left);
      outcomes = await lookupMany(five, left.signal);
    } while (!outcomes.includes('overloaded') && unread.length < 100);
    assert.ok(unread.length <= 10, `${unread.length} answers are held`);
    assert.deepEqual(await lookupMany([byId(SMALL_LEAD)], new AbortController().signal), [SMALL_LEAD]);
    for (const left of unread) left.abort();
    assert.deepEqual(await lookupMany(five, new AbortController().signal), [1, 2, 3, 4, 5]);
  });

  it('of a page are refused as a whole, and given where fewer are asked for', async () => {
    const search = (limit: number) =>
      services.search({ ...CONTEXT, phone: PLACEHOLDER, page: { offset: 0, limit } });
    const whole = await search(LARGE_LEADS);
    assert.ok('problem' in whole && whole.problem.code === TOO_LARGE, JSON.stringify(whole).slice(0, 200));
    const part = await search(FITTING);
    assert.ok('page' in part);
    assert.deepEqual([part.page.matches.length, part.page.total], [FITTING, LARGE_LEADS]);
  });

  it('of a search by words, too', async () => {
    const search = (limit: number) =>
      services.searchText({ ...CONTEXT, text: 'grande', field: 'q', page: { offset: 0, limit } });
    const whole = await search(LARGE_LEADS);
    assert.ok('problem' in whole && whole.problem.code === TOO_LARGE, JSON.stringify(whole).slice(0, 200));
    const part = await search(FITTING);
    assert.ok('page' in part);
    assert.deepEqual([part.page.matches.length, part.page.total], [FITTING, LARGE_LEADS]);
  });

  it('of a timeline, too', async () => {
    const asked = { ...CONTEXT, leadId: SMALL_LEAD };
    for (let at = 0; at < LARGE_LEADS; at += 1) {
      const noted = await store.records.addNote(SMALL_LEAD, 'n'.repeat(LARGE), BY);
      assert.ok('id' in noted);
    }
    const read = (limit: number) => services.readTimeline({ ...asked, page: { offset: 0, limit } });
    const whole = await read(LARGE_LEADS);
    assert.ok('problem' in whole && whole.problem.code === TOO_LARGE, JSON.stringify(whole).slice(0, 200));
    const part = await read(FITTING);
    assert.ok('timeline' in part);
    assert.deepEqual([part.timeline.entries.length, part.timeline.total], [FITTING, LARGE_LEADS]);
  });

  it('of a card show those that fit, the winner first', async () => {
    const opened = await services.openCard({
      ...CONTEXT,
      leadId: undefined,
      phone: PLACEHOLDER,
      page: { offset: 0, limit: LARGE_LEADS },
    });
    assert.ok('found' in opened && 'matches' in opened.found);
    assert.deepEqual([opened.found.matches.length, opened.found.total], [FITTING, LARGE_LEADS]);
  });
});
