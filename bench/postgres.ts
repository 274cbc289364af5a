/**
 * `npm run bench:postgres -- [LEADS] [--write]`: an import of a million leads into a store in PostgreSQL, beside COPY of the same rows
 * into the same tables, and lookups from it, beside a bare server with one prepared statement on the same connector. One run, the
 * audit in files. `--write` puts the tables into docs/performance.md. BENCH_SECONDS in the environment makes it longer or shorter.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { writeTable } from '../src/process/terminal.ts';
import { ACCOUNT, createDatabaseFor } from '../test/stores/postgresql/filled-store.ts';
import { type PostgresqlServer, startPostgresql } from '../test/support/postgresql-server.ts';
import { BENCH_FOLDER } from './lookups/store.ts';
import { CONNECTIONS } from './measure/figures.ts';
import { machineFacts } from './measure/machine.ts';
import { markdownTable, writePagePart } from './page/page.ts';
import { type ImportFigures, measureImports } from './postgres/imports.ts';
import { type LookupFigures, measureLookups } from './postgres/lookups.ts';

/** Of an import, in times as long as COPY takes. */
const GOAL_IMPORT = 2.5;

const [given = '1000000'] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const leads = Number(given);
if (!Number.isSafeInteger(leads) || leads < 1) throw new Error(`${given} is no number of leads`);
const isWritten = process.argv.includes('--write');

/** As an operator would set it for a store of this size: what is committed is on the disk. */
const SETTINGS = ['shared_buffers=512MB', 'max_wal_size=4GB', 'checkpoint_timeout=15min'];

const server = await startPostgresql({ isDurable: true, settings: SETTINGS });
const folder = join(BENCH_FOLDER, `postgres-${process.pid}`);
mkdirSync(folder, { recursive: true });
try {
  await createDatabaseFor(server);
  const address = `postgres://${ACCOUNT.user}:${encodeURIComponent(ACCOUNT.password)}@127.0.0.1:${server.port}/calls`;
  const imported = await measureImports(server, address, leads, folder);
  const lookups = await measureLookups(server, address, leads, folder);
  await report(server, imported, lookups);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function report(
  postgresql: PostgresqlServer,
  imported: ImportFigures,
  lookups: readonly LookupFigures[],
): Promise<void> {
  const [bare] = lookups;
  const whole = (figure: number) => Math.round(figure).toLocaleString('en');
  const lookupHead = [
    ...['server', 'lookups/s', 'of the bare server', 'p50 ms', 'p99 ms'],
    ...['CPU us/lookup', 'CPU of PostgreSQL us/lookup', 'statements/lookup'],
  ];
  const lookupRows = lookups.map((one) => [
    ...[one.name, whole(one.perSecond), (one.perSecond / (bare?.perSecond ?? NaN)).toFixed(2)],
    ...[one.p50.toFixed(2), one.p99.toFixed(2), one.cpuMicroseconds.toFixed(1)],
    ...[one.serverMicroseconds.toFixed(1), one.statements.toFixed(3)],
  ]);
  const importHead = ['import', 'seconds', 'of COPY', 'CPU of PostgreSQL s', 'CPU of ours s'];
  const importRows = [imported.copy, imported.first, imported.again].map(
    ({ name, seconds, serverSeconds, ownSeconds }) => [
      ...[name, seconds.toFixed(1), (seconds / imported.copy.seconds).toFixed(2)],
      ...[serverSeconds.toFixed(1), ownSeconds === undefined ? '' : ownSeconds.toFixed(1)],
    ],
  );
  const version = (await postgresql.runSql('SHOW server_version')).split(' ')[0] ?? '';
  const facts = [
    `${leads.toLocaleString('en')} leads, ${CONNECTIONS} connections, one run, PostgreSQL ${version} on the same machine; ${new Date().toISOString().slice(0, 10)}`,
    ...machineFacts(),
  ];
  console.log(
    [writeTable(lookupHead, lookupRows), writeTable(importHead, importRows), ...facts].join('\n\n'),
  );
  const ratio = imported.first.seconds / imported.copy.seconds;
  console.log(`import by COPY: ${ratio.toFixed(2)}; asked: at most ${GOAL_IMPORT}`);
  if (ratio > GOAL_IMPORT) process.exitCode = 1;
  if (!isWritten) return;
  const tables = [markdownTable(lookupHead, lookupRows), markdownTable(importHead, importRows)];
  writePagePart('postgres', [...facts.map((fact) => `- ${fact}`), '', tables.join('\n\n')].join('\n'));
}
