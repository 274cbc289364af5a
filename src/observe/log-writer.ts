import { writeSync } from 'node:fs';

import { openWithoutWaiting } from './open-nonblocking.ts';

export const LOG_LIMITS = {
  /** How much waits in memory while the reader stands still; beyond it lines are dropped. */
  waitingBytes: 16 * 1024 * 1024,
  /** Lines are written together: a system call for each would cost more than the line. */
  writeBytes: 8 * 1024,
  writeEveryMs: 200,
  /** What is written in one turn at most, so that requests come between. */
  turnBytes: 1024 * 1024,
  /** How soon a reader that stands still is looked at again; twice as long each time, up to the second one. */
  firstRetryMs: 5,
  lastRetryMs: 100,
  /** The same for what is no matter of a slow reader: a full disk, a reader that is gone. */
  faultRetryMs: 1_000,
  /** So long a process that ends still waits for the reader. */
  lastMs: 250,
} as const;

type LogLimits = { readonly [Limit in keyof typeof LOG_LIMITS]: number };

export interface LogWriterOptions {
  /** The line that says how many were dropped, written once the reader is back. */
  readonly describeDrops: (lines: number) => string;
  readonly limits?: Partial<LogLimits>;
}

/** Writes log lines to a descriptor. Nothing here waits for its reader, and nothing throws. */
export class LogWriter {
  readonly #fileDescriptor: number;
  readonly #describeDrops: (lines: number) => string;
  readonly #limits: LogLimits;
  #target: number | undefined;
  #lines = '';
  /** In UTF-16 units. */
  #lineBytes = 0;
  /** What is on its way. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #droppedLines = 0;
  #untoldDrops = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Something could not be written: the timer tries again. */
  #isStalled = false;
  #retryMs: number;

  constructor(fileDescriptor: number, { describeDrops, limits }: LogWriterOptions) {
    this.#fileDescriptor = fileDescriptor;
    this.#describeDrops = describeDrops;
    this.#limits = { ...LOG_LIMITS, ...limits };
    this.#retryMs = this.#limits.firstRetryMs;
  }

  get droppedLines(): number {
    return this.#droppedLines;
  }

  get waitingBytes(): number {
    return this.#lineBytes + this.#pieceBytes;
  }

  write(line: string): void {
    // Nearly all is ASCII; what is not is counted as it is once it waits.
    const bytes = line.length;
    if (this.waitingBytes + bytes > this.#limits.waitingBytes) {
      this.#droppedLines += 1;
      this.#untoldDrops += 1;
      return;
    }
    this.#lines += line;
    this.#lineBytes += bytes;
    writeAtExit(this);
    if (this.#lineBytes < this.#limits.writeBytes) this.#timer ??= this.#after(this.#limits.writeEveryMs);
    else if (this.#isStalled) this.#cut();
    else this.flush();
  }

  /** Writes what the reader takes at once; the rest goes on by itself. */
  flush(done?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#cut();
    try {
      this.#put();
      this.#retryMs = this.#limits.firstRetryMs;
      this.#isStalled = this.#pieceBytes > 0;
      if (this.#isStalled) this.#timer = this.#after(0);
      else this.#tellDrops();
    } catch (cause) {
      this.#isStalled = true;
      this.#timer = this.#after(this.#pauseAfter(cause));
    }
    done?.();
  }

  /** The process ends: writes what is left, for a short time at most. */
  finish(): void {
    const until = performance.now() + this.#limits.lastMs;
    this.flush();
    while (this.waitingBytes > 0 && performance.now() < until) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, this.#limits.firstRetryMs);
      this.flush();
    }
  }

  #cut(): void {
    if (this.#lineBytes === 0) return;
    const piece = Buffer.from(this.#lines);
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    this.#lines = '';
    this.#lineBytes = 0;
  }

  /** @throws when the descriptor takes nothing now */
  #put(): void {
    this.#target ??= openWithoutWaiting(this.#fileDescriptor);
    let left = this.#limits.turnBytes;
    for (let piece = this.#pieces[0]; piece !== undefined && left > 0; piece = this.#pieces[0]) {
      const written = writeSync(this.#target, piece);
      this.#pieceBytes -= written;
      left -= written;
      if (written < piece.length) this.#pieces[0] = piece.subarray(written);
      else this.#pieces.shift();
    }
  }

  #tellDrops(): void {
    unfinished.delete(this);
    if (this.#untoldDrops === 0) return;
    const lines = this.#untoldDrops;
    this.#untoldDrops = 0;
    this.write(this.#describeDrops(lines));
  }

  #pauseAfter(cause: unknown): number {
    if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') return this.#limits.faultRetryMs;
    const pause = this.#retryMs;
    this.#retryMs = Math.min(pause * 2, this.#limits.lastRetryMs);
    return pause;
  }

  #after(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.flush(), milliseconds).unref();
  }
}

/** Those that have something to write. */
const unfinished = new Set<LogWriter>();
let isWatchingExit = false;

function writeAtExit(writer: LogWriter): void {
  unfinished.add(writer);
  if (isWatchingExit) return;
  isWatchingExit = true;
  process.once('exit', () => {
    for (const each of unfinished) each.finish();
  });
}
