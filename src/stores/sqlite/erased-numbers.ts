import type { DatabaseSync } from 'node:sqlite';

import { DAY_MS } from '../../core/days.ts';
import { createErasedHash } from '../erased-rows.ts';
import type { ErasedPeople } from '../import-erased.ts';

/** When a number was erased: milliseconds; undefined: it was not. */
export type FindErased = (keys: Iterable<string>) => number | undefined;

/** The numbers of people who were erased, so that an import does not bring them back. */
export function createErasedNumbers(database: DatabaseSync) {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'erasure_secret'").get();
  const hashOf = createErasedHash(String(row?.value));
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
          if (found !== undefined) return Number(found.at);
        }
        return undefined;
      };
    },
  };
}

/**
 * People who were erased at their wish, for an import.
 *
 * @param days for so long they are known; 0: nobody is
 * @returns undefined: nobody is
 */
export function findErasedPeople(database: DatabaseSync, days: number): ErasedPeople | undefined {
  const now = Date.now();
  const find = createErasedNumbers(database).search(days, now);
  const byId = database.prepare('SELECT at FROM erased_leads WHERE lead_id = ? AND at >= ? AND is_wish = 1');
  const isAnyId = database.prepare('SELECT 1 FROM erased_leads LIMIT 1').get() !== undefined;
  if (days === 0 || (find === undefined && !isAnyId)) return undefined;
  return {
    byLeadId(leadId) {
      const erased = byId.get(leadId, now - days * DAY_MS);
      return erased === undefined ? undefined : Number(erased.at);
    },
    byNumbers: (keys) => find?.(keys),
  };
}
