import { AuditFailure, type AuditTrail } from '../core/audit-trail.ts';
import { type Clock, withDeadline } from '../core/clock.ts';
import type { LookupEvent } from '../core/lookup-event.ts';
import { createRateLimit, type RateLimit } from '../throttle/throttle.ts';
import { AUDIT_LIMITS, AuditRefusal, type AuditLimits } from './audit-limits.ts';
import type { ChainEnd } from './chain-files.ts';
import { type AuditPlaceOptions, type Chain, openChain } from './open-chain.ts';
import { eventFields } from './operator-act.ts';
import { fieldsOf, lookupFields } from './record.ts';

export interface AuditWriterOptions extends AuditPlaceOptions {
  readonly clock: Clock;
  readonly limits?: Partial<AuditLimits> | undefined;
}

/** The records that are committed together. */
interface Batch extends PromiseWithResolvers<undefined> {
  readonly records: string[];
  /** Monotonic. */
  readonly beganAt: number;
}

/** Writes an audit into files (docs/audit.md). It opens them with its first record, and again with the first one after `close`. */
export class AuditWriter implements AuditTrail {
  readonly #options: AuditWriterOptions;
  readonly #limits: AuditLimits;
  readonly #delayOfNote: RateLimit;
  /** Group commit: the records of one tick of the event loop, or of the time that the disk takes, are one write. */
  #batch: Batch | undefined;
  /** The batch that is being synced. */
  #syncing: { readonly done: Promise<void>; readonly beganAt: number } | undefined;
  /** Syncs that the disk has not answered, those that took too long included. */
  #pendingSyncs = 0;
  #chain: Chain | undefined;
  /** The chain that was open before: it goes on even where its files are gone. */
  #known: { readonly chain: number; readonly end: ChainEnd } | undefined;
  #checkedAt = 0;
  /** From the first write that fails until one succeeds. */
  #failure: { readonly cause: unknown } | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #isRetrying = false;
  /** Lookups without a record since the last `unrecorded` record. */
  #unrecorded = 0;
  #unrecordedTotal = 0;

  constructor(options: AuditWriterOptions) {
    this.#options = options;
    this.#limits = { ...AUDIT_LIMITS, ...options.limits };
    this.#delayOfNote = createRateLimit(this.#limits.notesPerSecond, options.clock);
  }

  record(event: LookupEvent): Promise<void> {
    if (this.#failure === undefined) return this.#add(fieldsOfEvent(event));
    this.#countUnrecorded(1);
    return Promise.reject(new AuditFailure(this.#failure.cause));
  }

  note(event: LookupEvent): void {
    if (this.#failure === undefined && this.#delayOfNote('') === 0) void this.#add(fieldsOfEvent(event));
    else this.#countUnrecorded(1);
  }

  /**
   * Writes the record of something that is no request (`actFields`).
   *
   * @throws {AuditFailure} (as a rejection) it was not written
   */
  recordFields(fields: string): Promise<void> {
    return this.#add(fields);
  }

  /** @throws {AuditRefusal} it cannot be written in files; of a table that is known a moment later */
  open(): void {
    try {
      this.#openChain();
      if (this.#options.table !== undefined) void this.#add();
    } catch (cause) {
      throw new AuditRefusal(this.#options.folder, cause);
    }
  }

  /** Whether it has files open. */
  get isOpen(): boolean {
    return this.#chain !== undefined;
  }

  /** For metrics. `lagMs`: the age of the oldest record not yet written. `unrecorded`: lookups without a record of their own. */
  get state(): { readonly isFailing: boolean; readonly lagMs: number; readonly unrecorded: number } {
    const oldest = this.#syncing ?? this.#batch;
    return {
      isFailing: this.#failure !== undefined,
      lagMs: oldest === undefined ? 0 : performance.now() - oldest.beganAt,
      unrecorded: this.#unrecordedTotal,
    };
  }

  /** Whether records can be written, as far as is known. */
  isReady(): boolean {
    try {
      if (this.#failure === undefined && this.#syncing === undefined) this.#checkFile();
    } catch (cause) {
      this.#fail(cause);
    }
    return this.#failure === undefined;
  }

  /** Writes what is waiting, and closes the files. Never throws. */
  async close(): Promise<void> {
    await this.#settle();
    if (this.#unrecorded > 0 && this.#failure === undefined) {
      void this.#add(fieldsOf(this.#options.clock.wall(), { kind: 'unrecorded', count: this.#unrecorded }));
      this.#unrecorded = 0;
      await this.#settle();
    }
    this.#endFailure();
    this.#closeChain();
    await this.#options.table?.close();
  }

  #countUnrecorded(lookups: number): void {
    this.#unrecorded += lookups;
    this.#unrecordedTotal += lookups;
  }

  /**
   * @param record left out: only what the chain begins with is written
   * @returns when it is written; it rejects with an AuditFailure. Nobody needs to wait for it.
   */
  #add(record?: string): Promise<undefined> {
    if (this.#batch === undefined) {
      this.#batch = { records: [], beganAt: performance.now(), ...Promise.withResolvers<undefined>() };
      // Nobody waits for a note.
      this.#batch.promise.catch(() => undefined);
      if (this.#syncing === undefined) setImmediate(() => this.#flush());
    }
    if (record !== undefined) this.#batch.records.push(record);
    return this.#batch.promise;
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch === undefined || this.#syncing !== undefined) return;
    this.#batch = undefined;
    try {
      const synced = this.#commit(batch.records);
      if (synced === undefined) {
        batch.resolve(undefined);
        return;
      }
      const done = synced
        .then(() => batch.resolve(undefined), batch.reject)
        .finally(() => {
          this.#syncing = undefined;
          this.#flush();
        });
      this.#syncing = { done, beganAt: batch.beganAt };
    } catch (cause) {
      batch.reject(cause);
    }
  }

  async #settle(): Promise<void> {
    this.#flush();
    while (this.#syncing !== undefined) await this.#syncing.done;
  }

  /** @throws {AuditFailure} they were not written */
  #commit(records: readonly string[]): Promise<void> | undefined {
    try {
      if (this.#failure !== undefined) throw this.#failure.cause;
      this.#checkFile();
      return this.#write(records)?.catch((cause: unknown) => {
        throw this.#fail(cause);
      });
    } catch (cause) {
      this.#countUnrecorded(records.length);
      throw this.#fail(cause);
    }
  }

  /**
   * Writes records, after one that says how many are missing.
   *
   * @returns when they are on the disk, where that is wanted; it rejects when they are not
   * @throws what the file system says
   */
  #write(records: readonly string[]): Promise<void> | undefined {
    const { clock, durability, table } = this.#options;
    const chain = this.#openChain();
    const count = this.#unrecorded;
    const missing = count === 0 ? [] : [fieldsOf(clock.wall(), { kind: 'unrecorded', count })];
    chain.write([...missing, ...records], clock.wall());
    this.#unrecorded -= count;
    const synced = durability === 'synced' ? this.#sync(chain) : undefined;
    if (table === undefined) return synced;
    return synced?.catch((cause: unknown) => {
      // A file may have them; a table has none.
      this.#unrecorded += count;
      this.#countUnrecorded(records.length);
      throw cause;
    });
  }

  /** @throws {Error} the disk failed, or took longer than `syncMs` */
  #sync(chain: Chain): Promise<void> {
    this.#pendingSyncs += 1;
    const synced = chain.sync().finally(() => (this.#pendingSyncs -= 1));
    const { syncMs } = this.#limits;
    return withDeadline(synced, syncMs, new Error(`the disk did not take it within ${syncMs} ms`));
  }

  /**
   * Claims a chain unless one is open. A record is written then, which shows that it can be written.
   *
   * @throws what the file system says
   */
  #openChain(): Chain {
    if (this.#chain !== undefined) return this.#chain;
    const { clock } = this.#options;
    this.#chain = openChain(this.#options, this.#known, this.#limits.fileBytes);
    this.#checkedAt = clock.monotonic();
    try {
      this.#chain.write([fieldsOf(clock.wall(), { kind: 'opened' })], clock.wall());
    } catch (cause) {
      this.#closeChain();
      throw cause;
    }
    return this.#chain;
  }

  #closeChain(): void {
    if (this.#chain === undefined) return;
    this.#known = { chain: this.#chain.chain, end: this.#chain.end };
    this.#chain.close();
    this.#chain = undefined;
  }

  /**
   * Begins another file where somebody moved or changed this one; looks once in `checkMs`.
   *
   * @throws what the file system says
   */
  #checkFile(): void {
    const { clock, folder, log } = this.#options;
    const now = clock.monotonic();
    if (this.#chain === undefined || now - this.#checkedAt < this.#limits.checkMs) return;
    this.#checkedAt = now;
    if (this.#chain.isIntact()) return;
    const message = `somebody moved or changed the audit's file in ${folder}; another one begins`;
    log({ level: 'warn', message });
    this.#closeChain();
    this.#openChain();
  }

  #fail(cause: unknown): AuditFailure {
    const { folder, log } = this.#options;
    this.#closeChain();
    if (this.#failure === undefined)
      log({ level: 'error', message: `the audit cannot be written in ${folder}`, cause });
    this.#failure = { cause };
    this.#retryTimer ??= setInterval(() => void this.#retry(), this.#limits.retryMs).unref();
    return new AuditFailure(cause);
  }

  #endFailure(): void {
    clearInterval(this.#retryTimer);
    [this.#failure, this.#retryTimer] = [undefined, undefined];
  }

  /** Opening writes a record, and only what reaches the file shows that it can be written. */
  async #retry(): Promise<void> {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    const { folder, log } = this.#options;
    try {
      if (this.#pendingSyncs > 0) throw new Error('the disk has not answered yet');
      await this.#write([]);
      if (this.#failure !== undefined)
        log({ level: 'info', message: `the audit can be written again in ${folder}` });
      this.#endFailure();
    } catch (cause) {
      this.#closeChain();
      if (this.#failure !== undefined) this.#failure = { cause };
    } finally {
      this.#isRetrying = false;
    }
  }
}

function fieldsOfEvent(event: LookupEvent): string {
  return event.act === undefined ? lookupFields(event) : eventFields(event, event.act);
}
