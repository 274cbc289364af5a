import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Store } from '../../src/core/store.ts';
import { digestOf, makeTokenSecret } from '../../src/auth/secrets.ts';
import type { ListScope } from '../../src/core/lead.ts';
import { parseQuery } from '../../src/core/query.ts';
import { CONTRACT_DATA } from './contract-data.ts';
import type { StoreDescription } from './described-store.ts';
import { rightsOf } from '../../src/core/rights.ts';

export type OpenSearchedStore = (
  description: StoreDescription,
  options: { readonly address3IsPhone: boolean },
) => Promise<Pick<Store, 'leads' | 'accounts' | 'credentials' | 'tokens' | 'close'>>;

type Opened = Awaited<ReturnType<OpenSearchedStore>>;

const ALL = { offset: 0, limit: 100 };
const SCOPES: readonly ListScope[] = ['every list', [100], [200], [200, 300], [99_999_999_999_999], []];

function phoneOf(number: string) {
  const query = parseQuery({ phoneNumber: number }, 'MX');
  assert.ok('by' in query && query.by === 'phone_number');
  return query;
}

/** The body of the tests that every engine passes: all leads with a number, lists with their fields, keys. */
export function searchesContract(engineName: string, open: OpenSearchedStore): void {
  describe(`searches in ${engineName}`, () => {
    let store: Opened;
    before(async () => {
      store = await open(CONTRACT_DATA, { address3IsPhone: true });
    });
    after(() => store.close());

    findsAll(() => store);
    describesLists(() => store);
    keepsKeys(() => store);
  });
}

function findsAll(store: () => Opened): void {
  /** Ids and columns, and how many there are. */
  async function found(number: string, scope: ListScope = 'every list', page = ALL) {
    const { total, matches } = await store().leads.findAll(phoneOf(number).phone, scope, page);
    return [total, ...matches.map(({ leadId, foundBy }) => `${leadId} ${foundBy?.column ?? ''}`)];
  }

  describe('every lead with a number', () => {
    it('comes by each of its columns in turn, once, and no other does', async () => {
      assert.deepEqual(await found('5500000040'), [2, '40 phone_number', '41 alt_phone']);
      assert.deepEqual(await found('5500000033'), [1, '30 address3']);
      assert.deepEqual(await found('5500000099'), [0]);
      assert.deepEqual(await found('000000'), [0]);
    });

    it('comes in the order in which a winner is chosen', async () => {
      const phone = (ids: readonly number[]) => [ids.length, ...ids.map((id) => `${id} phone_number`)];
      assert.deepEqual(await found('5500000060'), phone([61, 60, 62]));
      assert.deepEqual(await found('525500000060'), phone([62, 61, 60]));
      assert.deepEqual(await found('5500000080'), phone([80, 82, 81]));
      assert.deepEqual(await found('+52 33 1234 5678', [200, 300]), phone([51, 52]));
    });

    it('is counted and chosen within the scope alone', async () => {
      assert.deepEqual(await found('5500000040', [100]), [1, '41 alt_phone']);
      assert.deepEqual(await found('5500000060', [200]), [1, '60 phone_number']);
      assert.deepEqual(await found('5500000060', []), [0]);
    });

    it('comes on one page or the other, and none is left out', async () => {
      assert.deepEqual(await found('5500000060', 'every list', { offset: 0, limit: 2 }), [
        3,
        '61 phone_number',
        '60 phone_number',
      ]);
      assert.deepEqual(await found('5500000060', 'every list', { offset: 2, limit: 2 }), [
        3,
        '62 phone_number',
      ]);
      assert.deepEqual(await found('5500000060', 'every list', { offset: 3, limit: 2 }), [3]);
    });

    it('begins with the one that a lookup finds, whoever asks', async () => {
      const numbers = new Set(CONTRACT_DATA.leads.flatMap((lead) => lead.phone_number ?? []));
      for (const number of [...numbers].filter((text) => /^\d+$/.test(text))) {
        for (const scope of SCOPES) {
          const query = phoneOf(number);
          const winner = await store().leads.find(query, scope);
          const { matches } = await store().leads.findAll(query.phone, scope, { offset: 0, limit: 1 });
          assert.equal(matches[0]?.leadId, winner?.leadId, `${number} in ${JSON.stringify(scope)}`);
          assert.deepEqual(matches[0]?.lead, winner?.lead);
          assert.deepEqual(matches[0]?.custom, winner?.custom);
        }
      }
    });
  });
}

function describesLists(store: () => Opened): void {
  it('a list has its name, and its fields with their types in their order', async () => {
    const list = await store().leads.describeList(300);
    assert.equal(list?.name, 'Policies');
    const fields = CONTRACT_DATA.lists.find(({ list_id: id }) => id === 300)?.fields;
    assert.deepEqual(
      list.fields.map(({ label, type }) => ({ label, type })),
      fields,
    );
    for (const { label, caption } of list.fields) assert.ok(caption.includes(label), caption);
    assert.deepEqual(await store().leads.describeList(200), { listId: 200, name: 'South', fields: [] });
    assert.equal(await store().leads.describeList(999), undefined);
  });

  it('the account of a search has the lists that it may see', async () => {
    const scopeOf = async (name: string) => store().accounts.listsOf(await store().accounts.read(name));
    assert.equal(await scopeOf('Everything'), 'every list');
    const limited = await scopeOf('limited ');
    assert.ok(limited !== 'every list');
    assert.deepEqual([...limited].sort(), [200, 300]);
    assert.deepEqual(await scopeOf('Nothing'), []);
    assert.deepEqual(await scopeOf('nobody'), []);
  });
}

function keepsKeys(store: () => Opened): void {
  const now = Date.UTC(2026, 5, 1);

  it('a token is found by its digest alone, as it is now', async () => {
    const { credentials: keys, tokens } = store();
    const digest = digestOf(makeTokenSecret());
    const token = {
      name: 'crm',
      rights: rightsOf(['read', 'calls']),
      lists: [100, 200],
      expiresAt: now,
    } as const;
    assert.equal(await tokens.add({ ...token, createdAt: now, ending: 'abcd' }, digest), true);
    assert.equal(await tokens.add({ ...token, createdAt: now, ending: 'efgh' }, digestOf('another')), false);
    const found = await keys.findToken(digest);
    assert.deepEqual({ ...found, id: '' }, { ...token, id: '', isRevoked: false });
    for (const other of ['', 'crm', 'abcd', digestOf(digest)]) {
      assert.equal(await keys.findToken(other), undefined, other);
    }
    assert.equal(await tokens.revoke('crn'), false);
    assert.equal(await tokens.revoke('crm'), true);
    assert.equal((await keys.findToken(digest))?.isRevoked, true);
    assert.deepEqual(
      (await tokens.list()).map(({ name, ending, isRevoked }) => [name, ending, isRevoked]),
      [['crm', 'abcd', true]],
    );
  });

  it('a session is found until it is dropped; the next one forgets those that are over', async () => {
    const { credentials: keys } = store();
    const where = { network: '192.0.2.1', browser: 'Firefox, Windows' };
    const session = { userName: 'Everything', fingerprint: 'f', expiresAt: now + 1_000, ...where };
    await keys.addSession('first', session, now);
    const found = async () => {
      const { userName, fingerprint, expiresAt, network, browser, lastSeenAt } =
        (await keys.findSession('first')) ?? {};
      assert.deepEqual({ userName, fingerprint, expiresAt, network, browser }, session);
      return lastSeenAt;
    };
    assert.equal(await found(), now);
    await keys.seeSession('first', now + 500);
    // What comes late moves nothing back.
    await keys.seeSession('first', now + 400);
    await keys.seeSession('nobody', now + 400);
    assert.equal(await found(), now + 500);
    assert.deepEqual(
      (await keys.listSessions(now, 'Everything')).map(({ network, browser, lastSeenAt }) => [
        ...[network, browser, lastSeenAt],
      ]),
      [[where.network, where.browser, now + 500]],
    );
    await keys.addSession('second', { ...session, expiresAt: now + 5_000 }, now + 1_000);
    assert.equal(await keys.findSession('first'), undefined);
    await keys.dropSession('second');
    await keys.dropSession('second');
    assert.equal(await keys.findSession('second'), undefined);
  });

  it('sessions are listed of all users, and of one, the newest first, but those that are over', async () => {
    const { credentials: keys } = store();
    const session = { fingerprint: 'f', expiresAt: now + 20_000, network: '', browser: '' };
    await keys.addSession('of-b', { ...session, userName: 'B' }, now + 10_000);
    for (const [digest, expiresAt] of [
      ['older', now + 20_000],
      ['newer', now + 30_000],
    ] as const)
      await keys.addSession(digest, { ...session, expiresAt, userName: 'A' }, now + 10_000);
    const listed = async (at: number, user?: string) =>
      (await keys.listSessions(at, user)).map(({ digest, userName }) => [userName, digest]);
    const ofA = [
      ['A', 'newer'],
      ['A', 'older'],
    ];
    assert.deepEqual(await listed(now + 10_000), [...ofA, ['B', 'of-b']]);
    assert.deepEqual(await listed(now + 10_000, 'A'), ofA);
    assert.deepEqual(await listed(now + 20_000, 'A'), [['A', 'newer']]);
    assert.deepEqual(await listed(now + 10_000, 'a'), []);
    for (const digest of ['of-b', 'older', 'newer']) await keys.dropSession(digest);
  });
}
