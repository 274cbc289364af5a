import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { writeTable } from '../../src/process/terminal.ts';
import { mariadbSkip } from '../../test/support/mariadb-server.ts';
import { dialerCandidates } from '../dialer/candidates.ts';
import { createDatabaseCosts, type DatabaseCost } from '../dialer/database-cost.ts';
import { startBenchDialer, stopBenchDialer } from '../dialer/server.ts';
import { embeddedCandidates } from '../lookups/candidates.ts';
import { ensureBenchStore, LEADS } from '../lookups/store.ts';
import { compare, pairedRatio, type Candidate, type Measured } from '../measure.ts';
import { forkServer, type StartServer } from '../measure/servers.ts';
import { spreadOf, writeSpread, type Spread } from '../measure/statistics.ts';
import { checkOut, type OtherTree } from './other-tree.ts';

/** One kind of lookup, by this commit and by the other. */
export interface ComparedRow {
  readonly what: string;
  /** What this commit has, times what the other has: the median of neighbouring rounds, with the lowest and the highest. */
  readonly perSecond: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
  readonly cpu: Spread;
  /** The same of the database's CPU time, and the statements of a lookup of both. */
  readonly database?: { readonly cpu: Spread; readonly statements: Spread; readonly statementsThere: Spread };
  readonly lookups: readonly [here: number, there: number];
}

interface Pair {
  readonly what: string;
  readonly here: Candidate;
  readonly there: Candidate;
}

/** This commit against another, in pairs of rounds. Standard error gets the progress. */
export async function runCompare(
  revision: string,
): Promise<{ commit: string; rows: readonly ComparedRow[] }> {
  const other = checkOut(revision);
  try {
    const rows = [...(await compareEmbedded(other)), ...(await compareDialer(other))];
    return { commit: other.commit, rows };
  } finally {
    other.remove();
  }
}

export function writeCompared({ commit, rows }: Awaited<ReturnType<typeof runCompare>>): string {
  const head = ['lookups', 'here/s', `${commit}/s`, 'times as many', 'p50', 'p99', 'CPU'];
  const cells = rows.map(({ what, lookups, perSecond, p50, p99, cpu }) => [
    what,
    ...lookups.map((one) => Math.round(one).toLocaleString('en')),
    ...[perSecond, p50, p99, cpu].map((one) => writeSpread(one)),
  ]);
  const database = rows.flatMap(({ what, database: cost }) =>
    cost === undefined
      ? []
      : [[what, writeSpread(cost.cpu), writeSpread(cost.statements), writeSpread(cost.statementsThere)]],
  );
  const databaseHead = ["of the database's work", 'CPU', 'statements a lookup', `at ${commit}`];
  const note = 'Ratios: this commit divided by the other, median of neighbouring rounds (lowest to highest).';
  return [writeTable(head, cells), writeTable(databaseHead, database), note].join('\n\n');
}

async function compareEmbedded(other: OtherTree): Promise<readonly ComparedRow[]> {
  const here = embeddedCandidates(await ensureBenchStore(), LEADS);
  // A store of its own: another version may have other tables.
  makeStore(other.folder);
  const store = join(other.folder, '.bench', `leads-${LEADS}.db`);
  const start: StartServer = () =>
    forkServer(join(other.folder, 'bench', 'lookups', 'target.ts'), ['callercard', store]);
  return comparePairs([
    { what: 'embedded, by lead_id', here: here.lead, there: { ...here.lead, start } },
    { what: 'embedded, by number', here: here.phone, there: { ...here.phone, start } },
  ]);
}

function makeStore(folder: string): void {
  const script = "await (await import('./bench/lookups/store.ts')).ensureBenchStore()";
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, stdio: 'inherit' });
}

async function compareDialer({ folder }: OtherTree): Promise<readonly ComparedRow[]> {
  if (mariadbSkip !== false) throw new Error(mariadbSkip);
  const server = await startBenchDialer(LEADS);
  try {
    const { lead, phone } = dialerCandidates(server, LEADS);
    const args = ['callercard', server.host, String(server.port), String(LEADS)];
    const start: StartServer = () => forkServer(join(folder, 'bench', 'dialer', 'target.ts'), args);
    const pairs = [
      ['MariaDB, by lead_id', lead],
      ['MariaDB, by number', phone],
      ['MariaDB, by lead_id, 1 connection', { ...lead, connections: 1 }],
      ['MariaDB, by number, 1 connection', { ...phone, connections: 1 }],
    ] as const;
    return await comparePairs(
      pairs.map(([what, here]) => ({ what, here, there: { ...here, start } })),
      createDatabaseCosts(server),
    );
  } finally {
    await stopBenchDialer(server);
  }
}

async function comparePairs(
  pairs: readonly Pair[],
  costs?: ReturnType<typeof createDatabaseCosts>,
): Promise<readonly ComparedRow[]> {
  const rows: ComparedRow[] = [];
  for (const { what, here, there } of pairs) {
    process.stderr.write(`== ${what}\n`);
    const named = [
      { ...here, name: `${what}, here` },
      { ...there, name: `${what}, there` },
    ] as const;
    const [own, others] = await compare(
      named,
      costs === undefined ? {} : { onRound: (one, answered) => costs.onRound(one, answered) },
    );
    const rounds = own.rounds.length;
    const database = costs && databaseOf(costs.of(own.candidate, rounds), costs.of(others.candidate, rounds));
    rows.push(rowOf(what, own, others, database));
  }
  return rows;
}

function rowOf(
  what: string,
  here: Measured,
  there: Measured,
  database: ComparedRow['database'],
): ComparedRow {
  return {
    what,
    perSecond: pairedRatio(here, there, 'perSecond'),
    p50: pairedRatio(here, there, 'p50'),
    p99: pairedRatio(here, there, 'p99'),
    cpu: pairedRatio(here, there, 'cpuMicroseconds'),
    ...(database && { database }),
    lookups: [here.of('perSecond'), there.of('perSecond')],
  };
}

function databaseOf(
  here: readonly DatabaseCost[],
  there: readonly DatabaseCost[],
): NonNullable<ComparedRow['database']> {
  return {
    cpu: spreadOf(here.map(({ microseconds }, at) => microseconds / (there[at]?.microseconds ?? NaN))),
    statements: spreadOf(here.map(({ statements }) => statements)),
    statementsThere: spreadOf(there.map(({ statements }) => statements)),
  };
}
