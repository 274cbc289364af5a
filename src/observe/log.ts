import { pino, type Logger } from 'pino';

import type { LogLevel } from '../config/settings.ts';
import { LogWriter, type LogWriterOptions } from './log-writer.ts';

/** The logger, and a way to write a line that was put together elsewhere. */
export type Log = Logger & {
  readonly writeLine: (line: string) => void;
  /** What became of the lines. */
  readonly lines: Pick<LogWriter, 'droppedLines' | 'waitingBytes'>;
};

/** One JSON line for each entry, on standard error, without ever waiting for its reader. */
export function createLog(level: LogLevel, fileDescriptor = 2, limits: LogWriterOptions['limits'] = {}): Log {
  const writer = new LogWriter(fileDescriptor, { describeDrops, limits });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, writer);
  return Object.assign(logger, { writeLine: (line: string) => writer.write(line), lines: writer });
}

/** A line as the logger's own. */
function describeDrops(lines: number): string {
  const fields = { level: pino.levels.values.warn, time: new Date().toISOString(), lines };
  return `${JSON.stringify({ ...fields, msg: 'log lines were dropped, because nobody read them' })}\n`;
}
