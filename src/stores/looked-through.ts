import type { LeadPage, LookedThrough } from '../core/lead-store.ts';

/** So many leads are looked at in one go: a few milliseconds. */
export const LOOKED_AT_ONCE = 5_000;

/** What was found among leads that were looked at. */
interface Looked {
  /** The newest first. */
  readonly wanted: readonly number[];
  /** How many were looked at, and the oldest of them. */
  readonly count: number;
  readonly last: number;
  readonly limit: number;
}

/** A part as it is answered: it goes on where a page was full, or its leads too large. */
export function lookedThrough(
  { wanted, count, last, limit }: Looked,
  { matches, isCut }: Pick<LeadPage, 'matches' | 'isCut'>,
): LookedThrough {
  const oldest =
    isCut === true ? matches.at(-1)?.leadId : wanted.length === limit ? wanted.at(-1) : undefined;
  return { matches, looked: count, below: oldest ?? (count < LOOKED_AT_ONCE ? undefined : last) };
}
