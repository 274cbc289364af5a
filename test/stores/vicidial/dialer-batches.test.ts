import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';

import type { LookupResult } from '../../../src/core/lead-store.ts';
import { parseQuery, type LookupQuery, type QueryParameters } from '../../../src/core/query.ts';
import type { LookupOutcome } from '../../../src/service/work.ts';
import { DatabaseFailure } from '../../../src/stores/network/failure.ts';
import { createLookups } from '../../../src/stores/vicidial/lookups.ts';
import { ACCOUNT_WIDTH, type Read } from '../../../src/stores/vicidial/rows.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { asDatabaseRoot } from '../../support/root-sql.ts';
import { until } from '../../support/until.ts';
import { fillForReader, numberOf, openDialerFixture, type DialerFixture } from './dialer-fixture.ts';
import { openParts } from './dialer-parts.ts';

const LEADS = 120;
const NUMBERS = 40;
/** Numbers from this one on stand with a space behind them. */
const PADDED = 500;
const BEFORE_NUMBER = ['', '52', '521', '+52', '01', '044', '0052', '1', '+1'];
/** A few subscribers in many spellings, of several countries. */
const phoneOf = (at: number) => `${BEFORE_NUMBER[at % BEFORE_NUMBER.length]}${numberOf((at * 7) % NUMBERS)}`;

const DESCRIPTION = {
  lists: [
    { list_id: 100, name: 'list 100', fields: [{ label: 'plan', type: 'TEXT' } as const] },
    { list_id: 200, name: 'list 200' },
    { list_id: 300, name: 'list 300', fields: [{ label: 'visits', type: 'NUMBER' } as const] },
  ],
  leads: Array.from({ length: LEADS }, (_, at) => ({
    lead_id: at + 1,
    list_id: [100, 200, 300][at % 3] ?? 100,
    // As others stored it: the server equates it with the number.
    phone_number: at % 17 === 0 ? `${numberOf(PADDED + at)} ` : phoneOf(at),
    alt_phone: at % 4 === 0 ? numberOf(NUMBERS + at) : null,
    country_code: at % 5 === 0 ? 'US' : null,
    ...(at % 7 === 0 ? { phoneCode: '1' } : {}),
    isCustomer: at % 3 === 0,
    modifyDate: `2026-03-1${at % 3} 10:00:00`,
    ...(at % 2 === 0 ? { lastLocalCallTime: `2026-03-0${1 + (at % 5)} 10:00:00` } : {}),
    ...(at % 6 === 0 ? { further: [{ number: numberOf(300 + (at % 9)), phoneCode: '52' }] } : {}),
    ...(at % 3 === 0 && at % 4 !== 0 ? { custom: [['plan', `plan ${at}`]] as const } : {}),
    ...(at % 3 === 2 ? { custom: [['visits', at]] as const } : {}),
  })),
  users: [
    { name: 'all', password: PASSWORD },
    { name: 'some', password: PASSWORD, lists: [100, 200] },
    { name: 'one', password: PASSWORD, lists: [300] },
    { name: 'none', password: PASSWORD, lists: [] },
    { name: 'cardonly', password: PASSWORD, rights: ['card'] as const },
  ],
};

const query: fc.Arbitrary<QueryParameters> = fc.oneof(
  fc.record({ leadId: fc.integer({ min: 1, max: LEADS + 5 }).map(String) }),
  fc.record({
    phoneNumber: fc.oneof(
      fc.integer({ min: 0, max: LEADS }).map(phoneOf),
      fc.integer({ min: 0, max: 320 }).map(numberOf),
      fc.integer({ min: 0, max: 6 }).map((at) => numberOf(PADDED + 17 * at)),
      fc.constantFrom('123456', '+4755100000', '4155550100', '+1 415 555 0100'),
    ),
  }),
);
const asked = fc.tuple(fc.constantFrom('all', 'all', 'some', 'one', 'none', 'cardonly'), query);

function parsed(parameters: QueryParameters): LookupQuery {
  const found = parseQuery(parameters, 'MX');
  assert.ok('by' in found);
  return found;
}

describe('lookups of a dialer that come together', { skip: mariadbSkip, timeout: 120_000 }, () => {
  let server: MariadbServer;
  let fixture: DialerFixture;
  before(async () => {
    server = await startMariadb();
    await fillForReader(server, DESCRIPTION, { altPhoneIndex: true });
    fixture = openDialerFixture(server);
    await warmUp();
  });
  after(async () => {
    await fixture.close();
    await server.stop();
  });

  async function warmUp(): Promise<void> {
    for (const { name } of DESCRIPTION.users) await fixture.outcome(name, { leadId: '1' });
  }

  async function clearFailures(user: string): Promise<void> {
    await fixture.store.accounts.clearFailures(user);
    assert.equal(await fixture.outcome(user, { leadId: '3' }), 3);
  }

  async function statements(): Promise<number> {
    const [row] = (await server.runRootSql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")) as {
      Value: string;
    }[];
    return Number(row?.Value);
  }

  /** What becomes of each, all begun at once. */
  function together(all: readonly (readonly [user: string, query: QueryParameters])[]) {
    return Promise.all(all.map(([user, parameters]) => fixture.outcome(user, parameters)));
  }

  const everyLead = Array.from({ length: LEADS }, (_, at) => ['all', { leadId: String(at + 1) }] as const);

  it('are answered as one by one, whoever asks for whatever', async () => {
    let [lookups, executed] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 40, maxLength: 80 }), async (all) => {
        const oneByOne: LookupOutcome[] = [];
        for (const [user, parameters] of all) oneByOne.push(await fixture.lookup(user, parameters));
        const before = await statements();
        const outcomes = await Promise.all(all.map(([user, parameters]) => fixture.lookup(user, parameters)));
        [lookups, executed] = [lookups + all.length, executed + (await statements()) - before];
        assert.deepEqual(outcomes, oneByOne);
      }),
      { numRuns: 15, endOnFailure: true },
    );
    assert.ok(executed < lookups, `${executed} statements for ${lookups} lookups`);
  });

  it('are answered as one by one within lists, and within all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(query, { minLength: 20, maxLength: 60 }),
        fc.constantFrom('every list' as const, [100], [200, 300], []),
        async (all, scope) => {
          const find = (parameters: QueryParameters) => fixture.store.leads.find(parsed(parameters), scope);
          const oneByOne: (LookupResult | undefined)[] = [];
          for (const one of all) oneByOne.push(await find(one));
          assert.deepEqual(await Promise.all(all.map(find)), oneByOne);
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it('take few statements', async () => {
    const byNumber = Array.from(
      { length: 400 },
      (_, at) => ['all', { phoneNumber: phoneOf(at % LEADS) }] as const,
    );
    for (const [all, most] of [
      [everyLead, 0.5],
      [byNumber, 0.9],
    ] as const) {
      await together(all);
      const before = await statements();
      await together(all);
      const count = (await statements()) - before;
      assert.ok(count <= most * all.length, `${count} statements for ${all.length} lookups`);
    }
  });

  it('of an account that has changed are refused, all of them, and those of another are answered', async () => {
    const users = 'UPDATE asterisk.vicidial_users SET';
    const all = [...everyLead, ...everyLead.map(([, one]) => ['one', one] as const)];
    await together(all);
    for (const [change, back, outcome] of [
      ["pass = 'Another'", `pass = '${PASSWORD}', failed_login_count = 0`, /credentials_invalid|locked_out/],
      ["vdc_agent_api_access = '0'", "vdc_agent_api_access = '1'", /api_not_allowed/],
      [
        "user_group = ''",
        "user_group = (SELECT user_group FROM asterisk.vicidial_users_before WHERE user = 'one')",
        /lead_not_found/,
      ],
    ] as const) {
      if (change.startsWith('user_group'))
        await server.runRootSql(
          'CREATE TABLE asterisk.vicidial_users_before AS SELECT user, user_group FROM asterisk.vicidial_users',
        );
      await server.runRootSql(`${users} ${change} WHERE user = 'one'`);
      const outcomes = await together(all);
      await server.runRootSql(`${users} ${back} WHERE user = 'one'`);
      for (const [at, said] of outcomes.entries()) {
        if (at < LEADS) assert.equal(said, at + 1);
        else assert.match(String(said), outcome, `${change}: ${at}`);
      }
      await clearFailures('one');
    }
  });

  it('of numbers of several countries are right where the account changes between their statements', async () => {
    const parts = openParts(server);
    const numbers = [0, 2, 8, 17, 26].map(phoneOf);
    let isChanging = false;
    let home: unknown;
    const changed = new Set<unknown>();
    const read: Read = async (sql, parameters) => {
      const rows = await parts.read(sql, parameters);
      const country = parameters[3];
      if (!isChanging || !sql.includes('ROWS EXAMINED 1000') || country === (home ??= country)) return rows;
      changed.add(country);
      // As the server answers for an account that is not the expected one.
      const [account = [], ...others] = rows;
      return [account.with(ACCOUNT_WIDTH - 1, 0), ...others.slice(-1)];
    };
    const lookups = createLookups(read, parts.schemaCache, 'MX');
    const find = async (phoneNumber: string) => {
      const { prefetched } = await lookups.readAccount('all', {
        query: parsed({ phoneNumber }),
        secret: PASSWORD,
      });
      const { lead } = prefetched;
      return [prefetched.query !== undefined, lead && ('lead' in lead ? lead.lead.lead_id : lead.leadId)];
    };
    const oneByOne: unknown[] = [];
    for (const number of numbers) oneByOne.push(await find(number));
    isChanging = true;
    assert.deepEqual(await Promise.all(numbers.map(find)), oneByOne);
    assert.ok(changed.size > 0);
    await parts.close();
  });

  it('are counted by the server where many leads have a number, and others beside it are found', async () => {
    const crowd = '5599999999';
    await server.runRootSql(`USE asterisk; INSERT INTO vicidial_list (lead_id, list_id, phone_number)
      SELECT 10000 + seq, 200, '${crowd}' FROM seq_1_to_900`);
    const all = Array.from(
      { length: 60 },
      (_, at) => ['all', { phoneNumber: at % 4 === 0 ? crowd : numberOf(at % NUMBERS) }] as const,
    );
    const oneByOne: LookupOutcome[] = [];
    const other = openDialerFixture(server);
    await other.outcome('all', { leadId: '1' });
    for (const [user, parameters] of all) oneByOne.push(await other.lookup(user, parameters));
    await other.close();
    for (let round = 0; round < 2; round += 1)
      assert.deepEqual(
        await Promise.all(all.map(([user, parameters]) => fixture.lookup(user, parameters))),
        oneByOne,
      );
    await server.runRootSql('DELETE FROM asterisk.vicidial_list WHERE lead_id > 10000');
  });

  it('do not wait for one whose custom table is locked', async () => {
    const [locked, ...others] = [
      ['all', { leadId: '1' }],
      ...everyLead.filter((_, at) => at % 3 === 1),
    ] as const;
    await together([locked, ...others]);
    await asDatabaseRoot(server, async (root) => {
      await root.query('LOCK TABLES asterisk.custom_100 WRITE');
      const late = fixture.outcome(...locked);
      const answered = await Promise.race([together(others), late]);
      assert.ok(Array.isArray(answered), 'the locked one was answered first');
      for (const [at, [, { leadId }]] of others.entries()) assert.equal(answered[at], Number(leadId));
      await root.query('UNLOCK TABLES');
      assert.ok([1, 'store_unavailable'].includes(await late));
    });
  });

  it('fail with the server, and are answered again with it', async () => {
    server.freeze();
    const outcomes = await together(everyLead);
    assert.deepEqual(new Set(outcomes), new Set(['store_unavailable']));
    server.thaw();
    await until('the dialer is back', async () => (await fixture.outcome('all', { leadId: '1' })) === 1);
    assert.deepEqual(
      await together(everyLead),
      everyLead.map((_, at) => at + 1),
    );
  });

  describe('of which one has a row or a value that fails its statement', () => {
    const POISONED = 7;

    for (const kind of ['statement', 'lost'] as const) {
      it(`are answered but for that one, where it fails as ${kind}`, async () => {
        const parts = openParts(server);
        const read: Read = (sql, parameters) =>
          parameters.includes(POISONED)
            ? Promise.reject(new DatabaseFailure(kind, 'poisoned'))
            : parts.read(sql, parameters);
        const lookups = createLookups(read, parts.schemaCache, 'MX');
        const outcomes = await Promise.allSettled(
          everyLead.map(async ([user, one]) => {
            const expected = { query: parsed(one), secret: PASSWORD };
            return (await lookups.readAccount(user, expected)).prefetched.lead;
          }),
        );
        for (const [at, outcome] of outcomes.entries()) {
          if (at + 1 === POISONED) assert.equal(outcome.status, 'rejected');
          else
            assert.ok(
              outcome.status === 'fulfilled' && outcome.value !== undefined && 'lead' in outcome.value,
            );
        }
        await parts.close();
      });
    }
  });
});
