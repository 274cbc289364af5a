import { setTimeout as pause } from 'node:timers/promises';

import type { CleanedFiles } from '../../core/person-store.ts';
import type { Row } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { Database } from './database.ts';
import type { Maintenance } from './maintenance.ts';
import { serverRemains } from './server-remains.ts';

const PATIENCE_MS = 20_000;
const RETRY_MS = 50;

/** A server writes no larger table anew, with its indexes: docs/decisions/0051-erasure-in-postgresql.md. */
export const SERVED_BYTES = 64 * 1024 * 1024;

/** Tables that hold nothing of the people that leads are. */
const OTHER_TABLES = [
  ...['meta', 'lists', 'custom_fields', 'users', 'login_failures', 'known_networks', 'tokens', 'sessions'],
  ...['search_queue', 'import_additions', 'erased_leads', 'audit_records'],
];

const SELECT_TABLES = `SELECT relname, pg_total_relation_size(oid) FROM pg_class
  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> ALL ($1::text[])
  ORDER BY relname`;

/** What has begun before a moment may still read what was deleted by then; other accounts' sessions are not shown to every account. */
const SELECT_READERS = `SELECT (SELECT count(*) FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND (datname = current_database() OR backend_type = 'walsender')
        AND backend_type <> 'autovacuum worker' AND age(backend_xmin) >= age($1::xid))
    + (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database() AND age(transaction) >= age($1::xid))
    + (SELECT count(*) FROM pg_replication_slots WHERE age(xmin) >= age($1::xid))`;

const FILE_OF = 'SELECT pg_relation_filenode($1::regclass)';

/** Values of columns that were met often when the tables were looked through, for the planner. */
const STATISTICS = 'pg_catalog.pg_statistic';

export interface CleaningLimits {
  /** Larger tables, with their indexes, are left to the operator's commands. */
  readonly mostBytes?: number;
  /** So long others are waited for that read or write, for all tables together. */
  readonly patienceMs?: number;
}

/**
 * Takes what was deleted out of the files of the tables, by writing them anew: a plain `VACUUM` leaves its bytes in unused parts
 * of pages. While a table is written anew, nobody reads it.
 *
 * @returns also where the server fails: what was deleted is deleted, and whoever erased it must hear that
 */
export async function cleanTables(
  { maintain }: Pick<Database, 'maintain'>,
  { mostBytes = Infinity, patienceMs = PATIENCE_MS }: CleaningLimits = {},
): Promise<CleanedFiles> {
  const deadline = performance.now() + patienceMs;
  try {
    return await maintain((maintenance) =>
      cleanAll(maintenance, mostBytes, () => performance.now() > deadline),
    );
  } catch (cause) {
    if (!(cause instanceof DatabaseFailure)) throw cause;
    return { done: [], deleted: [], left: [`the tables ${failedBy(cause)}`], remains: [] };
  }
}

async function cleanAll(
  maintenance: Maintenance,
  mostBytes: number,
  isOver: () => boolean,
): Promise<CleanedFiles> {
  const { run } = maintenance;
  const [written, left]: [string[], string[]] = [[], []];
  for (const [name, bytes] of await run(SELECT_TABLES, [`{${OTHER_TABLES.join(',')}}`])) {
    const isTooLarge = Number(bytes) > mostBytes;
    const table = String(name);
    const reason = isTooLarge
      ? await vacuum(maintenance, table)
      : await writeAnew(maintenance, table, isOver);
    if (reason === undefined) written.push(table);
    else left.push(`the table ${table} ${reason}`);
  }
  // Each table has been looked through again: what the planner has of them now holds nobody who was deleted.
  const statistics = await writeAnew(maintenance, STATISTICS, isOver);
  if (statistics !== undefined && statistics !== NOT_OURS) left.push(`the table ${STATISTICS} ${statistics}`);
  const done =
    written.length === 0 ? [] : [`the tables ${written.join(', ')} were written anew (VACUUM FULL)`];
  const remains = [...(statistics === NOT_OURS ? [STATISTICS_REMAIN] : []), ...(await serverRemains(run))];
  return { done, deleted: [], left, remains };
}

/** Without its server, whose address is nobody's business. */
const failedBy = ({ code, kind }: DatabaseFailure) => `could not be written anew (${code ?? kind})`;

/** @returns that the table was not written anew: a clause */
async function vacuum({ runScript }: Maintenance, table: string): Promise<string> {
  try {
    await runScript(`VACUUM (ANALYZE) ${table}`);
  } catch (cause) {
    // Somebody else does it just now: the server by itself, or another erasure.
    if (!isLocked(cause)) throw cause;
  }
  return 'is too large to be written anew while lookups wait: the command "callercard person erase" does it';
}

const NOT_OURS = 'could not be written anew, because this account does not own it';
const STATISTICS_REMAIN = `the statistics of the planner, which may have single values in unused parts of the table ${STATISTICS} until the owner of the database writes it anew (VACUUM FULL ${STATISTICS})`;

/** @returns why the table may still hold deleted rows: a clause */
async function writeAnew(
  { run, runScript }: Maintenance,
  table: string,
  isOver: () => boolean,
): Promise<string | undefined> {
  for (;;) {
    await untilUnread({ run }, isOver);
    const before = await run(FILE_OF, [table]);
    try {
      const said = await runScript(`VACUUM (FULL, ANALYZE, VERBOSE) ${table}`);
      if (isSame(before, await run(FILE_OF, [table]))) return NOT_OURS;
      const kept = keptRows(said);
      if (kept === 0) return undefined;
      if (isOver())
        return `keeps ${kept} deleted rows, because sessions, standbys or replication slots may still read them`;
    } catch (cause) {
      if (!isLocked(cause)) throw cause;
      if (isOver()) return 'could not be written anew, because others use it';
    }
    await pause(RETRY_MS);
  }
}

/** A lock was not to be had in time; a deadlock. */
const LOCKED: ReadonlySet<string | undefined> = new Set(['55P03', '40P01']);
const isLocked = (cause: unknown) => cause instanceof DatabaseFailure && LOCKED.has(cause.code);

const isSame = (before: readonly Row[], after: readonly Row[]) => before[0]?.[0] === after[0]?.[0];

/** Waits for whoever has begun before. */
async function untilUnread({ run }: Pick<Maintenance, 'run'>, isOver: () => boolean): Promise<void> {
  const [now] = await run('SELECT pg_current_xact_id()::xid::text', []);
  while (Number((await run(SELECT_READERS, [String(now?.[0])]))[0]?.[0]) > 0 && !isOver())
    await pause(RETRY_MS);
}

/** How many deleted rows were written as well: in any language the first number of what is said of each file. */
function keptRows(said: Awaited<ReturnType<Maintenance['runScript']>>): number {
  return said.reduce((sum, { detail }) => sum + Number(/\d+/.exec(detail ?? '')?.[0] ?? 0), 0);
}
