/**
 * `npm run bench:postgres -- [LEADS] [--write]`: an import of a million leads into a store in PostgreSQL, beside COPY of the same rows
 * into the same tables, and lookups from it, beside a bare server with one prepared statement on the same connector. One run, the
 * audit in files. `--sizes` compares 10,000,000 leads with 10,000 instead. `--write` puts the tables into docs/performance.md.
 * BENCH_SECONDS in the environment makes rounds longer or shorter.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { writeTable } from '../src/process/terminal.ts';
import { ACCOUNT, createDatabaseFor } from '../test/stores/postgresql/filled-store.ts';
import { type PostgresqlServer, startPostgresql } from '../test/support/postgresql-server.ts';
import { BENCH_FOLDER } from './lookups/store.ts';
import { CONNECTIONS } from './measure/figures.ts';
import { machineFacts } from './measure/machine.ts';
import { writeSpread } from './measure/statistics.ts';
import { markdownTable, type PagePart, writePagePart } from './page/page.ts';
import { type ImportFigures, measureImports } from './postgres/imports.ts';
import { type LookupFigures, measureLookups } from './postgres/lookups.ts';
import { measureSizes } from './postgres/sizes.ts';

/** Of an import, in times as long as COPY takes. */
const GOAL_IMPORT = 2.5;
/** Lookups a second from many leads, of those from few. */
const GOAL_SIZES = 0.9;

const [given = '1000000'] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const leads = Number(given);
if (!Number.isSafeInteger(leads) || leads < 1) throw new Error(`${given} is no number of leads`);
const isWritten = process.argv.includes('--write');

const isOfSizes = process.argv.includes('--sizes');
/** As an operator would set it for stores of these sizes: what is committed is on the disk. */
const SETTINGS = [
  `shared_buffers=${isOfSizes ? '6GB' : '512MB'}`,
  ...['max_wal_size=4GB', 'checkpoint_timeout=15min'],
];

const server = await startPostgresql({ isDurable: true, settings: SETTINGS });
const folder = join(BENCH_FOLDER, `postgres-${process.pid}`);
mkdirSync(folder, { recursive: true });
try {
  await createDatabaseFor(server);
  const address = `postgres://${ACCOUNT.user}:${encodeURIComponent(ACCOUNT.password)}@127.0.0.1:${server.port}/calls`;
  if (isOfSizes) {
    await reportSizes(server, await measureSizes(server, address, folder));
  } else {
    const imported = await measureImports(server, address, leads, folder);
    const lookups = await measureLookups(server, address, leads, folder);
    await report(server, imported, lookups);
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function lookupTable(lookups: readonly LookupFigures[], first: string): Table {
  const whole = (figure: number) => Math.round(figure).toLocaleString('en');
  return {
    head: [
      ...['server', 'lookups/s', `of ${first}`, 'p50 ms', 'p99 ms'],
      ...['CPU us/lookup', 'CPU of PostgreSQL us/lookup', 'statements/lookup'],
    ],
    rows: lookups.map((one) => [
      ...[one.name, whole(one.perSecond), writeSpread(one.ofFirst)],
      ...[one.p50.toFixed(2), one.p99.toFixed(2), one.cpuMicroseconds.toFixed(1)],
      ...[one.serverMicroseconds.toFixed(1), one.statements.toFixed(3)],
    ]),
  };
}

function importTable({ copy, first, again }: ImportFigures): Table {
  return {
    head: ['import', 'seconds', 'of COPY', 'CPU of PostgreSQL s', 'CPU of ours s'],
    rows: [copy, first, again].map(({ name, seconds, serverSeconds, ownSeconds }) => [
      ...[name, seconds.toFixed(1), (seconds / copy.seconds).toFixed(2)],
      ...[serverSeconds.toFixed(1), ownSeconds === undefined ? '' : ownSeconds.toFixed(1)],
    ]),
  };
}

async function report(
  postgresql: PostgresqlServer,
  imported: ImportFigures,
  lookups: readonly LookupFigures[],
): Promise<void> {
  const tables = [lookupTable(lookups, 'the bare server'), importTable(imported)];
  await publish(postgresql, 'postgres', `${leads.toLocaleString('en')} leads`, tables);
  const ratio = imported.first.seconds / imported.copy.seconds;
  console.log(`import by COPY: ${ratio.toFixed(2)}; asked: at most ${GOAL_IMPORT}`);
  if (ratio > GOAL_IMPORT) process.exitCode = 1;
}

async function reportSizes(postgresql: PostgresqlServer, lookups: readonly LookupFigures[]): Promise<void> {
  await publish(postgresql, 'postgres-sizes', 'every second lookup by number', [
    lookupTable(lookups, 'the small store'),
  ]);
  const ratio = lookups[1]?.ofFirst.median ?? NaN;
  console.log(`many leads against few: ${ratio.toFixed(2)}; asked: at least ${GOAL_SIZES}`);
  if (!(ratio >= GOAL_SIZES)) process.exitCode = 1;
}

async function publish(
  postgresql: PostgresqlServer,
  part: PagePart,
  what: string,
  tables: readonly Table[],
): Promise<void> {
  const version = (await postgresql.runSql('SHOW server_version')).split(' ')[0] ?? '';
  const facts = [
    `${what}, ${CONNECTIONS} connections, one run of alternating rounds (medians; the ratio with its lowest and highest), PostgreSQL ${version} on the same machine; ${new Date().toISOString().slice(0, 10)}`,
    ...machineFacts(),
  ];
  console.log([...tables.map(({ head, rows }) => writeTable(head, rows)), ...facts].join('\n\n'));
  if (!isWritten) return;
  const written = tables.map(({ head, rows }) => markdownTable(head, rows));
  writePagePart(part, [...facts.map((fact) => `- ${fact}`), '', written.join('\n\n')].join('\n'));
}
