/** For so many days leads of a list are kept; `*`: of every list that has no number of its own. */
export interface ListRetention {
  readonly listId: number | '*';
  readonly days: number;
}

/** A rule, with how many leads' time is over by it. */
export interface DueRule extends ListRetention {
  readonly leads: number;
}

/** Calls of no lead that is known. */
export interface DueCalls {
  /** Milliseconds of the wall clock. */
  readonly before: number;
  readonly count: number;
}

/** What the setting `retention` lets go. */
export interface DueData {
  readonly rules: readonly DueRule[];
  readonly calls: DueCalls;
}
