import type { Clock } from '../core/clock.ts';
import type { AuditLimits } from './audit-limits.ts';
import { openedFields } from './audit-record.ts';
import type { ChainEnd } from './chain-end.ts';
import { openChain, type ClaimFile, type OpenChain } from './open-chain.ts';

/** What happens to an audit trail, for the log; one sentence without secrets. */
export interface AuditEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly cause?: unknown;
}

export interface TrailFilesOptions {
  readonly folder: string;
  /** `synced`: an answer waits until its record is on the disk; `written`: until the system has it. */
  readonly durability: 'written' | 'synced';
  readonly clock: Clock;
  readonly claimFile: ClaimFile;
  readonly tell: (event: AuditEvent) => void;
}

/** The files behind a trail: open when they are needed, and others where somebody has moved them. */
export class TrailFiles {
  readonly #options: TrailFilesOptions;
  readonly #limits: AuditLimits;
  #open: OpenChain | undefined;
  /** The chain that was written before it was closed: it goes on even where its files are gone. */
  #known: { readonly chain: number; readonly end: ChainEnd } | undefined;
  #lookedAt: number;
  #syncs = 0;

  constructor(options: TrailFilesOptions, limits: AuditLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#lookedAt = options.clock.monotonic();
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The disk has not yet taken what was given to it. */
  get isStuck(): boolean {
    return this.#syncs > 0;
  }

  /**
   * Opens them if they are not open. A record is written then, which shows that they can be written.
   *
   * @throws what the file system says
   */
  open(): OpenChain {
    if (this.#open !== undefined) return this.#open;
    const { folder, claimFile, clock, durability } = this.#options;
    const isSynced = durability === 'synced';
    const onNewFile = (name: string, before: ChainEnd) => this.#tellNewFile(name, before);
    const maxBytes = this.#limits.fileBytes;
    const opened = openChain({ folder, claimFile, known: this.#known, isSynced, maxBytes, onNewFile });
    this.#open = opened;
    this.#lookedAt = clock.monotonic();
    try {
      opened.writer.write([openedFields(clock.wall())], clock.wall());
    } catch (cause) {
      this.close();
      throw cause;
    }
    return opened;
  }

  /**
   * Writes records.
   *
   * @returns when they are on the disk, where that is wanted; it rejects when they are not
   * @throws what the file system says
   */
  commit(records: readonly string[]): Promise<void> | undefined {
    const chain = this.open();
    chain.writer.write(records, this.#options.clock.wall());
    return this.#options.durability === 'synced' ? within(this.#sync(chain), this.#limits.syncMs) : undefined;
  }

  /**
   * Looks, once in a while, whether the file is still there; another one is begun if not.
   *
   * @throws what the file system says
   */
  look(): void {
    const { clock, folder, tell } = this.#options;
    const now = clock.monotonic();
    if (this.#open === undefined || now - this.#lookedAt < this.#limits.lookMs) return;
    this.#lookedAt = now;
    if (this.#open.writer.isInPlace()) return;
    tell({
      level: 'warn',
      message: `somebody moved or changed the audit's file in ${folder}; another is begun`,
    });
    this.close();
    this.open();
  }

  close(): void {
    if (this.#open === undefined) return;
    this.#known = { chain: this.#open.chain, end: this.#open.writer.end };
    this.#open.release();
    this.#open = undefined;
  }

  async #sync({ writer }: OpenChain): Promise<void> {
    this.#syncs += 1;
    try {
      await writer.sync();
    } finally {
      this.#syncs -= 1;
    }
  }

  /** The log is often kept elsewhere: there this line fixes all that came before. */
  #tellNewFile(name: string, { seq, hash }: ChainEnd): void {
    if (seq === 0) return;
    const message = `the audit goes on in ${name}, after record ${seq} with the hash ${hash}`;
    this.#options.tell({ level: 'info', message });
  }
}

/** @throws {Error} it took longer */
async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the disk did not take it within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
