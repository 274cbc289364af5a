import type { LogStoreEvent } from '../../core/store.ts';
import type { Read } from '../network/connector.ts';
import { DatabaseFailure, type FailureKind } from '../network/failure.ts';
import { chooseServer, createServer, type DatabaseServer, RETRY_WITHIN_MS } from '../network/pool.ts';
import { type PostgresqlConfig, replicaAddress } from './address.ts';
import type { Database } from './database.ts';
import { createFreshness, STALE_MS } from './freshness.ts';
import type { SharedServers } from './shared-servers.ts';

/** How often it is asked how far replicas are: several times in STALE_MS. */
const ASK_MS = 400;

const POSITION = (lsn: string) => `pg_wal_lsn_diff(${lsn}, '0/0')::bigint`;
/**
 * By what is on the disk: an answer to a commit comes after that, and no standby gets what is not. Records of no commit, as of a
 * page that a query has tidied up, may stay in the memory for long.
 */
export const PRIMARY_POSITION = `SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int,
  ${POSITION('pg_current_wal_flush_lsn()')}`;
/** Of the timeline a replica tells as of its last restartpoint, or of what it has written since. */
export const REPLICA_POSITION = `SELECT (SELECT greatest(timeline_id, min_recovery_end_timeline)
    FROM pg_control_checkpoint(), pg_control_recovery()),
  ${POSITION('pg_last_wal_replay_lsn()')}, pg_is_in_recovery()`;

/** Another server would take as long: it is the statement, or too much is asked. */
const NOT_AGAIN: ReadonlySet<FailureKind> = new Set(['slow', 'busy']);

interface Replica {
  readonly server: DatabaseServer;
  /** It shows everything of this moment; -Infinity: this is not known. */
  freshAsOf: number;
  isAsked: boolean;
  /** As it was logged. */
  isUsed: boolean | undefined;
}

export type Replicas = ReturnType<typeof createReplicas>;

/**
 * Servers that follow the one of a store and answer in its place, as long as they are known to be at most STALE_MS behind it.
 * Nothing is asked of them before `mayServe` is called.
 *
 * @param shared with whom their connections are shared
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function createReplicas(
  config: PostgresqlConfig,
  database: Pick<Database, 'pool' | 'read' | 'prepared'>,
  log: LogStoreEvent,
  shared?: SharedServers,
) {
  const address = replicaAddress(config, shared);
  const replicas = address.servers.map((server): Replica => ({
    ...{ server: createServer(address, server, log), freshAsOf: -Infinity },
    ...{ isAsked: false, isUsed: undefined },
  }));
  const watch = watchReplicas(replicas, database, log);
  const nothing: ReadonlySet<DatabaseServer> = new Set();
  let rotation = 0;

  function next(): DatabaseServer | undefined {
    const now = performance.now();
    rotation += 1;
    return chooseServer(
      replicas.filter((one) => isFresh(one, now)).map(({ server }) => server),
      nothing,
      rotation,
    );
  }

  /** Whatever becomes of a replica, the server of the store is asked then. */
  const read: Read = async (sql, parameters) => {
    await database.prepared();
    const server = next();
    if (server === undefined) return database.read(sql, parameters);
    const started = performance.now();
    try {
      return await server.run(sql, parameters);
    } catch (cause) {
      const isFinal = !(cause instanceof DatabaseFailure) || NOT_AGAIN.has(cause.kind);
      if (isFinal || performance.now() - started > RETRY_WITHIN_MS) throw cause;
      return database.read(sql, parameters);
    }
  };

  return {
    servers: replicas.map(({ server }) => server),
    read,
    /** Whether one of them can be asked now. */
    mayServe(): boolean {
      watch.begin();
      return next() !== undefined;
    },
    async close(): Promise<void> {
      watch.end();
      await Promise.all(replicas.map(({ server }) => server.close()));
    },
  };
}

function isFresh({ freshAsOf }: Replica, now: number): boolean {
  return now - freshAsOf < STALE_MS;
}

/** Asks the server of the store and its replicas again and again how far they are. */
function watchReplicas(
  replicas: readonly Replica[],
  { pool, prepared }: Pick<Database, 'pool' | 'prepared'>,
  log: LogStoreEvent,
) {
  const freshness = createFreshness();
  let timer: NodeJS.Timeout | undefined;
  let isAsked = false;

  /** Never rejects: of what cannot be asked, what is known gets old. */
  async function ask(): Promise<void> {
    if (isAsked) return;
    isAsked = true;
    try {
      await prepared();
      const at = performance.now();
      const [row = []] = await pool.write(PRIMARY_POSITION, []);
      freshness.notePrimary(at, { timeline: Number(row[0]), position: Number(row[1]) });
      for (const replica of replicas) void askReplica(replica);
    } catch {
      for (const replica of replicas) noteUse(replica, log);
    } finally {
      isAsked = false;
    }
  }

  async function askReplica(replica: Replica): Promise<void> {
    if (replica.isAsked) return;
    replica.isAsked = true;
    try {
      const [[timeline, position, isStandby] = []] = await replica.server.run(REPLICA_POSITION, []);
      const its = { timeline: Number(timeline), position: Number(position), isStandby: isStandby === true };
      replica.freshAsOf = freshness.freshAsOf(its) ?? replica.freshAsOf;
    } catch {
      // A server that fails is left out, and said so.
    } finally {
      replica.isAsked = false;
      noteUse(replica, log);
    }
  }

  return {
    begin(): void {
      if (timer !== undefined) return;
      timer = setInterval(() => void ask(), ASK_MS).unref();
      void ask();
    },
    end(): void {
      clearInterval(timer);
    },
  };
}

/** Says once whether lookups go to a replica. */
function noteUse(replica: Replica, log: LogStoreEvent): void {
  const { server, isUsed } = replica;
  const isUsedNow = isFresh(replica, performance.now());
  if (isUsedNow === isUsed) return;
  replica.isUsed = isUsedNow;
  if (isUsedNow) log({ level: 'info', message: `the replica ${server.name} answers lookups` });
  else
    log({
      level: 'warn',
      message: `the replica ${server.name} is not known to be less than ${STALE_MS / 1_000} s behind, and is left out`,
    });
}
