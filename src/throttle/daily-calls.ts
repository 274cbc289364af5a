import type { Clock } from '../core/clock.ts';
import { dateOf, DAY_MS } from '../core/days.ts';

/**
 * New calls of one notifier in a day (UTC), in one process: more than 300 agents have of whom each call rings at three. A program gone
 * wrong fills a store no further.
 */
export const MOST_CALLS_A_DAY = 250_000;

/** How many new calls each notifier has told of today. */
export function createDailyCalls(clock: Pick<Clock, 'wall'>, most = MOST_CALLS_A_DAY) {
  let day = '';
  let counts = new Map<string, number>();

  function countOf(notifier: string): number {
    const today = dateOf(clock.wall());
    if (today !== day) counts = new Map();
    day = today;
    return counts.get(notifier) ?? 0;
  }

  return {
    add: (notifier: string): void => void counts.set(notifier, countOf(notifier) + 1),
    /** 0: this notifier may tell of more now. */
    secondsUntilMore(notifier: string): number {
      return countOf(notifier) < most ? 0 : Math.ceil((DAY_MS - (clock.wall() % DAY_MS)) / 1_000);
    },
  };
}
