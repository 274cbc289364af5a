import type { DatabaseSync } from 'node:sqlite';

/** Other writers wait for so long at most, the making of the indexes counted in; their patience is BUSY_TIMEOUT_MS. */
const LOCK_MS = 3_500;
/** From here on a batch would spend most of its time on indexes: then they are kept up row by row, as ever. */
const LONGEST_BUILD_MS = 2_500;
/** The first batch is as small as any, so that something is kept soon; then they grow with what is there. */
const FIRST_BATCH_ROWS = 20_000;
const GROWTH = 2;

export type BulkLoad = NonNullable<ReturnType<typeof startBulkLoad>>;

/**
 * The filling of an empty table of leads: its indexes are left out for the length of a batch and made anew before its
 * end, in the same transaction. So nobody ever sees leads without indexes, whenever the import is killed. Numbers come
 * in random order, so that kept up row by row each batch writes nearly every page of the indexes once more: that took
 * about half of an import of a million leads (measured: docs/decisions/0016-import-speed.md).
 *
 * To be called within a transaction, which is the first batch.
 *
 * @param now milliseconds of the monotonic clock
 * @returns undefined where there are leads already
 */
export function startBulkLoad(database: DatabaseSync, now = () => performance.now()) {
  const empty = database.prepare('SELECT NOT EXISTS (SELECT 1 FROM leads) AS empty').get()?.empty === 1;
  if (!empty) return undefined;
  const dataVersion = database.prepare('PRAGMA data_version');
  const readVersion = () => Number(dataVersion.get()?.data_version);
  const version = readVersion();
  // From the schema itself: what is made anew is what was there.
  const indexes = database
    .prepare(
      `SELECT format('DROP INDEX %w;', name) AS "drop", sql || ';' AS "create"
       FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ('leads', 'lead_numbers') AND sql IS NOT NULL`,
    )
    .all();
  const takeOut = () => database.exec(indexes.map((index) => String(index.drop)).join('\n'));
  let areOut = true;
  let [rows, batchRows, buildMsPerRow] = [0, 0, 0];
  /** How long the indexes would take now. */
  const buildMs = () => buildMsPerRow * (rows + batchRows);

  takeOut();
  return {
    /** What the rows of this import are known by, while no index tells. */
    numbers: new KnownNumbers(),
    /**
     * For each further batch, within its transaction.
     *
     * @returns false when this is over, and the indexes are there: somebody else has written, perhaps leads; or it does
     *   not pay any longer
     */
    resume(): boolean {
      if (readVersion() !== version || buildMs() > LONGEST_BUILD_MS) return false;
      takeOut();
      areOut = true;
      return true;
    },
    countRow(): void {
      batchRows += 1;
    },
    /** @param heldMs how long the transaction has been there */
    isFull(heldMs: number): boolean {
      const most = Math.max(FIRST_BATCH_ROWS, rows * GROWTH);
      return batchRows >= most || heldMs + buildMs() >= LOCK_MS;
    },
    /** Makes the indexes, before a batch is committed: where that fails, it must not be. */
    bringBack(): void {
      if (!areOut) return;
      const started = now();
      database.exec(indexes.map((index) => String(index.create)).join('\n'));
      areOut = false;
      rows += batchRows;
      batchRows = 0;
      buildMsPerRow = (now() - started) / Math.max(rows, FIRST_BATCH_ROWS);
    },
  };
}

/** Leads beyond these are not kept here: an import may not take much memory. */
const MOST_NUMBERS = 2 ** 21;
const HIGHEST_LEAD_ID = 2 ** 32 - 1;
const BUCKETS = 2 ** 20;

/**
 * Which leads an import gave which number, in 12 bytes for each. It stands in for the index of numbers while that is
 * left out (startBulkLoad), and names a little too much: what it names must be looked at.
 */
export class KnownNumbers {
  #count = 0;
  // Of their full size at once: memory that nothing was written to takes no room, and nothing is copied as they fill.
  /** By the last bits of the hash: the latest entry + 1; 0: none. */
  readonly #latest = new Uint32Array(BUCKETS);
  /** By entry: the one before it + 1, with the same last bits. */
  readonly #before = new Uint32Array(MOST_NUMBERS);
  readonly #hashes = new Uint32Array(MOST_NUMBERS);
  readonly #leadIds = new Uint32Array(MOST_NUMBERS);

  /** @returns false: there is no room for it, and what is there cannot be relied on any longer */
  add(key: string, listId: number, leadId: number): boolean {
    if (this.#count === MOST_NUMBERS || leadId > HIGHEST_LEAD_ID) return false;
    const entry = this.#count++;
    const hash = hashOf(key, listId);
    const bucket = hash & (BUCKETS - 1);
    this.#hashes[entry] = hash;
    this.#leadIds[entry] = leadId;
    this.#before[entry] = this.#latest[bucket] ?? 0;
    this.#latest[bucket] = entry + 1;
    return true;
  }

  /**
   * The leads that may have the number, the highest id first.
   *
   * @param most how many are wanted at most
   * @returns undefined: there are more
   */
  find(key: string, listId: number, most: number): readonly number[] | undefined {
    const hash = hashOf(key, listId);
    let found: number[] | undefined;
    let next = this.#latest[hash & (BUCKETS - 1)] ?? 0;
    while (next > 0) {
      const entry = next - 1;
      if (this.#hashes[entry] === hash) {
        found ??= [];
        if (found.length === most) return undefined;
        found.push(this.#leadIds[entry] ?? 0);
      }
      next = this.#before[entry] ?? 0;
    }
    return found?.sort((a, b) => b - a) ?? NONE;
  }
}

const NONE: readonly number[] = [];

/** FNV-1a, and then its bits mixed well: its last ones alone are chosen by. */
function hashOf(key: string, listId: number): number {
  let hash = 0x811c9dc5 ^ (listId % 0x100000000);
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
