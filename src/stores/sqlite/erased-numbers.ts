import { createHmac } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

import { DAY_MS, dateOf } from '../../core/days.ts';

/** Since when a number is erased; undefined: it is not. */
export type FindErased = (keys: Iterable<string>) => string | undefined;

/**
 * The numbers of people who were erased, so that an import does not bring them back: HMAC-SHA-256 with a secret of this store,
 * in base64url. The secret is in the same file: whoever has the file can try all numbers.
 */
export function createErasedNumbers(database: DatabaseSync) {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'erasure_secret'").get();
  const secret = String(row?.value);
  const hashOf = (key: string) => createHmac('sha256', secret).update(key).digest('base64url');
  const insert = database.prepare('INSERT OR REPLACE INTO erased_numbers VALUES (?, ?)');
  const forget = database.prepare('DELETE FROM erased_numbers WHERE at < ?');
  const any = database.prepare('SELECT 1 FROM erased_numbers LIMIT 1');
  const find = database.prepare('SELECT at FROM erased_numbers WHERE number_hash = ? AND at >= ?');
  return {
    /** @param keys the comparable forms; @param at milliseconds of the wall clock */
    keep(keys: Iterable<string>, at: number): void {
      for (const key of keys) insert.run(hashOf(key), at);
    },
    /** Those of whom the time is over. */
    forget: (days: number, now: number) => void forget.run(now - days * DAY_MS),
    /**
     * What an import asks of each new lead.
     *
     * @returns undefined: no number is kept, so that there is nothing to ask
     */
    search(days: number, now: number): FindErased | undefined {
      if (days === 0 || any.get() === undefined) return undefined;
      const since = now - days * DAY_MS;
      return (keys) => {
        for (const key of keys) {
          const found = find.get(hashOf(key), since);
          if (found !== undefined) return dateOf(Number(found.at));
        }
        return undefined;
      };
    },
  };
}
