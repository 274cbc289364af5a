import { rowOfCount, type ChaosPart, type ChaosRow } from './chaos.ts';
import { damageStores } from './damaged-stores.ts';
import { endServers } from './ended-servers.ts';
import { killImports } from './killed-imports.ts';
import { killPostgresql } from './killed-postgresql.ts';
import { killServers } from './killed-servers.ts';
import { killWholeImports } from './killed-whole-imports.ts';
import { killWorkers } from './killed-workers.ts';
import { loseDatabases } from './lost-databases.ts';
import { failThreeInstances } from './three-instances.ts';
import { SeededRandom } from '../../test/support/seeded-random.ts';

/** Every part, with how many rounds it has when 200 are asked for: kill -9 is quick to do, a database is slow to return. */
const PARTS = {
  import: { run: killImports, of200: 60 },
  replace: { run: killWholeImports, of200: 200 },
  serve: { run: killServers, of200: 160 },
  database: { run: loseDatabases, of200: 10 },
  postgresql: { run: killPostgresql, of200: 200 },
  instances: { run: failThreeInstances, of200: 3 },
  ending: { run: endServers, of200: 8 },
  files: { run: damageStores, of200: 200 },
  worker: { run: killWorkers, of200: 10 },
} as const satisfies Readonly<Record<string, { readonly run: ChaosPart; readonly of200: number }>>;
const USUAL_ROUNDS = 200;

export type ChaosPartName = keyof typeof PARTS;

export const PART_NAMES: readonly string[] = Object.keys(PARTS);

export function isPartName(name: string): name is ChaosPartName {
  return PART_NAMES.includes(name);
}

export interface ChaosOptions {
  /** Of kill -9, in all; other parts have their share of it. 200 by default. */
  readonly rounds?: number;
  /** Undefined: every part. */
  readonly only?: ChaosPartName | undefined;
  readonly seed: number;
  /** Times that are promised are multiplied with it; 1 by default. */
  readonly patience?: number;
  readonly log: (line: string) => void;
}

export interface ChaosReport {
  readonly part: string;
  readonly seconds: number;
  readonly rows: readonly ChaosRow[];
}

/** Breaks things, part after part, and reports what was promised and what came. */
export async function runChaos(options: ChaosOptions): Promise<readonly ChaosReport[]> {
  const { rounds = USUAL_ROUNDS, only, seed, patience = 1, log } = options;
  const reports: ChaosReport[] = [];
  let [killed, lost] = [0, 0];
  function noteKilled(processes: number, writes: number): void {
    killed += processes;
    lost += writes;
  }
  for (const [number, [part, { run, of200 }]] of Object.entries(PARTS).entries()) {
    if (only !== undefined && only !== part) continue;
    const began = performance.now();
    const mine = Math.max(1, Math.ceil((of200 * rounds) / USUAL_ROUNDS));
    const chaos = { rounds: mine, random: new SeededRandom(`${seed}/${number}`), patience, log, noteKilled };
    const rows = await run(chaos);
    reports.push({ part, seconds: (performance.now() - began) / 1000, rows });
  }
  if (only !== undefined) return reports;
  const all = [
    rowOfCount('kill -9 of what wrote at that moment: import, lock counting, audit', rounds, killed),
    { what: 'writes lost by it', asked: '0', reached: String(lost), isKept: lost === 0 },
  ];
  return [...reports, { part: 'in all', seconds: 0, rows: all }];
}

/** Whether nothing that was tried was found broken. */
export function isAllKept(reports: readonly ChaosReport[]): boolean {
  return reports.every(({ rows }) => rows.every(({ isKept }) => isKept !== false));
}
