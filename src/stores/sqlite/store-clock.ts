import type { DatabaseSync } from 'node:sqlite';

import type { MachineClock } from '../../core/clock.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import { type ReadBatch, writeAtOnce } from './transactions.ts';

/** A clock that is further ahead after a start of the machine is not believed. */
const MOST_AHEAD_MS = 365 * 24 * 60 * 60 * 1000;
/** Two readings of the time since the start may differ by their rounding. */
const TOLERANCE_MS = 1_000;

/** As it is stored. */
interface StoredClock {
  readonly boot: string;
  /** What makes the store's time of the time since the start of the machine. */
  readonly offset: number;
  /** The same for its running time. */
  readonly runningOffset: number;
  /** The store's time when this was written. */
  readonly newest: number;
}

/** The newest time that a store has seen, without setting its clock; undefined: it has none yet. */
export function newestTimeOf(database: DatabaseSync): number | undefined {
  return readClock(database)?.newest;
}

function readClock(database: DatabaseSync): StoredClock | undefined {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'clock'").get();
  return row === undefined ? undefined : (JSON.parse(String(row.value)) as StoredClock);
}

export type StoreClock = ReturnType<typeof createStoreClock>;

/** The clocks of a store's file, which every process with it reads alike: docs/decisions/0031-clocks.md. */
export function createStoreClock(
  { database, readBatch }: { readonly database: DatabaseSync; readonly readBatch: ReadBatch },
  machine: MachineClock,
) {
  const insert = database.prepare("INSERT OR REPLACE INTO meta VALUES ('clock', ?)");
  let begun: StoredClock | undefined;

  /** In a transaction. */
  function beginBoot(): StoredClock {
    const before = readClock(database);
    if (before !== undefined && isOfThisBoot(before, machine)) return before;
    if (before === undefined) endFuture(database, machine.wall());
    const clock = before === undefined ? firstClock(machine) : nextClock(before, machine);
    insert.run(JSON.stringify(clock));
    return clock;
  }

  function begin(): StoredClock {
    const known = readClock(database);
    if (known !== undefined && isOfThisBoot(known, machine)) return known;
    readBatch.end();
    return writeAtOnce(database, () => inTransaction(database, beginBoot));
  }

  function ensureBegun(): StoredClock {
    try {
      return (begun ??= begin());
    } catch (cause) {
      throw new StoreFailure(cause);
    }
  }

  const now = () => Math.round(ensureBegun().offset + machine.uptime());

  return {
    /**
     * The store's time in milliseconds, about those since 1970. It goes on while the machine is off, as far as its clock tells.
     *
     * @throws {StoreFailure} it must be set after a start of the machine, and the store cannot be written
     */
    now,
    /** Like `now`, but it stands still while the machine is off. */
    runningTime: () => Math.round(ensureBegun().runningOffset + machine.uptime()),
    /**
     * Writes the time: the least from which the next start of the machine goes on.
     *
     * @throws what SQLite says, or a StoreFailure
     */
    keep(): void {
      const newest = now();
      readBatch.end();
      writeAtOnce(database, () => insert.run(JSON.stringify({ ...begun, newest })));
    },
  };
}

/** Whether it was written since the machine was started. */
function isOfThisBoot({ boot, offset, newest }: StoredClock, machine: MachineClock): boolean {
  return boot === machine.boot() && machine.uptime() + offset >= newest - TOLERANCE_MS;
}

/** The row of a store that goes on with the clock of another one. */
export function clockRow(
  { now, running }: { readonly now: number; readonly running: number },
  machine: MachineClock,
): string {
  const uptime = machine.uptime();
  const clock = {
    boot: machine.boot(),
    offset: now - uptime,
    runningOffset: running - uptime,
    newest: now,
  } satisfies StoredClock;
  return JSON.stringify(clock);
}

function firstClock(machine: MachineClock): StoredClock {
  const newest = machine.wall();
  const offset = newest - machine.uptime();
  return { boot: machine.boot(), offset, runningOffset: offset, newest };
}

function nextClock(before: StoredClock, machine: MachineClock): StoredClock {
  const wall = machine.wall();
  const isBelieved = wall > before.newest && wall - before.newest <= MOST_AHEAD_MS;
  const newest = isBelieved ? wall : before.newest;
  const ran = before.newest - before.offset;
  const uptime = machine.uptime();
  return {
    boot: machine.boot(),
    offset: newest - uptime,
    runningOffset: before.runningOffset + ran - uptime,
    newest,
  };
}

function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (cause) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}

/** Earlier versions wrote the machine's time: from a clock that was ahead, a lock would last until then. */
function endFuture(database: DatabaseSync, now: number): void {
  const limited = (column: string) => `${column} = min(${column}, :now)`;
  database
    .prepare(
      `UPDATE login_failures SET ${limited('last_failed_at')}, ${limited('known_failed_at')}
       WHERE max(last_failed_at, known_failed_at) > :now`,
    )
    .run({ now });
  database
    .prepare(`UPDATE known_networks SET ${limited('last_failed_at')} WHERE last_failed_at > :now`)
    .run({ now });
}
