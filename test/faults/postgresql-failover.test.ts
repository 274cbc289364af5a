import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { createApp } from '../../src/app.ts';
import { verifyChains } from '../../src/audit/verify.ts';
import { readAuditTable } from '../../src/stores/store-schemas.ts';
import type { PostgresqlConfig } from '../../src/stores/postgresql/address.ts';
import { createDatabaseFor, openFilled, postgresqlConfig } from '../stores/postgresql/filled-store.ts';
import { DISTINCT_LEADS, recordLeads } from '../support/distinct-leads.ts';
import { startLeadWriters } from '../support/load/lead-writers.ts';
import { startTraffic, wordsOf } from '../support/load/traffic.ts';
import { postgresqlSkip, type PostgresqlServer } from '../support/postgresql-server.ts';
import { startWithStandby } from '../support/synchronous-standby.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { timeOf, until } from '../support/until.ts';
import { createWatchedLog } from '../support/watched-log.ts';
import { ANSWERED_MS, BACK_MS, HANGS_MS } from './fault-limits.ts';

const CLIENTS = 8;

describe(
  'a PostgreSQL server with a synchronous standby',
  { skip: postgresqlSkip, timeout: HANGS_MS },
  () => {
    it('37: is killed under load: the promoted standby is used, and no acknowledged write is lost', (t) =>
      failOver(t, 'killed'));

    it('37: is frozen under load: the promoted standby is used, and no acknowledged write is lost', (t) =>
      failOver(t, 'frozen'));
  },
);

async function failOver(t: TestContext, how: 'killed' | 'frozen'): Promise<void> {
  const { primary, standby } = await startWithStandby(createDatabaseFor);
  // The standby first: it has to be left out until it is promoted.
  const config = postgresqlConfig([standby, primary], { rateLimit: 100_000, enumerationLimit: 100_000 });
  const store = await openFilled(config, DISTINCT_LEADS);
  const watched = createWatchedLog();
  // In the database answers wait for the standby to have their records, too.
  const audit = how === 'killed' ? 'database' : join(temporaryFolder(), 'audit');
  const app = createApp({ ...config, audit }, { log: watched.log });
  const url = await app.listen();
  const traffic = startTraffic(url, await recordLeads(url), { clients: CLIENTS });
  const writers = startLeadWriters(store);
  try {
    await traffic.untilRight(100);
    await until('something is written', () => writers.acknowledged.size >= 20);
    let { right } = traffic.take();
    if (how === 'killed') await primary.kill();
    else primary.freeze();
    await traffic.untilRefused();
    const promoted = await timeOf(() => standby.runSql('SELECT pg_promote()'));
    const back = await timeOf(() => traffic.untilRight());
    const more = (count: number) => writers.acknowledged.size + count;
    const again = more(5);
    await until('it is written again', () => writers.acknowledged.size >= again);
    const came = traffic.take();
    right += came.right;
    // Until this store's own lookups have found the old primary failed: its transactions alone do not tell.
    await until('the old primary is left out', async () => {
      await store.accounts.read('crm').catch(() => undefined);
      return store.database.pool.servers[1]?.failure !== undefined;
    });
    // What was frozen is a primary still, and nobody stops it; it would take writes that are lost.
    if (how === 'frozen') primary.thaw();
    const later = more(20);
    await until('more is written', () => writers.acknowledged.size >= later);
    await traffic.untilRight(100);
    assert.ok(store.database.pool.servers[1]?.failure !== undefined, 'the old primary is used again');
    await writers.stop();
    t.diagnostic(
      `promoted in ${Math.round(promoted)} ms, right again ${Math.round(back)} ms later, ${wordsOf(came)}; writes acknowledged: ${writers.acknowledged.size}`,
    );
    assert.deepEqual(came.wrong, []);
    assert.ok(back <= BACK_MS, `${back} ms`);
    assert.ok(came.slowestMs <= ANSWERED_MS, `${came.slowestMs} ms`);
    if (audit === 'database') await checkRecords(config, standby, right);
    const ids = [...writers.acknowledged].join(', ');
    const kept = await standby.runSql(
      `SELECT count(*) FROM ${config.database.schema}.leads WHERE lead_id IN (${ids})`,
      'calls',
    );
    assert.equal(Number(kept), writers.acknowledged.size);
  } finally {
    await Promise.all([traffic.stop(), writers.stop()]);
    await Promise.all([app.close(), store.close()]);
    // Frozen it would not end.
    if (how === 'frozen') primary.thaw();
    await Promise.all([primary.stop(), standby.stop()]);
  }
  watched.check();
}

/** That each answer has its record, in chains without a gap. */
async function checkRecords(
  config: PostgresqlConfig,
  server: PostgresqlServer,
  answers: number,
): Promise<void> {
  const table = readAuditTable({ ...config, database: { ...config.database, servers: [server] } });
  try {
    const chains = await Array.fromAsync(verifyChains(table, new Map(), () => undefined));
    for (const { bad, notes } of chains) assert.deepEqual([bad, notes], [undefined, []]);
    const records = chains.reduce((sum, chain) => sum + chain.records, 0);
    assert.ok(records >= answers, `${records} records of ${answers} answers`);
  } finally {
    await table.close();
  }
}
