import type { PostgresqlAddress } from '../../config/addresses.ts';
import type { Inspection } from '../../core/store.ts';
import { DatabaseFailure } from '../../stores/network/failure.ts';
import type { DatabasePool, DatabaseServer } from '../../stores/network/pool.ts';
import { STALE_MS } from '../../stores/postgresql/freshness.ts';
import { PRIMARY_POSITION, REPLICA_POSITION } from '../../stores/postgresql/replicas.ts';
import { advise, ok, problem } from '../inspection.ts';
import { explainFailure } from './connection-failure.ts';

const SUBJECT = 'replicas';

/** By the replica's own clock, of the last transaction that it has. */
const SINCE_LAST = `SELECT floor(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::bigint`;

/** Each replica by itself: whether it follows the server of the store, and how far behind it is. */
export async function* inspectReplicas(
  address: PostgresqlAddress,
  pool: Pick<DatabasePool, 'write'>,
  servers: readonly DatabaseServer[],
): AsyncGenerator<Inspection> {
  for (const server of servers) {
    const [primary = []] = await pool.write(PRIMARY_POSITION, []);
    try {
      yield await inspectReplica(server, Number(primary[0]), Number(primary[1]));
    } catch (cause) {
      yield notUsed(server.name, cause, address);
    }
  }
}

async function inspectReplica(
  server: DatabaseServer,
  timeline: number,
  written: number,
): Promise<Inspection> {
  const { name } = server;
  const [[its, position] = []] = await server.run(REPLICA_POSITION, []);
  const [since = []] = await server.run(SINCE_LAST, []);
  if (Number(its) !== timeline)
    return advise(
      SUBJECT,
      `${name} is a standby of another timeline than the server of database (${Number(its)} and ${timeline}), and is left out`,
      'let it follow that server; where it does since a failover, its next restartpoint shows it (CHECKPOINT on it makes one)',
    );
  const behind = Math.max(0, written - Number(position));
  if (behind === 0) return ok(SUBJECT, `${name}: a standby, in step`);
  const message = `${name}: a standby, ${behind} bytes and ${Number(since[0])} ms behind`;
  return Number(since[0]) < STALE_MS
    ? ok(SUBJECT, message)
    : advise(
        SUBJECT,
        `${message}; it is left out while it is more than ${STALE_MS} ms behind`,
        'look at the log of the standby and the network between them; long queries on it hold it up (max_standby_streaming_delay)',
      );
}

function notUsed(name: string, cause: unknown, address: PostgresqlAddress): Inspection {
  if (cause instanceof DatabaseFailure && cause.code === '25006')
    return problem(
      SUBJECT,
      `${name} takes writes: it is no standby, and is left out`,
      'name standbys alone in databaseReplicas, and the server that takes writes in database',
    );
  const [why, advice] = explainFailure(cause, address);
  return problem(SUBJECT, `${name}: ${why}`, advice);
}
