import { kindOf, membersOf, quote, redactEvent, timeOf, type LookupEvent } from '../core/lookup-event.ts';
import type { Log } from './log.ts';

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
    } else if (event.walk === 'begun') {
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
