import { isVerifier } from '../../auth/password-hash.ts';
import { RIGHT_BIT, USER_RIGHTS, type UserRight } from '../../core/rights.ts';
import type { PostgresqlAddress } from '../../config/addresses.ts';
import type { Inspection } from '../../core/store.ts';
import type { Read } from '../../stores/network/connector.ts';
import { advise, ok, problem } from '../inspection.ts';
import { sizeOf } from './schema.ts';

/** Statistics, and no count: a check reads no table of many rows. */
const TABLES = `SELECT sum(pg_total_relation_size(oid))::bigint,
  (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass('leads')),
  (SELECT count(*) FROM lists), EXISTS (SELECT 1 FROM leads)
  FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r'`;

const WORDS = `SELECT coalesce(sum(last_lead_id - first_lead_id + 1), 0)::bigint FROM search_queue`;

export async function* inspectContent(read: Read, { schema }: PostgresqlAddress): AsyncGenerator<Inspection> {
  const [row = []] = await read(TABLES, [schema]);
  const [bytes, leads, lists, hasLeads] = row;
  yield hasLeads === true
    ? ok(
        'leads',
        `leads: about ${Number(leads)}, lists: ${Number(lists)}, on the disk ${sizeOf(Number(bytes))}`,
      )
    : problem('leads', 'the store has no leads', 'callercard import FILE');
  const [waiting = []] = await read(WORDS, []);
  yield Number(waiting[0]) === 0
    ? ok('search', 'the words of all leads are in the index')
    : advise(
        'search',
        `leads that wait for the index of words: ${Number(waiting[0])} at most; they are found by a slower search`,
        'a server that runs brings them, some thousands a second; look at its log if the number does not fall',
      );
  yield* inspectUsers(read);
}

async function* inspectUsers(read: Read): AsyncGenerator<Inspection> {
  const users = await read('SELECT name, verifier, rights, active FROM users ORDER BY name', []);
  for (const [name] of users.filter(([, verifier]) => !isVerifier(String(verifier))))
    yield problem(
      'users',
      `the stored password of ${String(name)} cannot be read, so nobody gets in by it`,
      `callercard user password ${String(name)}`,
    );
  const rights = users.filter(([, , , active]) => active === true).map(([, , bits]) => Number(bits));
  const having = (right: UserRight) => rights.filter((bits) => (bits & RIGHT_BIT[right]) !== 0).length;
  const counts = USER_RIGHTS.map((right) => `${right} ${having(right)}`).join(', ');
  yield having('card') + having('read') > 0
    ? ok('users', `active users: ${rights.length}; ${counts}`)
    : problem(
        'users',
        'no active user has the right card or read',
        'callercard user add NAME, or open the link that "callercard serve" prints while there is no user',
      );
}

const DEAD = `SELECT relname, n_live_tup, n_dead_tup FROM pg_stat_user_tables
  WHERE schemaname = $1 AND n_dead_tup > 10000 AND n_dead_tup > n_live_tup / 4 ORDER BY n_dead_tup DESC`;

/** Rows that were deleted or changed, and still take room. */
export async function* inspectBloat(read: Read, { schema }: PostgresqlAddress): AsyncGenerator<Inspection> {
  const [setting] = await read(`SELECT current_setting('autovacuum')`, []);
  if (setting?.[0] !== 'on')
    yield advise(
      'vacuum',
      'autovacuum is off: tables only grow, and plans get wrong',
      'set autovacuum to on',
    );
  const tables = await read(DEAD, [schema]);
  for (const [name, live, dead] of tables)
    yield advise(
      'vacuum',
      `${String(name)} has ${Number(dead)} dead rows beside ${Number(live)}`,
      `VACUUM ANALYZE ${schema}.${String(name)}; an open transaction may be in its way (pg_stat_activity)`,
    );
  if (tables.length === 0 && setting?.[0] === 'on') yield ok('vacuum', 'no table has many dead rows');
}

const CONNECTIONS = `SELECT current_setting('max_connections')::int, sum(numbackends)::bigint FROM pg_stat_database`;

/** @param own the most that this installation opens */
export async function* inspectConnections(read: Read, own: number): AsyncGenerator<Inspection> {
  const [row = []] = await read(CONNECTIONS, []);
  const [most, used] = row.map(Number) as [number, number];
  const message = `${used} of ${most} connections of the server are in use; a server of callercard with these settings opens ${own} at most`;
  yield own > most / 2 || used > most * 0.8
    ? advise(
        'connections',
        message,
        'raise max_connections on the server, or lower databaseConnections and workers here',
      )
    : ok('connections', message);
}
