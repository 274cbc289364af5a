import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { NO_FAILURES, type AccountStore } from '../../src/core/account-store.ts';
import { LOCK_MS, MAX_FAILURES } from '../../src/auth/lockout.ts';
import { LEAD_FIELDS, type CustomInfo, type ListScope } from '../../src/core/lead.ts';
import type { LookupResult, LeadStore } from '../../src/core/lead-store.ts';
import { CALL_LOGS, LEAD_DETAILS } from '../../src/core/lead-details.ts';
import { parseQuery, type LookupQuery } from '../../src/core/query.ts';
import { CONTRACT_DATA, TEXTS } from './contract-data.ts';
import type { StoreDescription } from './described-store.ts';
import { RIGHT_BIT } from '../../src/core/rights.ts';

/** What every engine must open: a store that holds the description, under Mexico's numbers. */
export interface ContractStore {
  readonly leads: LeadStore;
  readonly accounts: AccountStore;
  close(): void | Promise<void>;
}

export type OpenFilledStore = (
  description: StoreDescription,
  options: { readonly address3IsPhone: boolean; readonly numberBlocks?: boolean },
) => Promise<ContractStore>;

/** The body of the tests that every engine passes: what the ports (LeadStore, AccountStore) promise. */
export function leadStoreContract(engineName: string, openFilledStore: OpenFilledStore): void {
  describe(`leads in ${engineName}`, () => {
    let store: ContractStore;
    before(async () => {
      store = await openFilledStore(CONTRACT_DATA, { address3IsPhone: false });
    });
    after(() => store.close());

    findsById(() => store.leads);
    findsByNumber(() => store.leads);
    choosesTheWinner(() => store.leads);
    givesCustomInfo(() => store.leads);
    keepsTexts(() => store.leads);
    givesDetails(() => store.leads);
  });

  describe(`a third number in address3, in ${engineName}`, () => {
    let store: ContractStore;
    before(async () => {
      store = await openFilledStore(CONTRACT_DATA, { address3IsPhone: true });
    });
    after(() => store.close());

    it('is searched after the other two', async () => {
      assert.deepEqual(store.leads.phoneColumns, ['phone_number', 'alt_phone', 'address3']);
      assert.deepEqual(await foundBy(store.leads, '5500000033'), [30, 'address3', 1]);
      assert.deepEqual(await foundBy(store.leads, '5500000040'), [40, 'phone_number', 1]);
    });
  });

  describe(`accounts in ${engineName}`, () => {
    let store: ContractStore;
    before(async () => {
      store = await openFilledStore(CONTRACT_DATA, { address3IsPhone: false });
    });
    after(() => store.close());

    readsAccounts(
      () => store.accounts,
      () => store.leads,
    );
    countsFailures(() => store.accounts);
  });
}

function ask(sent: { leadId?: string; phoneNumber?: string }): LookupQuery {
  const query = parseQuery(sent, 'MX');
  assert.ok('by' in query);
  return query;
}

async function findLead(
  leads: LeadStore,
  leadId: number,
  scope: ListScope = 'every list',
): Promise<LookupResult> {
  const result = await leads.find(ask({ leadId: String(leadId) }), scope);
  assert.ok(result !== undefined, `lead ${leadId} was not found`);
  return result;
}

/** Lead id, column and count; undefined when nothing was found. */
async function foundBy(leads: LeadStore, phoneNumber: string, scope: ListScope = 'every list') {
  const result = await leads.find(ask({ phoneNumber }), scope);
  return result && [result.lead.lead_id, result.foundBy?.column, result.foundBy?.matches];
}

function findsById(leads: () => LeadStore): void {
  describe('by lead id', () => {
    it('every documented field comes, in the documented order, and no other', async () => {
      const { lead, isCustomer, foundBy: by } = await findLead(leads(), 10);
      assert.deepEqual(Object.keys(lead), LEAD_FIELDS);
      assert.deepEqual(lead, TEXTS);
      assert.equal(isCustomer, true);
      assert.equal(by, undefined);
    });

    it('an id that nobody has finds nothing', async () => {
      for (const id of ['9', '4000000000', '9999999999']) {
        assert.equal(await leads().find(ask({ leadId: id }), 'every list'), undefined, id);
      }
    });

    it('a lead is found in the lists of the scope only', async () => {
      const query = ask({ leadId: '10' });
      for (const scope of [[100], [200, 100], [100, 100]]) {
        assert.equal((await leads().find(query, scope))?.lead.lead_id, 10, JSON.stringify(scope));
      }
      for (const scope of [[], [200], [10], [1000], [0, -1]]) {
        assert.equal(await leads().find(query, scope), undefined, JSON.stringify(scope));
      }
    });

    it('the number that comes along restricts nothing', async () => {
      const result = await leads().find(ask({ leadId: '10', phoneNumber: '5599999999' }), 'every list');
      assert.equal(result?.lead.lead_id, 10);
      assert.equal(result.foundBy, undefined);
    });

    it('nothing stored is null, an empty text is empty, no date is 0000-00-00', async () => {
      const { lead, isCustomer } = await findLead(leads(), 11);
      for (const field of ['title', 'middle_initial', 'alt_phone', 'address3', 'comments'] as const) {
        assert.equal(lead[field], null, field);
      }
      for (const field of ['last_name', 'email', 'address1'] as const) assert.equal(lead[field], '', field);
      assert.equal(lead.date_of_birth, '0000-00-00');
      assert.equal(isCustomer, false);
      assert.equal((await findLead(leads(), 20)).lead.date_of_birth, null);
    });
  });
}

function findsByNumber(leads: () => LeadStore): void {
  describe('by telephone number', () => {
    it('the columns are phone_number, then alt_phone; address3 only when the operator says so', async () => {
      assert.deepEqual(leads().phoneColumns, ['phone_number', 'alt_phone']);
      assert.deepEqual(await foundBy(leads(), '5500000030'), [30, 'phone_number', 1]);
      assert.deepEqual(await foundBy(leads(), '5500000032'), [30, 'alt_phone', 1]);
      assert.equal(await foundBy(leads(), '5500000033'), undefined);
    });

    it('a later column is searched only when the earlier ones gave nothing that may be seen', async () => {
      assert.deepEqual(await foundBy(leads(), '5500000040'), [40, 'phone_number', 1]);
      assert.deepEqual(await foundBy(leads(), '5500000040', [100]), [41, 'alt_phone', 1]);
      assert.equal(await foundBy(leads(), '5500000040', [300]), undefined);
    });

    for (const spelling of [
      '3312345678',
      '+523312345678',
      '5213312345678',
      '00523312345678',
      '0443312345678',
      '(33) 1234-5678',
    ]) {
      it(`${spelling} finds the number stored in national and in international form`, async () => {
        assert.deepEqual(await foundBy(leads(), spelling, [100]), [50, 'phone_number', 1]);
        assert.deepEqual(await foundBy(leads(), spelling, [200]), [51, 'phone_number', 1]);
        assert.deepEqual(await foundBy(leads(), spelling, [300]), [52, 'phone_number', 1]);
      });
    }

    it('no part of a number and no longer number finds it', async () => {
      for (const other of [
        '12345678',
        '312345678',
        '33123456',
        '331234567',
        '33123456780',
        '13312345678',
        '4433312345678',
      ]) {
        assert.equal(await foundBy(leads(), other), undefined, other);
      }
    });

    it('texts that are no number are never found, nor is what holds none', async () => {
      for (const number of ['000000', '0000000000', '123456']) {
        assert.equal(await foundBy(leads(), number), undefined, number);
      }
    });
  });
}

function choosesTheWinner(leads: () => LeadStore): void {
  describe('of several leads with one number', () => {
    it('the one last called wins, with the number of matches', async () => {
      assert.deepEqual(await foundBy(leads(), '5500000060'), [61, 'phone_number', 3]);
    });

    it('the one stored with exactly the digits that were sent comes before that', async () => {
      assert.deepEqual(await foundBy(leads(), '525500000060'), [62, 'phone_number', 3]);
      assert.deepEqual(await foundBy(leads(), '+52 55 0000 0060'), [62, 'phone_number', 3]);
      assert.deepEqual(await foundBy(leads(), '0445500000060'), [61, 'phone_number', 3]);
    });

    it('never called is last, whatever was modified when', async () => {
      assert.deepEqual(await foundBy(leads(), '5500000070'), [70, 'phone_number', 2]);
    });

    it('equally called: the one last modified wins', async () => {
      assert.deepEqual(await foundBy(leads(), '5500000080'), [80, 'phone_number', 3]);
    });

    it('else the highest lead id wins', async () => {
      assert.deepEqual(await foundBy(leads(), '5500000080', [200]), [82, 'phone_number', 2]);
    });

    it('the scope counts before the winner is chosen, in the count as well', async () => {
      assert.deepEqual(await foundBy(leads(), '5500000060', [200]), [60, 'phone_number', 1]);
      assert.deepEqual(await foundBy(leads(), '5500000060', [200, 300]), [60, 'phone_number', 2]);
      assert.equal(await foundBy(leads(), '5500000060', []), undefined);
    });
  });
}

function givesCustomInfo(leads: () => LeadStore): void {
  describe('custom info', () => {
    async function customOf(leadId: number): Promise<CustomInfo | null> {
      return (await findLead(leads(), leadId)).custom;
    }

    it('comes in the order of the list’s fields, whole numbers as numbers', async () => {
      assert.deepEqual(await customOf(90), [
        ['zeta', 'z'],
        ['2024', 'a label of digits'],
        ['1', 'an earlier one'],
        ['__proto__', 'no prototype'],
        ['constructor', 'no constructor'],
        ['select', 'reserved'],
        ['order', ''],
        ['visits', 7],
        ['renewal', '2026-03-31'],
        ['notes', 'Póliza <A&B> "q" 😀'],
      ]);
    });

    it('has null for a field without value, and zero is a value', async () => {
      const custom = new Map(await customOf(91));
      assert.equal(custom.size, 10);
      assert.equal(custom.get('visits'), 0);
      assert.equal(custom.get('zeta'), null);
      assert.equal(custom.get('__proto__'), null);
    });

    it('is null for a lead without a row in them, and in a list without fields', async () => {
      assert.equal(await customOf(92), null);
      assert.equal(await customOf(10), null);
    });

    it('comes with a lead that was found by number, too', async () => {
      const result = await leads().find(ask({ phoneNumber: '5500000090' }), 'every list');
      assert.deepEqual(result?.custom?.[7], ['visits', 7]);
    });
  });
}

function keepsTexts(leads: () => LeadStore): void {
  it('texts come back as they were stored: astral, combining, right-to-left, control characters', async () => {
    for (const { lead_id, first_name, comments } of CONTRACT_DATA.leads.filter(
      ({ lead_id: id }) => id >= 1000,
    )) {
      const { lead } = await findLead(leads(), lead_id);
      assert.equal(lead.comments, comments);
      assert.equal(lead.first_name, first_name ?? null);
    }
  });
}

function givesDetails(leads: () => LeadStore): void {
  describe('what is kept beside a lead', () => {
    it('is by the dialer’s names, with when it was called and changed last', async () => {
      const details = await leads().readDetails(10);
      assert.deepEqual(
        Object.keys(details).filter((name) => !(LEAD_DETAILS as readonly string[]).includes(name)),
        [],
      );
      assert.deepEqual(
        [details.last_local_call_time, details.modify_date],
        ['2026-05-01 10:00:00', '2026-05-02 10:00:00'],
      );
      for (const value of Object.values(details)) {
        assert.ok(value === null || typeof value === 'string' || Number.isSafeInteger(value), String(value));
      }
    });

    it('is nothing for an id that nobody has', async () => {
      for (const leadId of [9, 4_000_000_000, 9_999_999_999]) {
        const details = Object.values(await leads().readDetails(leadId));
        assert.deepEqual(
          details.filter((value) => value !== null),
          [],
          String(leadId),
        );
      }
    });

    it('has every log of calls where there are any, empty for who was never called', async () => {
      const { readCallLogs } = leads();
      if (readCallLogs === undefined) return;
      for (const leadId of [10, 9, 9_999_999_999]) {
        const logs = await readCallLogs(leadId, 10, undefined);
        assert.deepEqual(Object.keys(logs).sort(), Object.keys(CALL_LOGS).sort());
        assert.deepEqual(Object.values(logs).flat(), []);
      }
    });
  });
}

function readsAccounts(accounts: () => AccountStore, leads: () => LeadStore): void {
  describe('an account that is read', () => {
    it('gives the account as it is stored', async () => {
      const { account, failures } = await accounts().read('Limited', undefined);
      assert.equal(account?.name, 'Limited');
      assert.equal(account.active, true);
      assert.equal(account.rights & RIGHT_BIT.read, RIGHT_BIT.read);
      assert.equal(account.rights & RIGHT_BIT.card, RIGHT_BIT.card);
      assert.deepEqual(failures, NO_FAILURES);
      assert.notEqual(account.verifier, 'for Limited');
      assert.equal((await accounts().read('Retired', undefined)).account?.active, false);
      assert.equal((await accounts().read('Noapi', undefined)).account?.rights, RIGHT_BIT.card);
    });

    it('knows a name in every spelling as one', async () => {
      const { identity, account } = await accounts().read('limited', undefined);
      for (const spelling of ['Limited', 'LIMITED', 'limited ']) {
        const snapshot = await accounts().read(spelling, undefined);
        assert.equal(snapshot.identity, identity, spelling);
        assert.equal(snapshot.account?.id, account?.id, spelling);
      }
    });

    it('knows nobody by a name that nobody has, and finds nothing for it', async () => {
      for (const name of [
        '',
        'limite',
        'limited2',
        '%',
        "limited' OR '1'='1",
        'limited\u0000x',
        '__proto__',
        '0',
      ]) {
        const query = ask({ leadId: '10' });
        const snapshot = await accounts().read(name, { query, verifier: 'of nobody' });
        assert.equal(snapshot.account, undefined, name);
        assert.equal(await leads().find(query, snapshot), undefined, name);
      }
    });

    it('finds within what the account may see, whether its lookup was expected or not', async () => {
      const verifierOf = async (name: string) => (await accounts().read(name)).account?.verifier ?? '';
      for (const isExpected of [true, false]) {
        const find = async (name: string, query: LookupQuery) => {
          const verifier = isExpected ? await verifierOf(name) : 'of another password';
          return leads().find(query, await accounts().read(name, { query, verifier }));
        };
        assert.equal((await find('Everything', ask({ leadId: '10' })))?.lead.lead_id, 10);
        assert.equal(await find('Limited', ask({ leadId: '10' })), undefined);
        assert.equal(await find('Nothing', ask({ leadId: '10' })), undefined);
        assert.equal((await find('Limited', ask({ phoneNumber: '5500000060' })))?.lead.lead_id, 60);
        assert.equal((await find('Noapi', ask({ leadId: '10' })))?.lead.lead_id, 10);
      }
    });
  });
}

function countsFailures(accounts: () => AccountStore): void {
  describe('failed logins', () => {
    const at = Date.UTC(2026, 5, 1, 12);

    it('are counted and read by the name as it compares, for unknown names too', async () => {
      for (const name of ['Everything', 'unknown']) {
        const { identity } = await accounts().read(name, undefined);
        assert.deepEqual(await accounts().readFailures(identity), NO_FAILURES);
        assert.equal(await accounts().countFailure(identity, at), 1);
        assert.equal(await accounts().countFailure(identity, at + 1_001), 2);
        assert.equal(await accounts().countFailure(identity, at + 2_002), 3);
        assert.deepEqual(await accounts().readFailures(identity), {
          ...NO_FAILURES,
          count: 3,
          lastFailedAt: at + 2_002,
        });
        assert.deepEqual((await accounts().read(name.toUpperCase(), undefined)).failures, {
          ...NO_FAILURES,
          count: 3,
          lastFailedAt: at + 2_002,
        });
      }
    });

    it('of one name leave the others alone', async () => {
      const { identity } = await accounts().read('Limited', undefined);
      assert.deepEqual(await accounts().readFailures(identity), NO_FAILURES);
    });

    it('are forgotten after a success, and a first one needs no earlier one', async () => {
      const { identity } = await accounts().read('Everything', undefined);
      await accounts().clearFailures(identity);
      assert.deepEqual(await accounts().readFailures(identity), NO_FAILURES);
      await accounts().clearFailures(identity);
      assert.equal(await accounts().countFailure(identity, at), 1);
    });

    it('in parallel are all counted up to the lock, and no further', async () => {
      const counts = await Promise.all(
        Array.from({ length: 50 }, async () => accounts().countFailure('in parallel', at)),
      );
      const written = counts.filter((count) => count !== undefined);
      assert.deepEqual(
        written.sort((one, other) => one - other),
        Array.from({ length: MAX_FAILURES }, (_, index) => index + 1),
      );
      assert.deepEqual(await accounts().readFailures('in parallel'), {
        ...NO_FAILURES,
        count: MAX_FAILURES,
        lastFailedAt: at,
      });
    });

    it('begin again after a series that is over, but only once', async () => {
      await accounts().countFailure('over', at);
      await accounts().countFailure('over', at + 1_001);
      assert.equal(await accounts().countFailure('over', at + 2_002, at + 1_001), 1);
      assert.equal(await accounts().countFailure('over', at + 3_003, at + 1_001), 2);
    });

    it('50: of a network from which the user has logged in are counted for it alone', async () => {
      const store = accounts();
      const [office, home] = ['192.0.2.1', '2001:db8:1:2::/64'];
      assert.equal(await store.readKnownNetwork('known', office), undefined);
      await store.countFailure('known', at);
      await store.recordSuccess('known', at, office, false);
      assert.deepEqual(await store.readKnownNetwork('known', office), { count: 0, lastFailedAt: 0 });
      assert.deepEqual(await store.readFailures('known'), NO_FAILURES);
      assert.deepEqual(
        [await store.readKnownNetwork('known', home), await store.readKnownNetwork('other', office)],
        [undefined, undefined],
      );
      await store.countFailure('known', at);
      assert.equal(await store.countFailure('known', at + 5, undefined, office), 1);
      assert.equal(await store.countFailure('known', at + 6, undefined, office), 2);
      assert.deepEqual(await store.readKnownNetwork('known', office), { count: 2, lastFailedAt: at + 6 });
      assert.deepEqual(await store.readFailures('known'), {
        count: 1,
        lastFailedAt: at,
        knownFailedAt: at + 6,
      });
      await store.recordSuccess('known', at + 7, office, true);
      assert.deepEqual(await store.readKnownNetwork('known', office), { count: 0, lastFailedAt: 0 });
      // What failed elsewhere stays counted: a user who works must not give strangers ten more guesses a minute.
      assert.equal((await store.readFailures('known')).count, 1);
    });

    it('of known networks are looked for no longer once the user is in, unless another one has a series', async () => {
      const store = accounts();
      const knownFailedAt = async () => (await store.readFailures('works')).knownFailedAt;
      for (const network of ['desk', 'phone']) await store.recordSuccess('works', at, network, false);
      // Each attempt counts before it is checked, also that of a password whose cached check is over.
      await store.countFailure('works', at + 1, undefined, 'desk');
      await store.recordSuccess('works', at + 1, 'desk', true);
      assert.equal(await knownFailedAt(), 0);
      await store.countFailure('works', at + 2, undefined, 'phone');
      await store.countFailure('works', at + 3, undefined, 'desk');
      await store.recordSuccess('works', at + 3, 'desk', true);
      assert.equal(await knownFailedAt(), at + 3);
      await store.countFailure('works', at + 3 + LOCK_MS, undefined, 'desk');
      await store.recordSuccess('works', at + 3 + LOCK_MS, 'desk', true);
      assert.equal(await knownFailedAt(), 0, 'the series of the other network is over');
    });

    it('50: of a known network stop at the lock, begin again after it, and are forgotten by the operator', async () => {
      const store = accounts();
      await store.recordSuccess('locked here', at, 'office', false);
      const counts: unknown[] = [];
      for (let attempt = 0; attempt < 12; attempt += 1)
        counts.push(await store.countFailure('locked here', at, undefined, 'office'));
      assert.deepEqual(counts, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, undefined, undefined]);
      assert.equal(await store.countFailure('locked here', at + 9, at, 'office'), 1);
      await store.countFailure('locked here', at);
      await store.clearFailures('locked here');
      assert.deepEqual(await store.readFailures('locked here'), NO_FAILURES);
      assert.deepEqual(await store.readKnownNetwork('locked here', 'office'), { count: 0, lastFailedAt: 0 });
    });
  });
}
