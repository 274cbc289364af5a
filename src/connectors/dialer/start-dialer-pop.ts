import { setTimeout as pause } from 'node:timers/promises';

import type { Clock } from '../../core/clock.ts';
import type { Floor } from '../../core/floor.ts';
import type { ReportCall, ReportedCall } from '../../core/reported-call.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import type { Connector } from '../run-connectors.ts';
import { createFloorTracker } from './track-floor.ts';

export const DIALER_POP_TIMES = {
  /** Between two looks at the floor: agents' own screens look once a second. */
  pollMs: 500,
  /** Another process looks at it: whether it still does. */
  elsewhereMs: 1_000,
  /** After a failure, doubled with each that follows. */
  failedMs: 1_000,
  mostFailedMs: 15_000,
  /** Our account may not read it: whether it may by then. */
  deniedMs: 60_000,
  /** Somebody who reloads a card comes back. */
  leaveMs: 10_000,
} as const;

export interface DialerPopOptions {
  readonly floor: Floor;
  /** Whether a card is open in this process: for nobody the dialer is not asked. */
  readonly cardsOpen: () => boolean;
  readonly report: ReportCall;
  readonly log: LogStoreEvent;
  readonly clock: Clock;
  readonly times?: Partial<Record<keyof typeof DIALER_POP_TIMES, number>>;
}

/**
 * Opens cards by what happens on the floor of a dialer. Each process with an open card tries to enter the floor, and one of them
 * does; the calls that it reports reach the cards of the others as all calls do. Never throws.
 */
export function startDialerPop(options: DialerPopOptions): Connector {
  const closing = new AbortController();
  const watch = createFloorWatch(options);

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      const wait = await watch.look();
      await pause(wait, undefined, { ref: false, signal: closing.signal }).catch(() => undefined);
    }
    await watch.leave();
  }

  const running = run();
  return {
    close() {
      closing.abort();
      return running;
    },
  };
}

function createFloorWatch({ floor, cardsOpen, report, log, clock, ...more }: DialerPopOptions) {
  const times = { ...DIALER_POP_TIMES, ...more.times };
  const trouble = createTrouble(log);
  let tracker = createFloorTracker();
  let isInUse = false;
  let openAt = -Infinity;
  let failures = 0;

  async function leave(): Promise<void> {
    if (!isInUse) return;
    isInUse = false;
    // What happens until this process enters again is not known.
    tracker = createFloorTracker();
    await floor.leave();
  }

  /** @returns for how long nothing is to be done */
  async function take(read: Awaited<ReturnType<Floor['read']>>): Promise<number> {
    if (read === 'denied') {
      await leave();
      return times.deniedMs;
    }
    if (read === 'elsewhere') {
      tracker = createFloorTracker();
      return times.elsewhereMs;
    }
    await reportAll(tracker.take(read, clock.wall()), report);
    return times.pollMs;
  }

  return {
    leave,
    /** @returns for how long nothing is to be done */
    async look(): Promise<number> {
      const now = clock.monotonic();
      if (cardsOpen()) openAt = now;
      if (now - openAt > times.leaveMs) {
        await leave();
        return times.pollMs;
      }
      isInUse = true;
      try {
        const read = await floor.read();
        failures = 0;
        trouble.note(read === 'denied' ? 'denied' : undefined);
        return await take(read);
      } catch (cause) {
        // The tracker stays: what it knows is not new when the dialer answers again.
        trouble.note('failed', cause);
        failures += 1;
        return Math.min(times.mostFailedMs, times.failedMs * 2 ** Math.min(failures - 1, 10));
      }
    },
  };
}

/** Those of one agent in their order; those of others need not wait for them. */
async function reportAll(calls: readonly ReportedCall[], report: ReportCall): Promise<void> {
  const byAgent = Map.groupBy(calls, ({ agent }) => agent);
  await Promise.all(
    [...byAgent.values()].map(async (ofAgent) => {
      for (const call of ofAgent) await report(call);
    }),
  );
}

/** Logs once that there are no pops, and why, and once that there are again. */
function createTrouble(log: LogStoreEvent) {
  let current: 'denied' | 'failed' | undefined;
  return {
    note(now: typeof current, cause?: unknown): void {
      if (now === current) return;
      current = now;
      if (now === 'denied') {
        const message =
          'cards do not open by themselves: our account may not read the calls of the dialer; "callercard check" says what it needs';
        log({ level: 'warn', message });
      } else if (now === 'failed') {
        log({ level: 'warn', message: 'cards do not open by themselves: the dialer cannot be asked', cause });
      } else log({ level: 'info', message: 'cards open by themselves again' });
    },
  };
}
