import { CommandFailure, EXIT } from '../process/exit-code.ts';
import { printable } from '../process/printable.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 365;
/** Ten years: nobody remembers a token for longer. */
const MOST_DAYS = 3_650;

/**
 * When something ends that lasts so long.
 *
 * @param when `90d`, or a date such as `2027-12-31`, which is its end in UTC; undefined: a year
 * @param now milliseconds of the wall clock, as what is returned
 * @throws {CommandFailure} it is neither, not in the future, or too far in it
 */
export function expiryOf(when: string | undefined, now: number): number {
  const at = readExpiry(when ?? `${DEFAULT_DAYS}d`, now);
  if (at !== undefined && at > now && at <= now + MOST_DAYS * DAY_MS) return at;
  throw new CommandFailure(
    `--expires takes days from now (90d) or a date to come (2027-12-31), within ten years, not "${printable(when ?? '')}"`,
    EXIT.usage,
  );
}

/** A time as a date, in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function readExpiry(when: string, now: number): number | undefined {
  const [, days] = /^(\d{1,5})d$/.exec(when) ?? [];
  if (days !== undefined) return now + Number(days) * DAY_MS;
  if (!/^\d{4}-\d\d-\d\d$/.test(when)) return undefined;
  const begin = Date.parse(`${when}T00:00:00Z`);
  // `2027-02-31` is read as a day in March.
  const isDate = !Number.isNaN(begin) && new Date(begin).toISOString().startsWith(when);
  return isDate ? begin + DAY_MS : undefined;
}
