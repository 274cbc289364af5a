import { constants, fstatSync, openSync, writeSync } from 'node:fs';

import { type Logger, pino } from 'pino';

import type { LogLevel } from '../config/settings.ts';
import {
  domainMember,
  inAscii,
  isoTime,
  kindOf,
  type LeadsReached,
  type LookupEvent,
  millisecondsOf,
  redactEvent,
  writeShared,
} from '../core/lookup-event.ts';

/** The logger, and a way to write a line that was composed elsewhere. */
export type Log = Logger & {
  readonly writeLine: (line: string) => void;
  /** Counts of dropped and waiting lines. */
  readonly lines: Pick<LogWriter, 'droppedLines' | 'bufferedBytes'>;
};

/** One JSON line for each entry, on standard error, without ever waiting for its reader. */
export function createLog(level: LogLevel, fileDescriptor = 2, limits: Partial<LogLimits> = {}): Log {
  const writer = new LogWriter(fileDescriptor, limits);
  const stream = {
    write: (line: string) => writer.write(`${inAscii(line.trimEnd())}\n`),
    flush: (done?: () => void) => writer.flush(done),
  };
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return Object.assign(logger, { writeLine: (line: string) => writer.write(line), lines: writer });
}

/** The line that is written once the reader is back, in the format of the logger. */
function describeDrops(lines: number): string {
  const fields = { level: pino.levels.values.warn, time: new Date().toISOString(), lines };
  return `${JSON.stringify({ ...fields, msg: 'log lines were dropped because nobody read them' })}\n`;
}

/**
 * Logs one line for each lookup and action. The usual line is composed here, in the format of the logger, which takes
 * three times as long: a busy server writes thousands of them a second.
 *
 * @param naming whether lines name the domain
 */
export function createLookupLog(
  log: Log,
  naming: { readonly namesDomains: boolean },
): (event: LookupEvent) => void {
  const level = log.levels.values.info ?? 30;
  return (event) => {
    const domain = naming.namesDomains ? event.domain : undefined;
    const fields = () => ({ ...redactEvent(event), domain });
    if (event.dailyLeads !== undefined) {
      const { reached, leads } = event.dailyLeads;
      log.warn({ ...fields(), ms: undefined, leads }, LEADS_REACHED[reached]);
    } else if (event.cause !== undefined) {
      log.error(fields(), kindOf(event));
    } else if (event.enumeration === 'begun') {
      log.warn(fields(), 'user is enumerating lead ids and is throttled');
    } else if (log.isLevelEnabled('info')) {
      const ofDomain = domain === undefined ? '' : `${domainMember(domain)},`;
      log.writeLine(
        `{"level":${level},"time":"${isoTime(event.at)}",${ofDomain}${writeShared(event)},"ms":${millisecondsOf(event)},"msg":"${kindOf(event)}"}\n`,
      );
    }
  };
}

/** What is logged of users who read many different leads in a day. */
const LEADS_REACHED = {
  'near limit': 'user has read most of the different leads that dailyLeads allows in a day',
  limit:
    'user has read the different leads that dailyLeads allows in a day; others are refused until midnight',
  unusual: 'user has read unusually many different leads today; dailyLeads is not set, so none is refused',
} as const satisfies Readonly<Record<LeadsReached, string>>;

export const LOG_LIMITS = {
  /** How much is buffered while the reader is stalled; beyond it lines are dropped. */
  bufferedBytes: 16 * 1024 * 1024,
  /** Lines are written in batches: a system call for each would cost more than the line. */
  writeBytes: 8 * 1024,
  writeEveryMs: 200,
  /** The most that is written at once, so that requests are served in between. */
  flushBytes: 1024 * 1024,
  /** When a stalled reader is tried again. */
  retryMs: 10,
  /** When other failures are tried again: a full disk, a reader that is gone. */
  faultRetryMs: 1_000,
  /** How long a process that exits waits for the reader. */
  exitMs: 250,
} as const;

type LogLimits = { readonly [Limit in keyof typeof LOG_LIMITS]: number };

/** Writes log lines to a descriptor without ever waiting for its reader. Nothing here throws (docs/decisions/0014). */
class LogWriter {
  readonly #fileDescriptor: number;
  readonly #limits: LogLimits;
  #target: number | undefined;
  /** Lines that are not yet encoded. */
  #lines = '';
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #droppedLines = 0;
  #unreportedDrops = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The last write failed or was cut short; the timer tries again. */
  #isStalled = false;

  constructor(fileDescriptor: number, limits: Partial<LogLimits>) {
    this.#fileDescriptor = fileDescriptor;
    this.#limits = { ...LOG_LIMITS, ...limits };
  }

  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** Lines that are not yet encoded count by their length: nearly all of them are ASCII. */
  get bufferedBytes(): number {
    return this.#lines.length + this.#chunkBytes;
  }

  write(line: string): void {
    if (this.bufferedBytes + line.length > this.#limits.bufferedBytes) {
      this.#droppedLines += 1;
      this.#unreportedDrops += 1;
      return;
    }
    this.#lines += line;
    flushAtExit(this);
    if (this.#lines.length < this.#limits.writeBytes)
      this.#timer ??= this.#flushIn(this.#limits.writeEveryMs);
    else if (this.#isStalled) this.#encode();
    else this.flush();
  }

  /** Writes what the reader takes at once, at most `flushBytes`; a timer writes the rest. */
  flush(done?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#encode();
    try {
      this.#writeChunks();
      this.#isStalled = this.#chunkBytes > 0;
      if (this.#isStalled) this.#timer = this.#flushIn(0);
      else this.#reportDrops();
    } catch (cause) {
      this.#isStalled = true;
      const isReaderSlow = (cause as NodeJS.ErrnoException).code === 'EAGAIN';
      this.#timer = this.#flushIn(isReaderSlow ? this.#limits.retryMs : this.#limits.faultRetryMs);
    }
    done?.();
  }

  /** Blocks until everything is written, for `exitMs` at most: the process exits. */
  flushBlocking(): void {
    const until = performance.now() + this.#limits.exitMs;
    this.flush();
    while (this.bufferedBytes > 0 && performance.now() < until) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, this.#limits.retryMs);
      this.flush();
    }
  }

  #encode(): void {
    if (this.#lines === '') return;
    const chunk = Buffer.from(this.#lines);
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    this.#lines = '';
  }

  /** @throws the reader takes nothing now, or the descriptor cannot be written */
  #writeChunks(): void {
    this.#target ??= openNonBlocking(this.#fileDescriptor);
    let left = this.#limits.flushBytes;
    for (let chunk = this.#chunks[0]; chunk !== undefined && left > 0; chunk = this.#chunks[0]) {
      const written = writeSync(this.#target, chunk);
      this.#chunkBytes -= written;
      left -= written;
      if (written < chunk.length) this.#chunks[0] = chunk.subarray(written);
      else this.#chunks.shift();
    }
  }

  #reportDrops(): void {
    unflushed.delete(this);
    if (this.#unreportedDrops === 0) return;
    const lines = this.#unreportedDrops;
    this.#unreportedDrops = 0;
    this.write(describeDrops(lines));
  }

  #flushIn(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.flush(), milliseconds).unref();
  }
}

/** Writers with something buffered. */
const unflushed = new Set<LogWriter>();
let isListening = false;

function flushAtExit(writer: LogWriter): void {
  unflushed.add(writer);
  if (isListening) return;
  isListening = true;
  process.once('exit', () => {
    for (const each of unflushed) each.flushBlocking();
  });
}

/** Standard error, where a service's log is read. */
const STDERR = 2;

/**
 * Opens what is behind a descriptor again such that a write never blocks: it fails with EAGAIN while the reader is slow.
 *
 * @returns the descriptor itself where it cannot be opened again, or need not be: files do not block
 */
function openNonBlocking(fileDescriptor: number): number {
  const kind = fstatSync(fileDescriptor);
  if (kind.isFIFO() || kind.isCharacterDevice()) {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    try {
      // Opened again, so that the mode of others who write there, such as the shell, stays as it is.
      return openSync(`/proc/self/fd/${fileDescriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      // No /proc, or a pipe of another user.
    }
  }
  // A socket, such as systemd's journal, cannot be opened again. Node makes that of standard error non-blocking.
  const isNodeStream = fileDescriptor === STDERR && (kind.isFIFO() || kind.isSocket());
  return isNodeStream ? process.stderr.fd : fileDescriptor;
}

/**
 * Logs that a domain could not be inspected for the console.
 *
 * @param naming whether there are domains to be told apart by name
 */
export function logFailedInspections(log: Pick<Log, 'error'>, naming: { readonly namesDomains: boolean }) {
  return (domain: string, cause: unknown): void =>
    log.error(
      { ...(naming.namesDomains ? { domain } : {}), err: cause },
      'a domain could not be inspected for the console',
    );
}
