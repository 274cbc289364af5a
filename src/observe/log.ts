import { type Logger, pino } from 'pino';

import type { LogLevel } from '../config/settings.ts';
import { kindOf, type LookupEvent, membersOf, quote, redactEvent, timeOf } from '../core/lookup-event.ts';
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

/**
 * One log line for each lookup and each deed beside it. It is put together here and not by the logger, which takes three times as long,
 * because a busy server writes thousands of them a second; the line looks as the logger's own.
 *
 * @param hasDomains whether the line says which domain was asked
 */
export function createLookupLog(log: Log, hasDomains: () => boolean): (event: LookupEvent) => void {
  const level = log.levels.values.info ?? 30;
  const redact = (event: LookupEvent) =>
    hasDomains() ? redactEvent(event) : { ...redactEvent(event), domain: undefined };
  return (event) => {
    if (event.cause !== undefined) {
      log.error(redact(event), kindOf(event));
    } else if (event.enumeration === 'begun') {
      log.warn(redact(event), 'a user walks through lead ids, and is slowed');
    } else if (log.isLevelEnabled('info')) {
      const domain = hasDomains() ? `"domain":${quote(event.domain)},` : '';
      const ms = Math.round(event.durationMs * 1000) / 1000;
      log.writeLine(
        `{"level":${level},"time":"${timeOf(event.at)}",${domain}${membersOf(event)},"ms":${ms},"msg":"${kindOf(event)}"}\n`,
      );
    }
  };
}
