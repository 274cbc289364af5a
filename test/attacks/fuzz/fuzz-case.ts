import { SeededRandom } from '../../support/seeded-random.ts';
import { wrapBurst, wrapRaw } from './raw-bytes.ts';
import { wrapOtherApi, wrapStructured } from './structured.ts';

/** What is sent on one connection, and what is known of the only right answers. */
export interface FuzzCase {
  /** In a few words, for a person. */
  readonly words: string;
  /** Written one after the other. */
  readonly pieces: readonly Buffer[];
  /** The leads of requests at the beginning that are as they should be: found, in this order. */
  readonly found: readonly number[];
  /** Whether others may find a lead, too: the right password is somewhere in them. */
  readonly mayFind: boolean;
  /** Whether it is one whole request, which must have one answer. */
  readonly isWhole: boolean;
  /** Whether it exceeds what a connection or a batch may hold: some of its requests may be refused, in order. */
  readonly isTooMuch?: boolean;
}

/** The case of this number; it depends on seed and number alone. */
export function makeCase(seed: string, number: number): FuzzCase {
  const random = new SeededRandom(`${seed}/${number}`);
  if (random.chance(1 / 300)) return wrapBurst(random);
  if (random.chance(1 / 5)) return wrapOtherApi(random);
  return random.chance(1 / 3) ? wrapRaw(random) : wrapStructured(random);
}
