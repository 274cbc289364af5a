import { randomUUID } from 'node:crypto';

import type { MachineClock } from '../../core/clock.ts';
import type { Lease, LeaseListener } from '../../core/lease.ts';
import type { DirectSession, DirectUser } from './direct-connection.ts';

export const LEASE_TIMES = {
  /** How often the lease is tried for, and that it is still held is confirmed. */
  tryMs: 1_000,
  /** So long it is held since the last confirmation was asked for; whoever takes it waits as long. */
  heldMs: 5_000,
} as const;

export type LeaseTimes = { readonly [Time in keyof typeof LEASE_TIMES]: number };

const LOCK = `SELECT pg_try_advisory_lock(hashtextextended($1, 0))`;
const UNLOCK = `SELECT pg_advisory_unlock(hashtextextended($1, 0))`;
const NOW = `floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;
const CLAIM = `INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, ${NOW} + $3::bigint)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
  WHERE leases.holder = excluded.holder OR leases.expires_at <= ${NOW} RETURNING true`;
const GIVE_UP = `DELETE FROM leases WHERE name = $1 AND holder = $2`;

/** How a session claims a lease, again and again. Rejects where nothing is known. */
interface Claim {
  /** @returns whether this process has it, as it was at some moment since it was asked */
  confirm(): Promise<boolean>;
  giveUp(): Promise<unknown>;
}

/** By a lock of the session, which the server frees when the session ends, however that comes. */
function claimByLock({ run }: DirectSession, name: string): Claim {
  let isLocked = false;
  return {
    async confirm() {
      // A session may lock twice; an answer on it shows that it still has the lock.
      const [row] = await run(isLocked ? 'SELECT true' : LOCK, isLocked ? [] : [name]);
      isLocked = row?.[0] === true;
      return isLocked;
    },
    giveUp: () => run(UNLOCK, [name]),
  };
}

/** By a row that ends by the server's clock: behind a pooler, where a session's locks are anybody's. */
function claimByRow({ run }: DirectSession, name: string, holder: string, heldMs: number): Claim {
  return {
    confirm: async () => (await run(CLAIM, [name, holder, heldMs])).length > 0,
    giveUp: () => run(GIVE_UP, [name, holder]),
  };
}

/**
 * A lease by the store's database. That two never hold it takes no trust in clocks: a holder stops by itself so long after the
 * last confirmation was asked for, and whoever claims it afterwards begins no sooner than so long after the claim.
 *
 * @param schema the store's: stores of one database have leases of their own
 * @returns what is to use a direct connection, and the lease
 */
export function createLease(
  schema: string,
  name: string,
  listener: LeaseListener,
  machine: Pick<MachineClock, 'uptime'>,
  times: Partial<LeaseTimes> = {},
) {
  const { tryMs, heldMs } = { ...LEASE_TIMES, ...times };
  const state = createLeaseState(listener, machine, heldMs);
  const [fullName, holder] = [`callercard ${schema} ${name}`, randomUUID()];
  let claim: Claim | undefined;
  let isAsking = false;
  let isClosed = false;

  async function tryOnce(): Promise<void> {
    state.expire();
    const [asked, current] = [machine.uptime(), claim];
    if (current === undefined || isAsking) return;
    isAsking = true;
    try {
      const isOurs = await current.confirm();
      // Another session may have begun meanwhile.
      if (current === claim && !isClosed) state.note(isOurs, asked);
    } catch {
      // The session ended, or ends. Until the next one confirms it or does not, the last confirmation counts for its time.
    } finally {
      isAsking = false;
    }
  }

  const timer = setInterval(() => void tryOnce(), tryMs).unref();
  const user: DirectUser = {
    async begin(session) {
      claim = session.isPooled
        ? claimByRow(session, fullName, holder, heldMs)
        : claimByLock(session, fullName);
      await tryOnce();
    },
    lost() {
      // A lock went with its session. A row is ours still, and is claimed anew.
      if (claim !== undefined) state.note(false, machine.uptime());
      claim = undefined;
    },
  };
  const lease: Lease = {
    isHeld: () => !isClosed && state.isHeld(),
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      state.note(false, machine.uptime());
      await claim?.giveUp().catch(() => undefined);
    },
  };
  return { user, lease };
}

/** When a lease was claimed and confirmed, and whether it is held by that. Times are those of the machine since its start, sleep among them. */
function createLeaseState(listener: LeaseListener, machine: Pick<MachineClock, 'uptime'>, heldMs: number) {
  /** When the first of the claims that have succeeded without a break was answered; undefined: the last one failed. */
  let claimedAt: number | undefined;
  let confirmedAt = -Infinity;
  /** Whether the listener knows that it is held. */
  let wasNotified = false;

  function mayHold(): boolean {
    const now = machine.uptime();
    return claimedAt !== undefined && now - claimedAt >= heldMs && now - confirmedAt < heldMs;
  }

  function notify(): void {
    const is = mayHold();
    if (is === wasNotified) return;
    wasNotified = is;
    if (is) listener.taken();
    else listener.lost();
  }

  return {
    isHeld: () => wasNotified && mayHold(),
    /** Ends it where nothing was confirmed for so long: what comes after that is another claim. */
    expire(): void {
      if (machine.uptime() - confirmedAt >= heldMs) claimedAt = undefined;
      notify();
    },
    /** @param asked when it was asked whether it is ours */
    note(isOurs: boolean, asked: number): void {
      if (machine.uptime() - confirmedAt >= heldMs) claimedAt = undefined;
      if (isOurs) {
        claimedAt ??= machine.uptime();
        confirmedAt = asked;
      } else claimedAt = undefined;
      notify();
    },
  };
}
