const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The day of a moment by the calendar of the machine, which has a time zone: 0 is 1970-01-01.
 *
 * @param wall milliseconds of the wall clock
 */
export function dayOf(wall: number): number {
  const date = new Date(wall);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS;
}

/** The midnight after a day, in milliseconds of the wall clock. */
export function endOfDay(day: number): number {
  return new Date(1970, 0, day + 2).getTime();
}

/** Leads that one answer discloses to an account. */
export interface LeadsRead {
  /** As `dayOf`. */
  readonly day: number;
  /** What limits go by, as `Principal.accountId`. */
  readonly account: string;
  /** As log and audit name the account. */
  readonly user: string;
  /** Each once. */
  readonly leadIds: readonly number[];
  /** Numbers of different leads that are to be reported, ascending; the last one is the most that are counted. */
  readonly thresholds: readonly number[];
}

export interface CountedLeads {
  /** The day for which they were counted: never before the newest one that the store has. */
  readonly day: number;
  /** Different leads of the account on that day. */
  readonly leads: number;
  /** False: with these it would have been more than the last threshold, and none of them was counted. */
  readonly fits: boolean;
  /** The highest threshold that the account has come to, where nobody has reported it on that day. */
  readonly reached: number | undefined;
}

/** The port that counts the different leads that accounts read in a day, over all processes of a store. */
export interface DailyLeadStore {
  /**
   * Counts all of the leads or none; those that the account has read on that day count once.
   *
   * @param when `now`: with all that come in this tick; `soon`: within a second
   * @returns (rejects with StoreFailure) what is stored then
   */
  count(read: LeadsRead, when: 'now' | 'soon'): Promise<CountedLeads>;
  /** Who was reported on this day or later, most leads first; for the operator. */
  reported(day: number): Promise<readonly ReadingAccount[]>;
}

export interface ReadingAccount {
  /** As log and audit name the account. */
  readonly user: string;
  /** Different leads that it read in the day. */
  readonly leads: number;
}
