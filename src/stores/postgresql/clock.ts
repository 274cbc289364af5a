import type { MachineClock } from '../../core/clock.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import type { Read } from '../network/connector.ts';
import type { Transaction } from './transactions.ts';

/** A clock of the server that is further ahead is not believed. */
const MOST_AHEAD_MS = 365 * 24 * 60 * 60 * 1000;
/** While a process serves, its time is stored at least so often. */
export const KEEP_MS = 30_000;
/** So the time since it was stored last, while some process served, is no more. */
const MOST_SINCE_KEPT_MS = 2 * KEEP_MS;

/** As it is stored, all of it at one moment. */
interface StoredClock {
  readonly now: number;
  readonly running: number;
  /** By the server's clock. */
  readonly wall: number;
}

/** The times of a store, with what has passed by the server's clock since they were stored. */
function goOn(stored: StoredClock, wall: number): StoredClock {
  const gap = wall - stored.wall;
  const passed = gap > 0 && gap <= MOST_AHEAD_MS ? gap : 0;
  return {
    now: stored.now + passed,
    running: stored.running + Math.min(passed, MOST_SINCE_KEPT_MS),
    wall,
  };
}

const SERVER_TIME = 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** The times of a store that another one goes on with. */
export async function readClock(run: Read): Promise<Pick<StoredClock, 'now' | 'running'>> {
  const [row] = await run(`SELECT value, (${SERVER_TIME}) FROM meta WHERE name = 'clock'`, []);
  const wall = Number(row?.[1]);
  return goOn(JSON.parse(String(row?.[0])) as StoredClock, wall);
}

/** Begins the clock of a new store with the times of another one. */
export async function writeClock(run: Read, { now, running }: Omit<StoredClock, 'wall'>): Promise<void> {
  const [server] = await run(SERVER_TIME, []);
  const clock: StoredClock = { now, running, wall: Number(server?.[0]) };
  await run(`INSERT INTO meta VALUES ('clock', $1)`, [JSON.stringify(clock)]);
}

export type StoreClock = ReturnType<typeof createStoreClock>;

/**
 * The clocks of a store, which every process with it reads alike: docs/decisions/0049-clocks-in-postgresql.md. A process takes the
 * time from the store when it begins, and goes on by its machine's time since the start, which nobody can set.
 */
export function createStoreClock(machine: MachineClock) {
  let offsets: { readonly now: number; readonly running: number } | undefined;

  function timeOf(name: 'now' | 'running'): number {
    if (offsets === undefined) throw new StoreFailure(new Error('the clock of the store was not read yet'));
    return Math.round(offsets[name] + machine.uptime());
  }

  return {
    /** Takes the time from the store. */
    async begin({ run }: Transaction): Promise<void> {
      if (offsets !== undefined) return;
      const [server] = await run(SERVER_TIME, []);
      const wall = Number(server?.[0]);
      await run(`INSERT INTO meta VALUES ('clock', $1) ON CONFLICT DO NOTHING`, [
        JSON.stringify({ now: wall, running: wall, wall } satisfies StoredClock),
      ]);
      const [row] = await run(`SELECT value FROM meta WHERE name = 'clock' FOR UPDATE`, []);
      const stored = JSON.parse(String(row?.[0])) as StoredClock;
      const clock = goOn(stored, wall);
      await run(`UPDATE meta SET value = $1 WHERE name = 'clock'`, [JSON.stringify(clock)]);
      const uptime = machine.uptime();
      offsets = { now: clock.now - uptime, running: clock.running - uptime };
    },
    /** Stores the time, from which the next process goes on. */
    async keep(write: Read): Promise<void> {
      const [now, running] = [timeOf('now'), timeOf('running')];
      await write(
        // Also where another process has stored a later time, which stays: whether the store takes writes is seen by this one.
        `UPDATE meta SET value = CASE WHEN (value::json->>'now')::bigint >= $1 THEN value
           ELSE json_build_object('now', $1::bigint, 'running', $2::bigint,
             'wall', floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)::text END
         WHERE name = 'clock'`,
        [now, running],
      );
    },
    /** The store's time in milliseconds, about those since 1970. @throws {StoreFailure} it was not read yet */
    now: () => timeOf('now'),
    /** Like `now`, but it stands still while no process has the store open. @throws {StoreFailure} it was not read yet */
    runningTime: () => timeOf('running'),
  };
}
