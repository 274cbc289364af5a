/** A PostgreSQL that stores are written to is killed (-9), and comes back. */
import { setTimeout as pause } from 'node:timers/promises';

import {
  createDatabaseFor,
  openFilled,
  postgresqlConfig,
} from '../../test/stores/postgresql/filled-store.ts';
import { startLeadWriters } from '../../test/support/load/lead-writers.ts';
import {
  postgresqlSkip,
  startPostgresql,
  type PostgresqlServer,
} from '../../test/support/postgresql-server.ts';
import { timeOf, until } from '../../test/support/until.ts';
import { createBreaches, rowOfCount, rowOfLongest, rowOfNone, type Chaos, type ChaosRow } from './chaos.ts';

/** Promised: written again in this time after the database's return. */
const BACK_MS = 2_000;
const USERS = { lists: [], leads: [], users: [] };

export async function killPostgresql(chaos: Chaos): Promise<readonly ChaosRow[]> {
  if (postgresqlSkip !== false)
    return [{ what: 'PostgreSQL killed', asked: '-', reached: postgresqlSkip, isKept: undefined }];
  const server = await startPostgresql({ isDurable: true });
  try {
    await createDatabaseFor(server);
    return await killInRounds(chaos, server);
  } finally {
    await server.stop();
  }
}

async function killInRounds(chaos: Chaos, server: PostgresqlServer): Promise<readonly ChaosRow[]> {
  const config = postgresqlConfig(server);
  const store = await openFilled(config, USERS);
  const writers = startLeadWriters(store);
  const lost = createBreaches(chaos);
  const backs: number[] = [];
  try {
    for (let round = 1; round <= chaos.rounds; round += 1) {
      const before = writers.acknowledged.size;
      await until('it is written', () => writers.acknowledged.size > before);
      await pause(chaos.random.next() * 200);
      await server.kill();
      await server.restart();
      const killed = new Set(writers.acknowledged);
      backs.push(
        await timeOf(() => until('it is written again', () => writers.acknowledged.size > killed.size)),
      );
      const stored = new Set(
        (await server.runSql(`SELECT lead_id FROM ${config.database.schema}.leads`, 'calls')).split('\n'),
      );
      const missing = [...killed].filter((id) => !stored.has(String(id)));
      for (const id of missing) lost.add(`round ${round}: lead ${id}`);
      chaos.log(`PostgreSQL killed, round ${round}: written again after ${Math.round(backs.at(-1) ?? 0)} ms`);
    }
  } finally {
    await writers.stop();
    await store.close();
  }
  return [
    rowOfCount('PostgreSQL killed (-9) while it was written, rounds', chaos.rounds, backs.length),
    rowOfLongest('written again after its return', BACK_MS, backs, chaos),
    rowOfNone('acknowledged writes lost', lost, `of ${writers.acknowledged.size}`),
  ];
}
