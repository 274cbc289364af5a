import { setImmediate as nextTick } from 'node:timers/promises';

import type { CountedLeads, DailyLeadStore, LeadsRead } from '../core/daily-leads.ts';
import { StoreFailure } from '../core/lead-store.ts';
import type { LogStoreEvent } from '../core/store.ts';

/** How long leads may wait that are to be counted soon. */
const SOON_MS = 1_000;
/** Answers whose leads are counted in one transaction: some 2 ms, and others are served between two. */
const READS_AT_ONCE = 250;
/** Rows of earlier days that are removed in a transaction: more than it adds, so that they come to an end. */
export const FORGOTTEN_AT_ONCE = 500;

interface Waiting extends PromiseWithResolvers<CountedLeads> {
  readonly read: LeadsRead;
}

/** Reads that wait to be counted. */
export interface WaitingReads {
  readonly reads: readonly LeadsRead[];
  settle(counted: readonly CountedLeads[]): void;
  reject(cause: unknown): void;
}

function waitingReads(waiting: readonly Waiting[]): WaitingReads {
  return {
    reads: waiting.map(({ read }) => read),
    settle(counted) {
      for (const [at, { resolve }] of waiting.entries()) {
        const own = counted[at];
        if (own !== undefined) resolve(own);
      }
    },
    reject(cause) {
      for (const { reject } of waiting) reject(cause);
    },
  };
}

/**
 * Counts leads together: those of one tick at once, the others within a second.
 *
 * @param countAll counts leads in one transaction, and gives what came of each answer's, in their order
 * @param isOpen false: that it fails is no news
 * @param log hears that counting fails, once, and that it works again
 */
export function createLeadCounting(
  countAll: (reads: readonly LeadsRead[]) => Promise<readonly CountedLeads[]>,
  isOpen: () => boolean,
  log: LogStoreEvent,
) {
  const report = createFailureReport(log);
  const waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isCounting = false;

  async function countSome(some: WaitingReads): Promise<void> {
    if (some.reads.length === 0) return;
    try {
      some.settle(await countAll(some.reads));
      report(undefined);
    } catch (cause) {
      some.reject(cause);
      if (isOpen()) report(cause);
    }
  }

  /** Until nothing waits; what comes meanwhile is counted, too. */
  async function countWaiting(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (isCounting) return;
    isCounting = true;
    do {
      // At the end of the tick, with all that came in it.
      await nextTick();
      await countSome(waitingReads(waiting.splice(0, READS_AT_ONCE)));
    } while (waiting.length > 0);
    isCounting = false;
  }

  const count: DailyLeadStore['count'] = (read, when) => {
    const counted = Promise.withResolvers<CountedLeads>();
    waiting.push({ read, ...counted });
    if (when === 'soon') timer ??= setTimeout(() => void countWaiting(), SOON_MS).unref();
    else void countWaiting();
    return counted.promise;
  };

  return {
    count,
    report,
    /** What waits is left to the caller: nothing is counted by itself any more. */
    takeLast(): WaitingReads {
      clearTimeout(timer);
      return waitingReads(waiting.splice(0));
    },
  };
}

/** Logs the first of several failures, and the end of them. */
function createFailureReport(log: LogStoreEvent): (cause: unknown) => void {
  let isFailing = false;
  return (cause) => {
    if ((cause !== undefined) === isFailing) return;
    isFailing = cause !== undefined;
    if (isFailing)
      log({
        level: 'error',
        message:
          'the leads that users read cannot be counted; where dailyLeads is set, leads not yet read today are refused',
        cause: cause instanceof StoreFailure ? cause.cause : cause,
      });
    else log({ level: 'info', message: 'the leads that users read are counted again' });
  };
}

/** What is stored of an account and a day. */
export interface StoredCount {
  readonly leads: number;
  /** The highest count that was reported; 0: none. */
  readonly reported: number;
}

/**
 * Whether an account may read leads that it has not read on a day, and whether somebody is to be told.
 *
 * @param unread how many there are
 */
export function countLeads(
  { leads: before, reported }: StoredCount,
  unread: number,
  thresholds: readonly number[],
): Omit<CountedLeads, 'day'> {
  const most = thresholds.at(-1) ?? 0;
  const fits = unread === 0 || before + unread <= most;
  const leads = fits ? before + unread : before;
  // Whoever was refused has come to the last one, also by a page of several leads that do not all fit.
  const passed = fits ? thresholds.findLast((threshold) => threshold <= leads) : most;
  const reached = passed !== undefined && passed > reported ? passed : undefined;
  return { leads, fits, reached };
}
