import { pino } from 'pino';

import type { Log } from '../../src/observe/log.ts';
import { assertNothingWritten } from './leaks.ts';

/** A log in memory, at the level debug, that is searched for what no log may hold. */
export interface WatchedLog {
  readonly log: Log;
  /** Every line so far. */
  readonly lines: readonly string[];
  /** @throws {AssertionError} a line held it */
  check(): void;
}

/** Lines are searched as they come, and only the last of them are kept. */
const KEPT_LINES = 2_000;

/** @param isKept which lines are kept; the others are searched alone */
export function createWatchedLog(isKept: (line: string) => boolean = () => true): WatchedLog {
  const lines: string[] = [];
  let fault: unknown;
  const write = (line: string) => {
    if (isKept(line)) lines.push(line);
    if (lines.length > KEPT_LINES) lines.splice(0, KEPT_LINES / 2);
    try {
      assertNothingWritten(line);
    } catch (cause) {
      fault ??= cause;
    }
  };
  const logger = pino({ level: 'debug', base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
  return {
    log: Object.assign(logger, { writeLine: write, lines: { droppedLines: 0, bufferedBytes: 0 } }),
    lines,
    check() {
      if (fault !== undefined) throw fault as Error;
    },
  };
}
