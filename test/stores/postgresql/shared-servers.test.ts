import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { Client } from 'pg';

import { parseQuery } from '../../../src/core/query.ts';
import { DatabaseFailure } from '../../../src/stores/network/failure.ts';
import { openPostgresql, type PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import { createSharedServers } from '../../../src/stores/postgresql/shared-servers.ts';
import type { Transaction } from '../../../src/stores/postgresql/transactions.ts';
import { pgbouncerSkip, startPgbouncer } from '../../support/pgbouncer.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { until } from '../../support/until.ts';
import { addUser } from '../described-store.ts';
import { fillPostgresql } from './fill-postgresql.ts';
import { ACCOUNT, createDatabaseFor, postgresqlConfig } from './filled-store.ts';

/** For statements by themselves, of all domains together; and as many for transactions. */
const BOUND = 4;
const DOMAINS = 12;
const LEADS = 5;
const CALLERS = 40;

/** A domain whose leads and user can be told from those of all others, and what is known of its counter. */
interface TestDomain {
  readonly store: PostgresqlStore;
  readonly schema: string;
  /** Additions that were acknowledged, and those that may have been made. */
  acknowledged: number;
  unknown: number;
}

const COUNTER = 1_000;
const ADD = `UPDATE leads SET comments = comments::integer + 1 WHERE lead_id = ${COUNTER} RETURNING first_name, current_schema()`;
const SLEEP = 'SELECT pg_sleep(0.005), current_schema()';

/** To be closed after a test, however it ends. */
const opened: TestDomain[] = [];

async function openDomains(
  servers: Pick<PostgresqlServer, 'host' | 'port'>,
  count: number,
  databaseConnections = BOUND,
): Promise<readonly TestDomain[]> {
  const shared = createSharedServers();
  const domains = Array.from({ length: count }, (): TestDomain => {
    const config = postgresqlConfig(servers, { databaseConnections });
    const store = openPostgresql(config, { mayMigrate: true, shared });
    return { store, schema: config.database.schema, acknowledged: 0, unknown: 0 };
  });
  opened.push(...domains);
  // One after the other: to make a store takes as long as hundreds of transactions.
  for (const domain of domains) await fill(domain);
  return domains;
}

async function fill({ store, schema }: TestDomain): Promise<void> {
  const leads = Array.from({ length: LEADS }, (_, at) => ({
    ...{ lead_id: at + 1, list_id: 1, first_name: schema, phone_number: `333000000${at}` },
  }));
  const counter = { lead_id: COUNTER, list_id: 1, first_name: schema, comments: '0' };
  await fillPostgresql(store, {
    lists: [{ list_id: 1, name: schema }],
    leads: [...leads, counter],
    users: [],
  });
  await addUser(store, { name: 'ana', password: { verifier: `of ${schema}` } });
}

const closeAll = () => Promise.all(opened.splice(0).map(({ store }) => store.close()));

/** What a domain asks: each rejects with a DatabaseFailure, or an answer was another domain's. */
type Ask = (domain: TestDomain, random: SeededRandom) => Promise<void>;

class Undone extends Error {}

/** Nothing was done: it waited too long for its turn, as beside other load. */
const isBusy = (cause: unknown) => cause instanceof DatabaseFailure && cause.kind === 'busy';

/** By an Undone the transaction is rolled back. */
async function addInTransaction(
  domain: TestDomain,
  then: (transaction: Transaction) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  // Whether it is certain that nothing was done.
  const outcome = { isUndone: false };
  try {
    await domain.store.database.transaction(async (transaction) => {
      const rows = await transaction.run(ADD, []);
      assert.deepEqual(rows, [[domain.schema, domain.schema]]);
      await then(transaction).catch((cause: unknown) => {
        outcome.isUndone = true;
        throw cause;
      });
    });
    domain.acknowledged += 1;
  } catch (cause) {
    if (!outcome.isUndone && !isBusy(cause)) domain.unknown += 1;
    if (!(cause instanceof Undone)) throw cause;
  }
}

const ASKS: readonly Ask[] = [
  async ({ store, schema }, random) => {
    const query = parseQuery({ leadId: String(random.below(LEADS) + 1) }, 'MX');
    assert.ok('by' in query);
    const snapshot = await store.accounts.read('ana', { query, verifier: `of ${schema}` });
    assert.equal(snapshot.account?.verifier, `of ${schema}`);
    const found = await store.leads.find(query, snapshot);
    assert.equal(found?.lead.first_name, schema);
  },
  async ({ store, schema }, random) => {
    const rows = await store.database.read(
      'SELECT first_name, current_schema() FROM leads WHERE lead_id = $1',
      [random.below(LEADS) + 1],
    );
    assert.deepEqual(rows, [[schema, schema]]);
  },
  async (domain) => {
    const rows = await domain.store.database.write(ADD, []).catch((cause: unknown) => {
      if (!isBusy(cause)) domain.unknown += 1;
      throw cause;
    });
    assert.deepEqual(rows, [[domain.schema, domain.schema]]);
    domain.acknowledged += 1;
  },
  (domain) => addInTransaction(domain),
  (domain) => addInTransaction(domain, () => Promise.reject(new Undone())),
  // The server refuses a statement in the middle.
  (domain) =>
    addInTransaction(domain, async ({ run }) => {
      await assert.rejects(run('SELECT 1 / 0', []), DatabaseFailure);
      throw new Undone();
    }),
  // Its time is over.
  (domain) =>
    addInTransaction(domain, async ({ run }) => {
      await run(`SELECT set_config('statement_timeout', '5', true)`, []);
      await assert.rejects(run('SELECT pg_sleep(1)', []), DatabaseFailure);
      throw new Undone();
    }),
  // What comes after its end goes nowhere.
  async (domain) => {
    let late: Transaction | undefined;
    await addInTransaction(domain, async (transaction) => {
      late = transaction;
      return Promise.reject(new Undone());
    });
    await assert.rejects(async () => late?.run(ADD, []), /the transaction is over/);
  },
  async ({ store, schema }) => {
    const [[, found] = []] = await store.database.read(SLEEP, []);
    assert.equal(found, schema);
  },
];

/** @returns the failures of the database */
async function askAll(
  domains: readonly TestDomain[],
  count: number,
  seed: string,
): Promise<readonly DatabaseFailure[]> {
  const random = new SeededRandom(seed);
  const failures: DatabaseFailure[] = [];
  const users = Array.from({ length: CALLERS }, async () => {
    for (let at = 0; at < count / CALLERS; at += 1) {
      const ask = random.pick(ASKS);
      await ask(random.pick(domains), random).catch((cause: unknown) => {
        const failure =
          cause instanceof Error && cause.cause instanceof DatabaseFailure ? cause.cause : cause;
        if (!(failure instanceof DatabaseFailure)) throw cause;
        failures.push(failure);
      });
    }
  });
  await Promise.all(users);
  return failures;
}

/** Nothing that was acknowledged is missing, and nothing is there that was rolled back. */
async function checkCounters(domains: readonly TestDomain[]): Promise<void> {
  for (const { store, schema, acknowledged, unknown } of domains) {
    const rows = await store.database.read(
      `SELECT comments::integer, first_name FROM leads WHERE lead_id = ${COUNTER}`,
      [],
    );
    const [[rank, name] = []] = rows;
    assert.equal(name, schema);
    assert.ok(
      Number(rank) >= acknowledged && Number(rank) <= acknowledged + unknown,
      `${schema}: ${String(rank)}`,
    );
  }
}

const openOf = (domains: readonly TestDomain[]) =>
  domains.reduce((sum, { store }) => sum + store.database.connections(), 0);

describe('domains whose schemas are in one database', { skip: postgresqlSkip, timeout: 240_000 }, () => {
  let server: PostgresqlServer;
  before(async () => {
    server = await startPostgresql();
    await createDatabaseFor(server);
  });
  afterEach(closeAll);
  after(() => server.stop());

  /** Connections of ours that the server has while something is done, at most. */
  async function mostDuring(work: () => Promise<unknown>): Promise<number> {
    const client = new Client({ host: server.host, port: server.port, ...ACCOUNT, database: 'calls' });
    await client.connect();
    let [most, isDone] = [0, false];
    const watch = async () => {
      while (!isDone) {
        const { rows } = await client.query<{ count: number }>(
          `SELECT count(*)::integer FROM pg_stat_activity WHERE application_name = 'callercard'`,
        );
        most = Math.max(most, rows[0]?.count ?? 0);
      }
    };
    await Promise.all([watch(), work().finally(() => (isDone = true))]);
    await client.end();
    return most;
  }

  it('share a few connections, and see nothing of each other', async () => {
    let domains: readonly TestDomain[] = [];
    const most = await mostDuring(async () => {
      domains = await openDomains(server, DOMAINS);
      const failures = await askAll(domains, 1_500, 'shared');
      assert.deepEqual(
        failures.filter((failure) => !isBusy(failure)),
        [],
      );
    });
    assert.ok(most <= 2 * BOUND, `${most} connections`);
    assert.equal(openOf(domains), 2 * BOUND);
    await checkCounters(domains);
    assert.deepEqual(
      domains.map(({ unknown }) => unknown),
      domains.map(() => 0),
    );
    await closeAll();
    await until('all connections are closed', async () => {
      const sql = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'callercard'`;
      return (await server.runSql(sql)) === '0';
    });
  });

  it('see nothing of each other either where statements are cancelled and sessions are ended', async () => {
    const domains = await openDomains(server, DOMAINS);
    let isDone = false;
    const disturb = async () => {
      for (let round = 0; !isDone; round += 1) {
        const how = round % 4 === 3 ? 'pg_terminate_backend' : 'pg_cancel_backend';
        await server.runSql(
          `SELECT ${how}(pid) FROM pg_stat_activity WHERE application_name = 'callercard' ORDER BY random() LIMIT 3`,
        );
        assert.ok(openOf(domains) <= 2 * BOUND);
      }
    };
    const [failures] = await Promise.all([
      askAll(domains, 1_200, 'disturbed').finally(() => (isDone = true)),
      disturb(),
    ]);
    assert.ok(failures.length > 0, 'nothing was disturbed');
    await until('all are used again', () =>
      checkCounters(domains).then(
        () => true,
        (cause: unknown) => {
          if (cause instanceof DatabaseFailure) return false;
          throw cause;
        },
      ),
    );
  });

  it('47: leave others their turns, however much one of them asks', async () => {
    const domains = await openDomains(server, 4, 2);
    const [quiet, ...loud] = domains;
    assert.ok(quiet);
    let isDone = false;
    const flood = loud.flatMap(({ store }) =>
      Array.from({ length: 100 }, async (_, at) => {
        const ask = () =>
          at % 10 === 0
            ? store.database.transaction(({ run }) => run(SLEEP, []))
            : store.database.read('SELECT pg_sleep(0.002)', []);
        while (!isDone) await ask().catch(() => undefined);
      }),
    );
    const asks = ASKS.slice(0, 4);
    const random = new SeededRandom('quiet');
    try {
      for (let at = 0; at < 6; at += 1) for (const ask of asks) await ask(quiet, random);
    } finally {
      isDone = true;
      await Promise.all(flood);
    }
  });
});

describe('domains behind PgBouncer', { skip: postgresqlSkip || pgbouncerSkip, timeout: 240_000 }, () => {
  it('share connections that run each transaction in another session', async () => {
    const server = await startPostgresql();
    await createDatabaseFor(server);
    const pooler = await startPgbouncer(server, ACCOUNT, 3);
    const domains = await openDomains(pooler, DOMAINS);
    const failures = await askAll(domains, 600, 'pooled');
    assert.deepEqual(
      failures.filter((failure) => !isBusy(failure)),
      [],
    );
    assert.ok(openOf(domains) <= 2 * BOUND);
    await checkCounters(domains);
    await closeAll();
    await pooler.stop();
    await server.stop();
  });
});
