import { type Logger, pino } from 'pino';

import type { LogLevel } from '../config/settings.ts';
import { isoTime, kindOf, type LookupEvent, redactEvent, toAsciiJson } from '../core/lookup-event.ts';
import { LogWriter, type LogWriterOptions } from './log-writer.ts';

/** The logger, and a way to write a line that was composed elsewhere. */
export type Log = Logger & {
  readonly writeLine: (line: string) => void;
  /** What became of the lines. */
  readonly lines: Pick<LogWriter, 'droppedLines' | 'bufferedBytes'>;
};

/** One JSON line for each entry, on standard error, without ever waiting for its reader. */
export function createLog(level: LogLevel, fileDescriptor = 2, limits: LogWriterOptions['limits'] = {}): Log {
  const writer = new LogWriter(fileDescriptor, { describeDrops, limits });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, writer);
  return Object.assign(logger, { writeLine: (line: string) => writer.write(line), lines: writer });
}

/** A line in the format of the logger. */
function describeDrops(lines: number): string {
  const fields = { level: pino.levels.values.warn, time: new Date().toISOString(), lines };
  return `${JSON.stringify({ ...fields, msg: 'log lines were dropped because nobody read them' })}\n`;
}

/**
 * Logs one line for each lookup and action. The usual line is composed here, in the format of the logger, which takes
 * three times as long: a busy server writes thousands of them a second.
 *
 * @param hasDomains whether lines name the domain
 */
export function createLookupLog(log: Log, hasDomains: () => boolean): (event: LookupEvent) => void {
  const level = log.levels.values.info ?? 30;
  return (event) => {
    const fields = { ...redactEvent(event), domain: hasDomains() ? event.domain : undefined };
    if (event.cause !== undefined) {
      log.error(fields, kindOf(event));
    } else if (event.enumeration === 'begun') {
      log.warn(fields, 'user is enumerating lead ids and is throttled');
    } else if (log.isLevelEnabled('info')) {
      log.writeLine(`${toAsciiJson({ level, time: isoTime(event.at), ...fields, msg: kindOf(event) })}\n`);
    }
  };
}
