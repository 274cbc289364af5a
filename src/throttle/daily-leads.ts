import type { Clock } from '../core/clock.ts';
import { type CountedLeads, type DailyLeadStore, dayOf, endOfDay } from '../core/daily-leads.ts';
import type { LeadsReached } from '../core/lookup-event.ts';
import type { ProblemOf } from '../core/problem.ts';
import { LeadsReadToday } from './throttle.ts';

/** Without a limit, a user who has read so many different leads in a day is reported; far more than an agent has calls. */
export const UNUSUAL_LEADS = 5_000;
/** The part of the limit from which on a user is reported before anything is refused. */
export const WARNED_SHARE = 0.8;

/** A day that is an hour longer, when summer time ends. */
const LONGEST_DAY_MS = 25 * 60 * 60 * 1000;

/** Whose answer discloses leads. */
export interface Reader {
  /** `Principal.accountId` */
  readonly account: string;
  readonly user: string;
}

export interface DailyLeadsOptions<Read extends Reader> {
  /** Different leads that an account may read in a day; 0: any number. */
  readonly dailyLeads: number;
  readonly clock: Clock;
  /** @throws {StoreFailure} the store cannot be opened */
  readonly store: () => DailyLeadStore;
  /**
   * Hears what an account has come to, once a day over all processes.
   *
   * @param by whose answer it was, or the last one of several that were counted together
   */
  readonly report: (reached: LeadsReached, leads: number, by: Read) => void;
}

/**
 * How many different leads an account may read in a day. With a limit, leads are counted before the answer that discloses
 * them leaves; without one, a moment later, and nobody waits. docs/decisions/0034-daily-leads.md
 */
export function createDailyLeads<Read extends Reader>(options: DailyLeadsOptions<Read>) {
  const { dailyLeads: limit, clock, store, report } = options;
  const most = limit === 0 ? UNUSUAL_LEADS : limit;
  const thresholds = limit === 0 ? [most] : [Math.ceil(limit * WARNED_SHARE), most];
  const today = new LeadsReadToday(clock);
  let day = -Infinity;
  /** Monotonic. */
  let begunAt = 0;

  function begin(newDay: number): void {
    day = newDay;
    begunAt = clock.monotonic();
    today.begin(endOfDay(day));
  }

  /** A clock that is set back begins no new day; one that was far ahead holds up the next day by a day at most. */
  function turnDay(): void {
    const byClock = dayOf(clock.wall());
    if (byClock > day) begin(byClock);
    else if (clock.monotonic() - begunAt > LONGEST_DAY_MS) begin(day + 1);
  }

  async function count(by: Read, leadIds: readonly number[], when: 'now' | 'soon'): Promise<CountedLeads> {
    const { account, user } = by;
    const counted = await store().count({ day, account, user, leadIds, thresholds }, when);
    if (counted.day > day) begin(counted.day);
    if (counted.reached !== undefined)
      report(counted.reached < most ? 'near limit' : limit === 0 ? 'unusual' : 'limit', counted.leads, by);
    return counted;
  }

  /** What cannot be counted is forgotten, and counted when it is read again. */
  async function countSoon(by: Read, leadId: number): Promise<void> {
    today.add(by.account, leadId, most);
    try {
      const counted = await count(by, [leadId], 'soon');
      if (counted.leads >= most && counted.day === day) today.addAll(by.account);
    } catch {
      // The store has logged why.
      today.forget(by.account, leadId);
    }
  }

  return {
    today,
    /**
     * Counts the leads that an answer discloses, all or none.
     *
     * @param leadIds those that `today` does not know, each once
     * @returns why the answer must not leave; undefined: it may
     * @throws {StoreFailure} (as a rejection) there is a limit, and they cannot be counted
     */
    async take(by: Read, leadIds: readonly number[]): Promise<ProblemOf<'rate_limited'> | undefined> {
      turnDay();
      if (limit === 0) {
        for (const leadId of leadIds) void countSoon(by, leadId);
        return undefined;
      }
      const counted = await count(by, leadIds, 'now');
      if (!counted.fits) return { code: 'rate_limited', retryAfterSeconds: secondsLeft(), dailyLeads: limit };
      if (counted.day === day) for (const leadId of leadIds) today.add(by.account, leadId);
      return undefined;
    },
  };

  function secondsLeft(): number {
    const byClock = endOfDay(day) - clock.wall();
    const atMost = LONGEST_DAY_MS - (clock.monotonic() - begunAt);
    return Math.max(1, Math.ceil(Math.min(byClock, atMost) / 1000));
  }
}
