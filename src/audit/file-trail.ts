import { AuditFailure, type AuditTrail } from '../core/audit-trail.ts';
import type { LookupEvent } from '../core/lookup-event.ts';
import { createRateLimit, type RateLimit } from '../throttle/rate-limit.ts';
import { AUDIT_LIMITS, type AuditLimits } from './audit-limits.ts';
import { lookupFields, unrecordedFields } from './audit-record.ts';
import { AuditRefusal } from './audit-refusal.ts';
import { createTrailFailure, type TrailFailure } from './trail-failure.ts';
import { TrailFiles, type TrailFilesOptions } from './trail-files.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';

export interface FileTrailOptions extends TrailFilesOptions {
  readonly limits?: Partial<AuditLimits> | undefined;
}

/** How an audit is doing. */
export interface AuditState {
  readonly isFailing: boolean;
  /** For how long the oldest record that is not written waits. */
  readonly lagMs: number;
  /** Lookups that got no record of their own. */
  readonly unrecorded: number;
}

/** An audit trail in files (docs/audit.md). It opens with its first record, and again with the first one after `close`. */
export class FileTrail implements AuditTrail {
  readonly #options: FileTrailOptions;
  readonly #files: TrailFiles;
  readonly #fault: TrailFailure;
  readonly #turns: GroupCommit;
  readonly #delayOfNote: RateLimit;
  /** Lookups that have no record, since the last record that says so. */
  #unrecorded = 0;
  /** All of them, since this was made. */
  #unrecordedEver = 0;

  constructor(options: FileTrailOptions) {
    const { folder, clock, tell } = options;
    const limits = { ...AUDIT_LIMITS, ...options.limits };
    this.#options = options;
    this.#files = new TrailFiles(options, limits);
    this.#fault = createTrailFailure({ folder, tell, retryMs: limits.retryMs, retry: () => this.#retry() });
    this.#turns = createGroupCommit((records) => this.#commit(records));
    this.#delayOfNote = createRateLimit(limits.notesPerSecond, clock);
  }

  record(event: LookupEvent): Promise<void> {
    const { cause } = this.#fault;
    if (cause === undefined) return this.#turns.add(lookupFields(event));
    this.#miss(1);
    return Promise.reject(new AuditFailure(cause.of));
  }

  note(event: LookupEvent): void {
    if (this.#fault.cause === undefined && this.#delayOfNote('') === 0) {
      void this.#turns.add(lookupFields(event));
    } else {
      this.#miss(1);
    }
  }

  /** @throws {AuditRefusal} it cannot be written */
  open(): void {
    try {
      this.#files.open();
    } catch (cause) {
      throw new AuditRefusal(this.#options.folder, cause);
    }
  }

  /** Whether it has files open. */
  get isOpen(): boolean {
    return this.#files.isOpen;
  }

  /** What is known at this moment, for metrics. */
  get state(): AuditState {
    return {
      isFailing: this.#fault.cause !== undefined,
      lagMs: this.#turns.lagMs(),
      unrecorded: this.#unrecordedEver,
    };
  }

  /** Whether it can be written, as far as is known. */
  isReady(): boolean {
    try {
      if (this.#fault.cause === undefined && !this.#turns.isWaiting()) this.#files.look();
    } catch (cause) {
      this.#refused(cause);
    }
    return this.#fault.cause === undefined;
  }

  /** Writes what is waiting, and closes the files. Never throws. */
  async close(): Promise<void> {
    await this.#turns.settle();
    if (this.#unrecorded > 0 && this.#fault.cause === undefined) {
      void this.#turns.add(unrecordedFields(this.#options.clock.wall(), this.#unrecorded));
      this.#unrecorded = 0;
      await this.#turns.settle();
    }
    this.#fault.forget();
    this.#files.close();
  }

  #miss(lookups: number): void {
    this.#unrecorded += lookups;
    this.#unrecordedEver += lookups;
  }

  #commit(records: readonly string[]): Promise<void> | undefined {
    try {
      if (this.#fault.cause !== undefined) throw this.#fault.cause.of;
      this.#files.look();
      return this.#write(records)?.catch((cause: unknown) => {
        throw this.#refused(cause);
      });
    } catch (cause) {
      this.#miss(records.length);
      throw this.#refused(cause);
    }
  }

  #write(records: readonly string[]): Promise<void> | undefined {
    const count = this.#unrecorded;
    const onDisk = this.#files.commit(
      count === 0 ? records : [unrecordedFields(this.#options.clock.wall(), count), ...records],
    );
    this.#unrecorded -= count;
    return onDisk;
  }

  #refused(cause: unknown): AuditFailure {
    this.#files.close();
    this.#fault.begin(cause);
    return new AuditFailure(cause);
  }

  /** What reaches the file shows that it can be written; nothing else would. */
  async #retry(): Promise<void> {
    if (this.#files.isStuck) throw new Error('the disk has not answered yet');
    try {
      await this.#write([]);
    } catch (cause) {
      this.#files.close();
      throw cause;
    }
  }
}
