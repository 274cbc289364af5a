import type { DatabaseSync } from 'node:sqlite';

import { createSearchTexts } from './search-text.ts';

/** Leads that are read at once; between two of them the time is looked at. */
const LEADS_AT_ONCE = 200;
/** Pages of the index that a step of clearing writes: some 5 ms. */
const PAGES_AT_ONCE = 64;

/** What was done in one transaction, and how many ids the queue still spans. */
interface IndexedBatch {
  readonly leads: number;
  readonly left: number;
}

/** Keeps the index of search as the leads are. Each function is called within a transaction. */
export function createSearchIndex(database: DatabaseSync) {
  const texts = createSearchTexts(database);
  const entries = createEntries(database);
  const queue = createQueueReader(database);
  const remains = createRemains(database);

  /** The first leads of a range. @returns how many, and the last id that is done */
  function bring(first: number, last: number): readonly [leads: number, done: number] {
    const found = texts.ofRange(first, last, LEADS_AT_ONCE);
    const done = found.size < LEADS_AT_ONCE ? last : ([...found.keys()].at(-1) ?? last);
    const before = entries.ofRange(first, done);
    // By ascending ids: else the index is written out in between.
    for (const leadId of [...new Set([...found.keys(), ...before.keys()])].sort((a, b) => a - b)) {
      if (before.get(leadId) === found.get(leadId)) continue;
      if (before.has(leadId)) remains.noteOld();
      entries.replace(leadId, before.get(leadId), found.get(leadId));
    }
    return [found.size, done];
  }

  return {
    /** Brings one lead as it is now. */
    refresh(leadId: number): void {
      texts.forgetFields();
      const [before, text] = [entries.of(leadId), texts.ofLead(leadId)];
      if (before === text) return;
      if (before !== undefined) remains.noteOld();
      entries.replace(leadId, before, text);
    },
    /** Brings leads that wait in the queue: no further ones are begun after so many, or so long. */
    indexSome(most: { readonly leads: number; readonly ms: number }): IndexedBatch {
      texts.forgetFields();
      const started = performance.now();
      let leads = 0;
      for (let range = queue.first(); range !== undefined; range = queue.first()) {
        const [first, last] = range;
        const [count, done] = bring(first, last);
        queue.shrink(range, done);
        leads += count;
        if (leads >= most.leads || performance.now() - started >= most.ms) break;
      }
      return { leads, left: queue.left() };
    },
    /** Writes a part of the index anew without what is gone, where something is. @returns whether more is to be done */
    clearSome: () => remains.clearSome(),
  };
}

export type SearchIndex = ReturnType<typeof createSearchIndex>;

/** What is in the index, and the texts by which it is there. */
function createEntries(database: DatabaseSync) {
  const stored = database.prepare('SELECT text FROM search_texts WHERE lead_id = ?');
  const storedRange = database.prepare(
    'SELECT lead_id, text FROM search_texts WHERE lead_id BETWEEN ? AND ?',
  );
  const takeOut = database.prepare(
    "INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', ?, ?)",
  );
  const forgetText = database.prepare('DELETE FROM search_texts WHERE lead_id = ?');
  const putIn = database.prepare('INSERT INTO search_index (rowid, text) VALUES (?, ?)');
  const keepText = database.prepare('INSERT OR REPLACE INTO search_texts VALUES (?, ?)');

  function replace(leadId: number, before: string | undefined, text: string | undefined): void {
    if (before !== undefined) takeOut.run(leadId, before);
    if (text === undefined) {
      forgetText.run(leadId);
      return;
    }
    putIn.run(leadId, text);
    keepText.run(leadId, text);
  }

  return {
    replace,
    ofRange: (first: number, last: number): ReadonlyMap<number, string> =>
      new Map(storedRange.all(first, last).map((row) => [Number(row.lead_id), String(row.text)])),
    of: (leadId: number) => stored.get(leadId)?.text as string | undefined,
  };
}

function createQueueReader(database: DatabaseSync) {
  const first = database.prepare(
    'SELECT first_lead_id, last_lead_id FROM search_queue ORDER BY first_lead_id LIMIT 1',
  );
  const remove = database.prepare('DELETE FROM search_queue WHERE first_lead_id = ?');
  const add = database.prepare(
    `INSERT INTO search_queue VALUES (?1, ?2)
     ON CONFLICT (first_lead_id) DO UPDATE SET last_lead_id = max(last_lead_id, ?2)`,
  );
  const left = database.prepare(
    'SELECT coalesce(sum(last_lead_id - first_lead_id + 1), 0) AS ids FROM search_queue',
  );
  return {
    first(): readonly [first: number, last: number] | undefined {
      const row = first.get();
      return row && [Number(row.first_lead_id), Number(row.last_lead_id)];
    },
    /** @param done the last id of the range that needs no more */
    shrink([from, to]: readonly [number, number], done: number): void {
      remove.run(from);
      if (done < to) add.run(done + 1, to);
    },
    left: () => Number(left.get()?.ids),
  };
}

/** Words that were taken out stand in the index until its parts are merged (`search_remains` in 010-search.sql). */
function createRemains(database: DatabaseSync) {
  const set = database.prepare("UPDATE meta SET value = ? WHERE name = 'search_remains'");
  const state = database.prepare("SELECT value FROM meta WHERE name = 'search_remains'");
  const changes = database.prepare('SELECT total_changes() AS count');
  const countChanges = () => Number(changes.get()?.count);
  const merge = (pages: number) =>
    database.exec(`INSERT INTO search_index (search_index, rank) VALUES ('merge', ${pages})`);
  const read = () => state.get()?.value;
  return {
    /** Former words of leads that are still there: they go with the next lead that does. */
    noteOld(): void {
      const value = read();
      if (value !== 'old' && value !== '1') set.run(value === '0' ? 'old' : '1');
    },
    clearSome(): boolean {
      const value = read();
      if (value !== '1' && value !== '2') return false;
      const before = countChanges();
      // The negative number begins to merge all parts into one (https://sqlite.org/fts5.html#the_merge_command).
      merge(value === '1' ? -PAGES_AT_ONCE : PAGES_AT_ONCE);
      const isMore = countChanges() - before >= 2;
      set.run(isMore ? '2' : '0');
      return isMore;
    },
  };
}
