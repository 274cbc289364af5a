import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { hashPassword } from '../../src/auth/password-hash.ts';
import { openPostgresql } from '../../src/stores/postgresql/open-postgresql.ts';
import { USUAL_RIGHTS } from '../../test/stores/described-store.ts';
import type { PostgresqlServer } from '../../test/support/postgresql-server.ts';
import { phoneOfRow } from '../import/file.ts';
import { byLead, byPhone } from '../lookups/requests.ts';
import { USER } from '../lookups/store.ts';
import { SECONDS } from '../measure.ts';
import { measureRound } from '../measure/figures.ts';
import { forkServer } from '../measure/servers.ts';
import { benchConfig } from './config.ts';
import { cpuOfServer } from './cpu.ts';

export interface LookupFigures {
  readonly name: string;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicroseconds: number;
  readonly serverMicroseconds: number;
  readonly statements: number;
}

const TARGET = join(import.meta.dirname, 'target.ts');
const WARM_UP_SECONDS = 3;
/** One run: longer than a round of several. */
const RUN_SECONDS = 5 * SECONDS;

/** The bare server first. */
export async function measureLookups(
  server: PostgresqlServer,
  address: string,
  leads: number,
  folder: string,
): Promise<readonly LookupFigures[]> {
  await addUser(address, folder);
  const numberOf = (leadId: number) => String(phoneOfRow(leadId - 1));
  const asked: readonly (readonly [string, 'bare' | 'callercard', (leadId: number) => string])[] = [
    ['bare node:http + one prepared statement for user and lead', 'bare', byLead],
    ['callercard on PostgreSQL, by lead_id', 'callercard', byLead],
    ['callercard on PostgreSQL, by phone_number', 'callercard', (leadId) => byPhone(numberOf(leadId))],
  ];
  const found: LookupFigures[] = [];
  for (const [name, kind, target] of asked) {
    const running = await forkServer(TARGET, [kind, address, folder]);
    try {
      const traffic = { target, leads: { first: 1, count: leads } };
      await measureRound(running, traffic, WARM_UP_SECONDS);
      const [cpu, statements] = [cpuOfServer(server), await statementsOf(server)];
      const figures = await measureRound(running, traffic, RUN_SECONDS);
      const serverMicroseconds = (cpuOfServer(server) - cpu) / figures.answered;
      const ran = (await statementsOf(server)) - statements;
      found.push({ name, ...figures, serverMicroseconds, statements: ran / figures.answered });
    } finally {
      await running.stop();
    }
  }
  return found;
}

async function addUser(address: string, folder: string): Promise<void> {
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

/** Statements of the sessions so far: each of a lookup is a transaction of its own. */
async function statementsOf(server: PostgresqlServer): Promise<number> {
  await pause(PUBLISHED_MS);
  return Number(await server.runSql(`SELECT xact_commit FROM pg_stat_database WHERE datname = 'calls'`));
}
