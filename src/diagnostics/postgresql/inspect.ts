import type { Inspection } from '../../core/store.ts';
import type { PostgresqlConfig } from '../../stores/postgresql/address.ts';
import type { Database } from '../../stores/postgresql/database.ts';
import type { Replicas } from '../../stores/postgresql/replicas.ts';
import { ok, problem } from '../inspection.ts';
import { explainFailure } from './connection-failure.ts';
import { inspectBloat, inspectConnections, inspectContent } from './content.ts';
import { inspectDurability, inspectStandbys } from './durability.ts';
import { inspectReplicas } from './replicas.ts';
import { inspectDatabase, inspectRelations, inspectRights } from './schema.ts';
import { inspectServers } from './servers.ts';

/**
 * Inspects a store in PostgreSQL for `callercard check`. It changes nothing and holds up nobody: it reads statistics and small
 * tables, through the same bounded pool as lookups.
 */
export async function* inspectPostgresql(
  config: PostgresqlConfig,
  { pool, prepared, country }: Database,
  replicas: Pick<Replicas, 'servers'> = { servers: [] },
): AsyncGenerator<Inspection> {
  const { database: address } = config;
  if (!(yield* inspectServers(address, config.databaseTls, pool))) return;
  // Not those of the store: also where it has none yet.
  const { read } = pool;
  yield* partOf('database', config, inspectDatabase(read, address));
  yield* partOf('durability', config, inspectDurability(read, address.servers.length > 1));
  yield* partOf('replication', config, inspectStandbys(read));
  yield* partOf('replicas', config, inspectReplicas(address, pool, replicas.servers));
  yield* partOf('connections', config, inspectConnections(read, mostConnections(config)));
  try {
    await prepared();
  } catch (cause) {
    yield notLookedAt('store', cause, config);
    return;
  }
  yield ok('store', `the schema ${address.schema}, numbers of ${country}`);
  yield* partOf('rights', config, inspectRights(read, address));
  yield* partOf('indexes', config, inspectRelations(read, address));
  yield* partOf('leads', config, inspectContent(read, address));
  yield* partOf('vacuum', config, inspectBloat(read, address));
}

/** Of all workers of one `serve`: for lookups, for transactions, and one for the lock of the upkeep. */
export function mostConnections({ databaseConnections, workers }: PostgresqlConfig): number {
  return 2 * Math.max(databaseConnections, workers) + 1;
}

async function* partOf(
  subject: string,
  config: PostgresqlConfig,
  part: AsyncIterable<Inspection>,
): AsyncGenerator<Inspection> {
  try {
    yield* part;
  } catch (cause) {
    yield notLookedAt(subject, cause, config);
  }
}

function notLookedAt(subject: string, cause: unknown, { database }: PostgresqlConfig): Inspection {
  const [why, advice] = explainFailure(cause, database);
  return problem(subject, why, advice);
}
