import { pino, type Logger } from 'pino';

import type { LogLevel } from '../config/settings.ts';

/** The logger, and a way to write a line that was put together elsewhere. */
export type Log = Logger & { readonly writeLine: (line: string) => void };

/** How much of the log waits in memory when its reader stands still; beyond it lines are dropped. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Lines are written together: a system call for each would cost more than the line. */
const WRITE_BYTES = 8 * 1024;
const WRITE_EVERY_MS = 200;

/** One JSON line for each entry, on standard error, without ever waiting for its reader. */
export function createLog(level: LogLevel, fileDescriptor = 2): Log {
  const destination = pino.destination({
    dest: fileDescriptor,
    sync: false,
    maxLength: MAX_WAITING_BYTES,
    minLength: WRITE_BYTES,
    periodicFlush: WRITE_EVERY_MS,
  });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return Object.assign(logger, { writeLine: (line: string) => void destination.write(line) });
}
