import type { DatabaseSync } from 'node:sqlite';

import type { OtherLeads } from '../../core/lead-archive.ts';
import { SELECT_NEXT_LEADS } from './import-batch.ts';

/** Those of one import. */
export interface OtherLeadsOfImport {
  /** By list: leads that the import brought, without those that it took to another list. */
  readonly arrivals: Map<number, number>;
  readonly isNamed: (leadId: number) => boolean;
  /** When it began: milliseconds of the wall clock. */
  readonly since: number;
}

/**
 * The leads that an import's rows have not named.
 *
 * @param lineOf the line that is of a lead; undefined: none is
 * @param earlier those of the import of another file that is one sheet with this one
 */
export function createOtherLeads(
  database: DatabaseSync,
  lineOf: (leadId: number) => number | undefined,
  earlier?: OtherLeadsOfImport,
) {
  const { arrivals, since } = earlier ?? { arrivals: new Map<number, number>(), since: Date.now() };
  const isNamed = (leadId: number) => lineOf(leadId) !== undefined || earlier?.isNamed(leadId) === true;
  const next = database.prepare(SELECT_NEXT_LEADS);
  next.setReturnArrays(true);
  // While the import runs, people go on: whom they have made, changed or moved since then is not removed.
  const isAsItWas = database.prepare(
    `SELECT 1 FROM leads WHERE lead_id = ?1 AND list_id IN (SELECT value FROM json_each(?2)) AND NOT EXISTS (
       SELECT 1 FROM lead_changes WHERE lead_changes.lead_id = ?1 AND import_id IS NULL AND at >= ?3)`,
  );

  function add(listId: number, count: number): void {
    arrivals.set(listId, (arrivals.get(listId) ?? 0) + count);
  }

  /** Of all lists, by id. */
  function* batches(): Generator<readonly (readonly [leadId: number, listId: number])[]> {
    for (let last: number | undefined = 0; ;) {
      const rows = next.all(last) as unknown as readonly (readonly [number, number])[];
      last = rows.at(-1)?.[0];
      if (last === undefined) return;
      yield rows;
    }
  }

  return {
    arrivals,
    isNamed,
    since,
    /** A lead that is new, or of which a row says another list than before. */
    arrived(listId: number, before?: number): void {
      if (listId === before) return;
      add(listId, 1);
      if (before !== undefined) add(before, -1);
    },
    /** @see ImportRun.countOthers */
    count(lists: ReadonlySet<number>): ReadonlyMap<number, OtherLeads> {
      const counts = new Map<number, { before: number; others: number }>();
      for (const listId of lists) counts.set(listId, { before: 0 - (arrivals.get(listId) ?? 0), others: 0 });
      for (const rows of batches()) {
        for (const [leadId, listId] of rows) {
          const count = counts.get(listId);
          if (count === undefined) continue;
          count.before += 1;
          if (!isNamed(leadId)) count.others += 1;
        }
      }
      return counts;
    },
    /**
     * Those of the lists. To be asked for within the transaction in which they are removed: each is still what it was when the
     * import began.
     */
    *of(lists: ReadonlySet<number>): Generator<number> {
      const listIds = JSON.stringify([...lists]);
      const isStill = (leadId: number) => isAsItWas.get(leadId, listIds, since) !== undefined;
      for (const rows of batches()) {
        for (const [leadId, listId] of rows)
          if (lists.has(listId) && !isNamed(leadId) && isStill(leadId)) yield leadId;
      }
    },
  };
}
