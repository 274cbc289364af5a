import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { ENGLISH } from '../../src/cli/words/import-en.ts';
import { openPostgresql } from '../../src/stores/postgresql/open-postgresql.ts';
import { plainEnvironment, ROOT } from '../../test/support/command.ts';
import { postgresqlConfig } from '../../test/stores/postgresql/filled-store.ts';
import type { PostgresqlServer } from '../../test/support/postgresql-server.ts';
import { writeLeads } from '../import/file.ts';
import { BENCH_FOLDER } from '../lookups/store.ts';
import { cpuOfServer } from './cpu.ts';

export interface OneImport {
  readonly name: string;
  readonly seconds: number;
  readonly serverSeconds: number;
  /** Of the command; undefined: PostgreSQL does it alone. */
  readonly ownSeconds: number | undefined;
}

export interface ImportFigures {
  readonly copy: OneImport;
  readonly first: OneImport;
  /** The same file once more: every lead is met and none changes. */
  readonly again: OneImport;
}

/** The tables that an import of new leads fills, with the columns that are not computed. */
const FILLED: Readonly<Record<string, string>> = {
  leads: '*',
  lead_numbers: '*',
  search_texts: 'lead_id, text',
};

/** Leaves the leads in the schema `callercard`, as the tables of an installation that has run for a while. */
export async function measureImports(
  server: PostgresqlServer,
  address: string,
  leads: number,
  folder: string,
): Promise<ImportFigures> {
  const file = join(BENCH_FOLDER, `leads-${leads}.csv`);
  if (!existsSync(file)) await writeLeads(file, leads);
  const first = await importFile('callercard import', server, address, file, folder);
  const again = await importFile('the same file again', server, address, file, folder);
  const found = Number(await server.runSql('SELECT count(*) FROM callercard.leads', 'calls'));
  if (found !== leads) throw new Error(`${found} leads were imported, not ${leads}`);
  const copy = await copyRows(server);
  await server.runSql('VACUUM ANALYZE', 'calls');
  return { copy, first, again };
}

async function importFile(
  name: string,
  server: PostgresqlServer,
  address: string,
  file: string,
  cwd: string,
): Promise<OneImport> {
  const before = cpuOfServer(server);
  const started = performance.now();
  const command = [join(ROOT, 'bin', 'callercard'), 'import', file, '--json'];
  // The shell says what the command had of the processor.
  const child = spawn(
    'bash',
    ['-c', 'TIMEFORMAT="own %U %S"; time "$0" "$@"', process.execPath, ...command],
    {
      cwd,
      env: plainEnvironment({ CALLERCARD_DATABASE: address }),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = once(child, 'close') as Promise<[number | null]>;
  const said = await text(child.stderr);
  const [code] = await ended;
  if (code !== 0) throw new Error(`the import ended with ${String(code)}: ${said}`);
  const [, user = NaN, system = NaN] = /^own ([\d.]+) ([\d.]+)$/m.exec(said) ?? [];
  return {
    name: said.includes(ENGLISH.indexing) ? `${name}, with its index of words` : name,
    seconds: (performance.now() - started) / 1000,
    serverSeconds: (cpuOfServer(server) - before) / 1e6,
    ownSeconds: Number(user) + Number(system),
  };
}

/** From files of the server's own, into the tables of another store, with their indexes. */
async function copyRows(server: PostgresqlServer): Promise<OneImport> {
  const config = postgresqlConfig(server);
  const store = openPostgresql(config, { mayMigrate: true });
  await store.begin?.();
  await store.close();
  const { schema } = config.database;
  const pathOf = (table: string) => join(server.folder, `${table}.copy`);
  const tables = Object.entries(FILLED);
  await server.runSql(
    tables
      .map(([table, columns]) => `COPY (SELECT ${columns} FROM callercard.${table}) TO '${pathOf(table)}';`)
      .join('\n'),
    'calls',
  );
  const copies = tables.map(([table, columns]) => {
    const named = columns === '*' ? '' : ` (${columns})`;
    return `COPY ${schema}.${table}${named} FROM '${pathOf(table)}';`;
  });
  const before = cpuOfServer(server);
  const started = performance.now();
  await server.runSql(copies.join('\n'), 'calls');
  const seconds = (performance.now() - started) / 1000;
  const serverSeconds = (cpuOfServer(server) - before) / 1e6;
  await server.runSql(`DROP SCHEMA ${schema} CASCADE`, 'calls');
  return {
    name: 'COPY of the same rows into the same tables',
    seconds,
    serverSeconds,
    ownSeconds: undefined,
  };
}
