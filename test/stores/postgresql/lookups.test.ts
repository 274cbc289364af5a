import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { parseQuery } from '../../../src/core/query.ts';
import type { ListScope } from '../../../src/core/lead.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import type { Read } from '../../../src/stores/network/connector.ts';
import { createAccountStore } from '../../../src/stores/postgresql/accounts.ts';
import { SELECT_DETAILS, SELECT_LEADS } from '../../../src/stores/postgresql/leads.ts';
import { LOOK_STATEMENTS } from '../../../src/stores/postgresql/look-through.ts';
import { createLookups, LOOKUP_STATEMENTS } from '../../../src/stores/postgresql/lookups.ts';
import { CALL_STATEMENTS } from '../../../src/stores/postgresql/calls.ts';
import { DAILY_LEAD_STATEMENTS } from '../../../src/stores/postgresql/daily-leads.ts';
import { CHANGE_STATEMENTS } from '../../../src/stores/postgresql/lead-changes.ts';
import { ERASURE_STATEMENTS } from '../../../src/stores/postgresql/erasure.ts';
import { KEPT_STATEMENTS } from '../../../src/stores/postgresql/kept-leads.ts';
import { LOGIN_STATEMENTS } from '../../../src/stores/postgresql/login-failures.ts';
import { PERSON_SEARCH_STATEMENTS } from '../../../src/stores/postgresql/person-search.ts';
import { UNTOUCHED_STATEMENTS } from '../../../src/stores/postgresql/untouched-leads.ts';
import { RECORD_STATEMENTS } from '../../../src/stores/postgresql/records.ts';
import { INDEX_STATEMENTS } from '../../../src/stores/postgresql/search-index.ts';
import { TEXT_STATEMENTS } from '../../../src/stores/postgresql/text-search.ts';
import { TIMELINE_STATEMENTS } from '../../../src/stores/postgresql/timeline.ts';
import { SHARED_STATEMENTS } from '../../../src/stores/postgresql/shared-numbers.ts';
import { TOKEN_STATEMENTS } from '../../../src/stores/postgresql/tokens.ts';
import type { PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import { temporaryFolder, testConfig } from '../../support/test-app.ts';
import { type DescribedLead, fillEmbedded, type StoreDescription } from '../described-store.ts';
import { createDatabaseFor, openFilled, postgresqlConfig } from './filled-store.ts';

const NUMBER = '5555555555';
const SPELLINGS = [NUMBER, `52${NUMBER}`, `+52${NUMBER}`, `044${NUMBER}`];
const LISTS = [1, 2, 30, 400];

/** Far more leads with one number than are counted, in several parts, lists and spellings. */
const DATA: StoreDescription = {
  lists: LISTS.map((list_id) => ({ list_id, name: `list ${list_id}` })),
  leads: Array.from({ length: 2_500 }, (_, at): DescribedLead => {
    const spelling = SPELLINGS[(at * 7) % 4] ?? '';
    return {
      lead_id: at + 1,
      list_id: LISTS[(at * 13) % 4] ?? 1,
      phone_number: at % 5 === 0 ? `33${10_000_000 + at}` : spelling,
      ...(at % 3 === 0 && { alt_phone: spelling }),
      ...(at % 4 !== 0 && { lastLocalCallTime: `2026-01-0${(at % 7) + 1} 10:00:00` }),
      modifyDate: `2026-02-0${(at % 5) + 1} 00:00:00`,
    };
  }),
  users: [
    { name: 'ana', password: { verifier: 'of ana' } },
    { name: 'luis', password: { verifier: 'of luis' }, lists: [30] },
    { name: 'retired', password: { verifier: 'of retired' }, active: false },
  ],
};

function ask(parameters: { leadId?: string; phoneNumber?: string }) {
  const query = parseQuery(parameters, 'MX');
  assert.ok('by' in query);
  return query;
}

describe('lookups in a real PostgreSQL', { skip: postgresqlSkip }, () => {
  let server: PostgresqlServer;
  let store: PostgresqlStore;
  before(async () => {
    server = await startPostgresql();
    await createDatabaseFor(server);
    store = await openFilled(postgresqlConfig(server), DATA);
    await store.database.write('ANALYZE', []);
  });
  after(async () => {
    await store.close();
    await server.stop();
  });

  /** The store's own accounts and leads over a database whose statements are counted. */
  function counted() {
    const statements: string[] = [];
    const read: Read = (sql, parameters) => {
      statements.push(sql);
      return store.database.read(sql, parameters);
    };
    const lookups = createLookups({ ...store.database, read }, false);
    return { statements, lookups, accounts: createAccountStore({ ...store.database, read }, lookups) };
  }

  it('bring user and lead in one statement, and those of one tick together', async () => {
    const { statements, accounts } = counted();
    const query = ask({ leadId: '7' });
    const snapshots = await Promise.all(
      Array.from({ length: 150 }, (_, at) =>
        accounts.read(at % 2 === 0 ? 'ana' : 'nobody', { query, verifier: 'of ana' }),
      ),
    );
    assert.equal(statements.length, 2);
    for (const [at, snapshot] of snapshots.entries()) {
      assert.equal(snapshot.account?.name, at % 2 === 0 ? 'ana' : undefined);
      const found = await store.leads.find(query, snapshot);
      assert.equal(found?.leadId, at % 2 === 0 ? 7 : undefined);
    }
    assert.equal(statements.length, 2);
  });

  it('read nothing of leads for who is not let in, whatever is asked for', async () => {
    const { lookups } = counted();
    const query = ask({ phoneNumber: '3310000005' });
    for (const [identity, verifier, isRead] of [
      ['ana', 'of ana', true],
      ['ana', 'of another password', false],
      ['nobody', 'of ana', false],
      ['retired', 'of retired', false],
      ['luis', 'of ana', false],
    ] as const) {
      const { prefetched } = await lookups.readAccount({ identity, expected: { query, verifier } });
      assert.equal(prefetched !== undefined, isRead, `${identity} ${verifier}`);
      const literals = [
        `{${identity}}`,
        '{x}',
        `{"${verifier}"}`,
        '{"{NULL}"}',
        `{"{${query.phone?.key ?? ''}}"}`,
      ];
      const plan = await explain(store, LOOKUP_STATEMENTS.accounts(false), literals, 'ANALYZE, ');
      const scans = plan.filter((line) => /on (leads|lead_numbers)/.test(line));
      const executed = scans.filter((line) => !line.includes('never executed'));
      assert.equal(executed.length > 0, isRead, plan.join('\n'));
    }
  });

  it('find with the account what is found without it', async () => {
    const { accounts } = counted();
    const numbers = [NUMBER, '3310000000', '3310000005', '3310000010', '3399999999'];
    const queries = [
      ...numbers.map((phoneNumber) => ask({ phoneNumber })),
      ask({ leadId: '1' }),
      ask({ leadId: '3' }),
    ];
    const asked = queries.flatMap((query) => ['ana', 'luis', 'retired'].map((name) => ({ query, name })));
    const found = await Promise.all(
      asked.map(async ({ query, name }) => {
        const snapshot = await accounts.read(name, { query, verifier: `of ${name}` });
        return store.leads.find(query, snapshot);
      }),
    );
    assert.ok(found.some((lead) => lead?.foundBy?.matches === 1));
    for (const [at, { query, name }] of asked.entries()) {
      const expected = await store.leads.find(query, name === 'luis' ? [30] : 'every list');
      const [one, other] = [found[at], expected].map(
        (lead) => lead && [lead.leadJson, lead.custom, lead.isCustomer, lead.masks, lead.foundBy],
      );
      assert.deepEqual(one, other, `${name} ${JSON.stringify(query)}`);
    }
  });

  it('read every table by an index', async () => {
    const array = '{1}';
    for (const [sql, literals] of [
      [LOOKUP_STATEMENTS.accounts(false), ['{a}', '{a}', '{a}', '{"{1}"}', '{"{a}"}']],
      [LOOKUP_STATEMENTS.leads(true), ['{NULL}', '{1}', '{a}', '{a}']],
      [SELECT_LEADS, [array, array]],
      [SELECT_DETAILS, ['1']],
      [SHARED_STATEMENTS.first(true), ['a', array, '0', 'a', '10']],
      [SHARED_STATEMENTS.first(false), ['a', null, '0', 'a', '10']],
      [SHARED_STATEMENTS.count(true), ['a', array, '0']],
      [SHARED_STATEMENTS.candidates(true, false), ['a', array, '1001']],
      [SHARED_STATEMENTS.candidates(false, true), ['a', null, '1001']],
      [LOOK_STATEMENTS.wanted, ['9', 'a', 'true', array, '10']],
      [LOOK_STATEMENTS.part, ['9']],
      [LOOK_STATEMENTS.filtered, [array, 'a', 'true']],
      [TEXT_STATEMENTS.newest, ['a']],
      [TEXT_STATEMENTS.texts, [array]],
      [INDEX_STATEMENTS.some, [array]],
      [RECORD_STATEMENTS.read, ['1', array]],
      [RECORD_STATEMENTS.shared, ['a', '1', '1']],
      [RECORD_STATEMENTS.freeId, []],
      [RECORD_STATEMENTS.lastTime, ['1']],
      [RECORD_STATEMENTS.forgetKeys, ['1']],
      [CHANGE_STATEMENTS.newest, ['1']],
      [CHANGE_STATEMENTS.some, ['1', array]],
      [TIMELINE_STATEMENTS.changePlaces, ['1', '10']],
      [TIMELINE_STATEMENTS.notePlaces, ['1', '10']],
      [TIMELINE_STATEMENTS.someNotes, ['1', array]],
      [TIMELINE_STATEMENTS.lists, ['1']],
      [TIMELINE_STATEMENTS.notes, ['1', '10', '0']],
      [TIMELINE_STATEMENTS.imports, ['1']],
      [TIMELINE_STATEMENTS.callPlaces, ['1', '10']],
      [TIMELINE_STATEMENTS.someCalls, [array]],
      [TIMELINE_STATEMENTS.countCalls, ['1']],
      [CALL_STATEMENTS.read, ['a']],
      [CALL_STATEMENTS.same, ['a', 'a', '1', '1', 'a']],
      [CALL_STATEMENTS.lead, ['1', '10', '0']],
      [CALL_STATEMENTS.account, ['1', '10', '0']],
      [CALL_STATEMENTS.number, ['a', '10', '0']],
      [CALL_STATEMENTS.countNumber, ['a']],
      [CALL_STATEMENTS.numberInLists, ['a', array, 'false', '10', '0']],
      [CALL_STATEMENTS.countNumberInLists, ['a', array, 'true']],
      [CALL_STATEMENTS.lastOfSome, ['1']],
      [LOGIN_STATEMENTS.newest, ['10']],
      [LOGIN_STATEMENTS.forgetOld, ['1', '1']],
      [LOGIN_STATEMENTS.forgetKnown, ['1', '1']],
      [DAILY_LEAD_STATEMENTS.leads, ['1', '{a}', array]],
      [DAILY_LEAD_STATEMENTS.forgetLeads, ['1', '1']],
      [TOKEN_STATEMENTS.dropOldest, ['a', 'a', '1']],
      [TOKEN_STATEMENTS.token, ['a']],
      [TOKEN_STATEMENTS.session, ['a']],
      [PERSON_SEARCH_STATEMENTS.byKey, ['{a}']],
      [PERSON_SEARCH_STATEMENTS.changes, ['1', '10', '{a}', 'a']],
      [PERSON_SEARCH_STATEMENTS.notes, ['1', '10', '{a}']],
      [PERSON_SEARCH_STATEMENTS.comments, ['1', '10', '{a}']],
      [PERSON_SEARCH_STATEMENTS.keysOf, [array]],
      [PERSON_SEARCH_STATEMENTS.formerOf, [array]],
      [KEPT_STATEMENTS.externalIds, ['1']],
      [KEPT_STATEMENTS.formerIds, ['1']],
      [KEPT_STATEMENTS.calls, ['{a}']],
      [UNTOUCHED_STATEMENTS.leads, ['1', '10', '1', 'a', array, 'true']],
      [UNTOUCHED_STATEMENTS.removed, ['1', '10', '1', 'a', array, 'true']],
      [ERASURE_STATEMENTS.idempotencyKeys, [array]],
      [ERASURE_STATEMENTS.changes, [array]],
      [ERASURE_STATEMENTS.calls, [array]],
      [ERASURE_STATEMENTS.callsOfNumbers, ['{a}']],
      [ERASURE_STATEMENTS.shared, ['{a}', array]],
      [ERASURE_STATEMENTS.leads, [array]],
      [ERASURE_STATEMENTS.calledBy, [array]],
    ] as const) {
      const plan = await explain(store, sql, literals);
      assert.deepEqual(
        // There are few lists: any way to read them is as good.
        plan.filter((line) => line.includes('Seq Scan') && !line.includes('on lists')),
        [],
        plan.join('\n'),
      );
      for (const line of plan.filter((text) => text.includes('lead_numbers_by_key')))
        assert.match(line, /Index/);
    }
  });

  it('of a number that thousands share find what the embedded store finds', async () => {
    const embedded = openStore(testConfig(join(temporaryFolder(), 'same.db')), { create: true });
    try {
      await fillEmbedded(embedded, { ...DATA, users: [] });
      const scopes: readonly ListScope[] = ['every list', [30], [400, 1], [], [999]];
      for (const scope of scopes) {
        for (const phoneNumber of SPELLINGS) {
          const query = ask({ phoneNumber });
          assert.ok(query.by === 'phone_number');
          const [one, other] = await Promise.all(
            [embedded, store].map(({ leads }) => leads.find(query, scope)),
          );
          assert.deepEqual([other?.leadId, other?.foundBy], [one?.leadId, one?.foundBy], phoneNumber);
          for (const page of [
            { offset: 0, limit: 20 },
            { offset: 990, limit: 30 },
          ]) {
            const [expected, found] = await Promise.all(
              [embedded, store].map(async ({ leads }) => {
                const { total, matches } = await leads.findAll(query.phone, scope, page);
                return [total, ...matches.map(({ leadId, foundBy }) => `${leadId} ${foundBy?.column ?? ''}`)];
              }),
            );
            assert.deepEqual(
              found,
              expected,
              `${phoneNumber} in ${JSON.stringify(scope)} from ${page.offset}`,
            );
          }
        }
      }
    } finally {
      await embedded.close();
    }
  });
});

/** The plan of a statement as it is prepared: a line for each node. */
async function explain(
  { database }: PostgresqlStore,
  sql: string,
  literals: readonly (string | null)[],
  how = '',
): Promise<readonly string[]> {
  return database.transaction(async ({ run, runScript }) => {
    await runScript('SET LOCAL enable_bitmapscan = off');
    await runScript(`PREPARE explained AS ${sql}`);
    const values = literals.map((value) => (value === null ? 'NULL' : `'${value}'`)).join(', ');
    const bound = literals.length === 0 ? '' : ` (${values})`;
    const rows = await run(`EXPLAIN (${how}COSTS OFF) EXECUTE explained${bound}`, []);
    await runScript('DEALLOCATE explained');
    return rows.map(([line]) => String(line));
  });
}
