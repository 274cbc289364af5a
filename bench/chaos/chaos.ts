import type { SeededRandom } from '../../test/support/seeded-random.ts';

/** A promise, and what became of it. */
export interface ChaosRow {
  readonly what: string;
  readonly asked: string;
  readonly reached: string;
  /** Undefined: it was not tried, and `reached` says why. */
  readonly isKept: boolean | undefined;
}

/** What a part of the chaos gets. */
export interface Chaos {
  /** Rounds of this part. */
  readonly rounds: number;
  readonly random: SeededRandom;
  /** Times that are promised are multiplied with it: more than 1 where other work runs beside. */
  readonly patience: number;
  /** To be told how many processes were killed while they wrote, and how many of their writes were lost. */
  noteKilled(processes: number, lost: number): void;
  /** Says how far it is. */
  log(line: string): void;
}

export type ChaosPart = (chaos: Chaos) => Promise<readonly ChaosRow[]>;

/** Breaches of one promise, with words for the first of them. */
export interface Breaches {
  readonly count: number;
  add(words: string): void;
  /** `0`, or how many with the first of them in words. */
  words(): string;
}

const MOST_LOGGED = 10;

export function createBreaches({ log }: Pick<Chaos, 'log'>): Breaches {
  let [count, first] = [0, ''];
  return {
    get count() {
      return count;
    },
    add(words) {
      count += 1;
      if (count === 1) first = words;
      if (count <= MOST_LOGGED) log(`BROKEN: ${words}`);
    },
    words: () => (count === 0 ? '0' : `${count}: ${first}`),
  };
}

/**
 * A row of what must not be there.
 *
 * @param more what else there is to say of it
 */
export function rowOfNone(what: string, breaches: Breaches, more = ''): ChaosRow {
  return { what, asked: '0', reached: withMore(breaches.words(), more), isKept: breaches.count === 0 };
}

/** A row of what must have come so often; without it the others say nothing. */
export function rowOfCount(what: string, asked: number, reached: number, more = ''): ChaosRow {
  const said = withMore(inWords(reached), more);
  return { what, asked: `>= ${inWords(asked)}`, reached: said, isKept: reached >= asked };
}

/** A row of the longest of some times, in milliseconds. */
export function rowOfLongest(
  what: string,
  promisedMs: number,
  times: readonly number[],
  { patience }: Pick<Chaos, 'patience'>,
  more = '',
): ChaosRow {
  const sorted = times.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const longest = sorted.at(-1) ?? NaN;
  const limit = promisedMs * patience;
  const reached = withMore(`${inWords(longest)} ms`, `median ${inWords(median)} ms`, more);
  return { what, asked: `<= ${inWords(limit)} ms`, reached, isKept: longest <= limit };
}

/** A whole number as people write it. */
export function inWords(count: number): string {
  return Math.round(count).toLocaleString('en');
}

function withMore(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}
