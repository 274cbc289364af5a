import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { hashPassword } from '../../src/auth/password-hash.ts';
import { openPostgresql } from '../../src/stores/postgresql/open-postgresql.ts';
import { USUAL_RIGHTS } from '../../test/stores/described-store.ts';
import type { PostgresqlServer } from '../../test/support/postgresql-server.ts';
import { phoneOfRow } from '../import/file.ts';
import { byLead, byPhone } from '../lookups/requests.ts';
import { USER } from '../lookups/store.ts';
import { compare, SECONDS } from '../measure.ts';
import { measureRound, type Traffic } from '../measure/figures.ts';
import { createServerPool, forkServer, type RunningServer } from '../measure/servers.ts';
import { median, type Spread, spreadOf } from '../measure/statistics.ts';
import { benchConfig } from './config.ts';
import { cpuOfServer } from './cpu.ts';

/** Medians of the rounds. */
export interface LookupFigures {
  readonly name: string;
  readonly perSecond: number;
  /** Lookups a second, of those of the first server. */
  readonly ofFirst: Spread;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicroseconds: number;
  readonly serverMicroseconds: number;
  readonly statements: number;
}

const TARGET = join(import.meta.dirname, 'target.ts');

/** One server of a comparison, and what it is asked for. */
export interface Candidate {
  readonly name: string;
  readonly kind: 'bare' | 'callercard';
  readonly address: string;
  readonly traffic: Traffic;
}

/** The bare server first. */
export async function measureLookups(
  server: PostgresqlServer,
  address: string,
  leads: number,
  folder: string,
): Promise<readonly LookupFigures[]> {
  await addBenchUser(address, folder);
  const range = { first: 1, count: leads };
  const candidate = (name: string, kind: Candidate['kind'], target: Traffic['target']): Candidate => ({
    ...{ name, kind, address, traffic: { target, leads: range } },
  });
  return compareServers(server, folder, [
    candidate('bare node:http + one prepared statement for user and lead', 'bare', byLead),
    candidate('callercard on PostgreSQL, by lead_id', 'callercard', byLead),
    candidate('callercard on PostgreSQL, by phone_number', 'callercard', byNumber),
  ]);
}

/** By the number of a lead of `writeLeads`. */
export function byNumber(leadId: number): string {
  return byPhone(String(phoneOfRow(leadId - 1)));
}

/** Each figure is the median of its rounds, a ratio that of neighbours. */
export async function compareServers(
  server: PostgresqlServer,
  folder: string,
  candidates: readonly Candidate[],
): Promise<readonly LookupFigures[]> {
  const pool = createServerPool();
  const watched = watchCpu(server);
  try {
    const asked = candidates.map(({ name, kind, address, traffic }) => ({
      ...{ name, ...traffic, start: () => forkServer(TARGET, [kind, address, folder]) },
    }));
    const measured = await compare(asked, { pool, onRound: watched.onRound });
    const base = measured[0]?.rounds ?? [];
    const found: LookupFigures[] = [];
    for (const { candidate, rounds, of } of measured) {
      found.push({
        ...{ name: candidate.name, perSecond: of('perSecond'), p50: of('p50'), p99: of('p99') },
        ofFirst: spreadOf(rounds.map(({ perSecond }, at) => perSecond / (base[at]?.perSecond ?? NaN))),
        cpuMicroseconds: of('cpuMicroseconds'),
        serverMicroseconds: watched.medianOf(candidate),
        statements: await statementsOf(server, await pool.get(candidate.start), candidate),
      });
    }
    return found;
  } finally {
    await pool.stop();
  }
}

/** What PostgreSQL has of the processor in the rounds of each server, in microseconds for a lookup. */
function watchCpu(server: PostgresqlServer) {
  const byName = new Map<string, number[]>();
  let before = 0;
  return {
    onRound: ({ name }: { readonly name: string }, answered: number | undefined): Promise<void> => {
      const now = cpuOfServer(server);
      if (answered === undefined) before = now;
      else byName.set(name, [...(byName.get(name) ?? []), (now - before) / answered]);
      return Promise.resolve();
    },
    /** Without the warm-up, which is its first round. */
    medianOf: ({ name }: { readonly name: string }) => median((byName.get(name) ?? []).slice(1)),
  };
}

/** The user whom the requests name. */
export async function addBenchUser(address: string, folder: string): Promise<void> {
  const store = openPostgresql(benchConfig(address, folder));
  try {
    const verifier = await hashPassword(USER.password);
    await store.users.add({ name: USER.name, verifier, rights: USUAL_RIGHTS, lists: 'every list' });
  } finally {
    await store.close();
  }
}

/** A session that has nothing to do tells what it did at the latest after this time. */
const PUBLISHED_MS = 12_000;

/** Statements of a lookup. */
async function statementsOf(
  server: PostgresqlServer,
  running: RunningServer,
  traffic: Traffic,
): Promise<number> {
  const before = await countStatements(server);
  const { answered } = await measureRound(running, traffic, SECONDS);
  return ((await countStatements(server)) - before) / answered;
}

/** Of the sessions so far: each of a lookup is a transaction of its own. */
async function countStatements(server: PostgresqlServer): Promise<number> {
  await pause(PUBLISHED_MS);
  return Number(await server.runSql(`SELECT xact_commit FROM pg_stat_database WHERE datname = 'calls'`));
}
