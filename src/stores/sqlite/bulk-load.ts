import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { KnownNumbers } from './known-numbers.ts';

/** Other writers wait for so long at most, the making of the indexes counted in; their patience is BUSY_TIMEOUT_MS. */
const LOCK_MS = 3_500;
/** From here on a batch would spend most of its time on indexes: then they are kept up row by row, as ever. */
const LONGEST_BUILD_MS = 2_500;
/** The first batch is as small as any, so that something is kept soon; then they grow with what is there. */
const FIRST_BATCH_ROWS = 20_000;
const GROWTH = 2;

/**
 * The filling of an empty table of leads: its indexes are left out for the length of a batch and made anew before its
 * end, in the same transaction. So nobody ever sees leads without indexes, whenever the import is killed. Numbers come
 * in random order, so that kept up row by row each batch writes nearly every page of the indexes once more: that took
 * about half of an import of a million leads (measured: docs/decisions/0016-import-speed.md).
 */
export class BulkLoad {
  /** What the rows of this import are known by, while no index tells. */
  readonly numbers = new KnownNumbers();
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #dataVersion: StatementSync;
  readonly #drop: string;
  readonly #create: string;
  readonly #version: number;
  #areOut = false;
  #rows = 0;
  #batchRows = 0;
  #buildMsPerRow = 0;

  /**
   * To be called within a transaction, which is the first batch.
   *
   * @param now milliseconds of the monotonic clock
   * @returns undefined where there are leads already
   */
  static start(database: DatabaseSync, now = () => performance.now()): BulkLoad | undefined {
    const empty = database.prepare('SELECT NOT EXISTS (SELECT 1 FROM leads) AS empty').get()?.empty === 1;
    return empty ? new BulkLoad(database, now) : undefined;
  }

  private constructor(database: DatabaseSync, now: () => number) {
    this.#database = database;
    this.#now = now;
    this.#dataVersion = database.prepare('PRAGMA data_version');
    this.#version = this.#readVersion();
    // From the schema itself: what is made anew is what was there.
    const indexes = database
      .prepare(
        `SELECT format('DROP INDEX %w;', name) AS "drop", sql || ';' AS "create"
         FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'leads' AND sql IS NOT NULL`,
      )
      .all();
    this.#drop = indexes.map((index) => String(index.drop)).join('\n');
    this.#create = indexes.map((index) => String(index.create)).join('\n');
    this.#takeOut();
  }

  /**
   * For each further batch, within its transaction.
   *
   * @returns false when this is over, and the indexes are there: somebody else has written, perhaps leads; or it does
   *   not pay any longer
   */
  resume(): boolean {
    if (this.#readVersion() !== this.#version || this.#buildMs() > LONGEST_BUILD_MS) return false;
    this.#takeOut();
    return true;
  }

  countRow(): void {
    this.#batchRows++;
  }

  /** @param heldMs how long the transaction has been there */
  isFull(heldMs: number): boolean {
    const most = Math.max(FIRST_BATCH_ROWS, this.#rows * GROWTH);
    return this.#batchRows >= most || heldMs + this.#buildMs() >= LOCK_MS;
  }

  /** Makes the indexes, before a batch is committed: where that fails, it must not be. */
  bringBack(): void {
    if (!this.#areOut) return;
    const started = this.#now();
    this.#database.exec(this.#create);
    this.#areOut = false;
    this.#rows += this.#batchRows;
    this.#batchRows = 0;
    this.#buildMsPerRow = (this.#now() - started) / Math.max(this.#rows, FIRST_BATCH_ROWS);
  }

  #takeOut(): void {
    this.#database.exec(this.#drop);
    this.#areOut = true;
  }

  /** How long the indexes would take now. */
  #buildMs(): number {
    return this.#buildMsPerRow * (this.#rows + this.#batchRows);
  }

  #readVersion(): number {
    return Number(this.#dataVersion.get()?.data_version);
  }
}
