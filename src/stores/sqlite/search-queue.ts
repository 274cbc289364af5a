import type { DatabaseSync } from 'node:sqlite';

export type SearchQueue = ReturnType<typeof createSearchQueue>;

/** Leads whose words are to be indexed, by ranges of their ids, within the transaction that writes the leads. */
export function createSearchQueue(database: DatabaseSync) {
  const add = database.prepare(
    `INSERT INTO search_queue VALUES (?1, ?2)
     ON CONFLICT (first_lead_id) DO UPDATE SET last_lead_id = max(last_lead_id, ?2)`,
  );
  const addAll = database.prepare(
    `INSERT OR REPLACE INTO search_queue
     SELECT min(lead_id), max(lead_id) FROM leads HAVING max(lead_id) IS NOT NULL`,
  );
  let [first, last] = [0, -1];

  function flush(): void {
    if (last >= first) add.run(first, last);
    [first, last] = [0, -1];
  }

  return {
    /** Written by `flush`: leads that follow one another share a row. */
    add(leadId: number): void {
      if (leadId !== last + 1) {
        flush();
        first = leadId;
      }
      last = leadId;
    },
    /** To be called before the transaction is committed. */
    flush,
    /** Every lead: which fields are searched has changed. */
    addAll: () => void addAll.run(),
  };
}

export const IS_INDEXING = 'SELECT EXISTS (SELECT 1 FROM search_queue) AS waits';
