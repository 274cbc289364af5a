export const DAY_MS = 24 * 60 * 60 * 1000;

/** `YYYY-MM-DD`, UTC. @param at milliseconds of the wall clock */
export function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
