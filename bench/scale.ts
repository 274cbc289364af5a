/**
 * `npm run bench:scale -- [DOMAINS]`: what one server holds for each of 40 domains in one PostgreSQL, each with a schema and leads of
 * its own: memory, connections, open files, CPU while nobody asks, and what a lookup in a domain takes that is not open. BENCH_ROWS in
 * the environment are the leads of a domain. docs/scale.md says what follows from it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { writeTable } from '../src/process/terminal.ts';
import { createDatabaseFor } from '../test/stores/postgresql/filled-store.ts';
import { ROOT } from '../test/support/command.ts';
import { startPostgresql, type PostgresqlServer } from '../test/support/postgresql-server.ts';
import { temporaryFolder } from '../test/support/test-app.ts';
import { writeLeads } from './import/file.ts';
import { BENCH_FOLDER } from './lookups/store.ts';
import { median, spreadOf } from './measure/statistics.ts';
import { addressOf, makeDomains, nameOf } from './scale/domains.ts';
import { startInstance, type Instance } from './scale/instance.ts';

const DOMAINS = Number(process.argv[2] ?? 40);
const ROWS = Number(process.env.BENCH_ROWS ?? 2_000);
/** Of a lookup's connections and a transaction's, for each domain. */
const MOST_CONNECTIONS = 10;
const STEPS = [0, 0.25, 0.5, 1].map((share) => Math.round(share * DOMAINS));
const IDLE_SECONDS = 10;
const DATABASE_SETTINGS = [
  `max_connections=${DOMAINS * MOST_CONNECTIONS + 20}`,
  'shared_buffers=128MB',
  // Each table and index of each schema that a session locks.
  'max_locks_per_transaction=256',
];

const database = await startPostgresql({ settings: DATABASE_SETTINGS });
const folder = temporaryFolder();
try {
  await createDatabaseFor(database);
  await importFirst(database);
  const made = await makeDomains(database, folder, DOMAINS);
  console.log(`a schema is made in ${median(made).toFixed(0)} ms`);
  await reportSizes(database);
  await reportOpen(await startInstance(database, folder, DOMAINS, DOMAINS));
  await reportTurns(await startInstance(database, folder, DOMAINS));
} finally {
  await database.stop();
}

async function importFirst({ host, port }: PostgresqlServer): Promise<void> {
  const file = join(BENCH_FOLDER, `leads-${ROWS}.csv`);
  mkdirSync(BENCH_FOLDER, { recursive: true });
  if (!existsSync(file)) await writeLeads(file, ROWS);
  execFileSync(
    process.execPath,
    [join(ROOT, 'bin', 'callercard'), 'import', file, '--database', addressOf(`${host}:${port}`, 1)],
    { cwd: folder, stdio: 'ignore' },
  );
}

/** Bytes of a lead, its numbers, words and indexes among them. */
async function reportSizes(server: PostgresqlServer): Promise<void> {
  const rows = await server.runSql(
    `SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = '${nameOf(1)}'::regnamespace
     ORDER BY 2 DESC LIMIT 5`,
    'calls',
  );
  const relations = await server.runSql(
    `SELECT count(*) FROM pg_class WHERE relnamespace = '${nameOf(1)}'::regnamespace`,
    'calls',
  );
  console.log(`a schema has ${relations.trim()} tables, indexes and sequences`);
  console.log(`bytes of a lead, of ${ROWS.toLocaleString('en')} in a domain, by table:`);
  for (const row of rows.trim().split('\n')) {
    const [table, bytes] = row.split('|');
    console.log(`  ${table}: ${(Number(bytes) / ROWS).toFixed(0)}`);
  }
}

/** What is held while more and more domains are open. */
async function reportOpen(instance: Instance): Promise<void> {
  const rows: string[][] = [];
  let open = 0;
  const first: number[] = [];
  for (const step of STEPS) {
    for (; open < step; open += 1) first.push(await instance.lookUp(open + 1));
    await pause(2_000);
    const [held, before] = [await instance.held(), instance.cpu()];
    await pause(IDLE_SECONDS * 1000);
    const after = instance.cpu();
    const idle = (of: 'server' | 'database') => ((after[of] - before[of]) / IDLE_SECONDS / 1e4).toFixed(1);
    rows.push([
      String(open),
      held.megabytes.toFixed(0),
      String(held.files),
      String(held.connections),
      held.databaseMegabytes.toFixed(0),
      `${idle('server')} %`,
      `${idle('database')} %`,
    ]);
  }
  const head = [
    'domains open',
    'MB',
    'open files',
    'connections',
    'MB of the database',
    'CPU of a core, idle',
    "the database's",
  ];
  console.log(writeTable(head, rows));
  const warm: number[] = [];
  for (let domain = 1; domain <= open; domain += 1) warm.push(await instance.lookUp(domain));
  console.log(`a first lookup, with its login: ${inMs(first)}; the next one: ${inMs(warm)}`);
  await instance.stop();
}

/** Domains in turn, of which fewer are open at a time than there are: each lookup opens one and closes another. */
async function reportTurns(instance: Instance): Promise<void> {
  const [first, again]: [number[], number[]] = [[], []];
  for (const times of [first, again]) {
    for (let domain = 1; domain <= DOMAINS; domain += 1) times.push(await instance.lookUp(domain));
  }
  const held = await instance.held();
  console.log(
    `all domains in turn, as many open as the product keeps: a lookup opens its domain in ${inMs(again)}; ${held.connections} connections, ${held.megabytes.toFixed(0)} MB`,
  );
  await instance.stop();
}

function inMs(times: readonly number[]): string {
  const { median: middle, high } = spreadOf(times);
  return `${middle.toFixed(1)} ms (at most ${high.toFixed(0)})`;
}
