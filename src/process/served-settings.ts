import { readTls, TlsRefusal, validityOf, type Tls } from '../app.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/inspection.ts';

/** What a server runs by: the settings, and the files that are read with them. */
export interface ServedSettings {
  readonly config: Config;
  readonly tls: Tls | undefined;
}

/** @throws {TlsRefusal} the certificate cannot be used */
export function servedSettings({ config }: LoadedConfig): ServedSettings {
  return { config, tls: readTls(config) };
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** So long before its end a certificate is spoken of. */
const NOTICE_DAYS = 30;
const RENEW = 'get a new one, put it in the same place and send SIGHUP to the server';

/** What is to be said about the certificate that a configuration names, if it names one. */
export function inspectTls(config: Config, now: number = Date.now()): readonly Inspection[] {
  try {
    return inspectValidity({ config, tls: readTls(config) }, now);
  } catch (cause) {
    if (!(cause instanceof TlsRefusal)) throw cause;
    return [{ level: 'problem', subject: 'certificate', message: cause.message }];
  }
}

/** What is to be said about the time for which a certificate may be used. */
export function inspectValidity(
  { config, tls }: ServedSettings,
  now: number = Date.now(),
): readonly Inspection[] {
  if (tls === undefined) return [];
  const { from, until } = validityOf(tls);
  const days = Math.floor((until.getTime() - now) / DAY_MS);
  const about = (message: string) => ({ subject: 'certificate', message: `${config.tlsCert} ${message}` });
  if (days < 0) return [{ level: 'problem', ...about(`expired on ${dayOf(until)}`), advice: RENEW }];
  if (from.getTime() > now) {
    const advice = 'until then clients refuse it; is the clock of this machine right?';
    return [{ level: 'problem', ...about(`counts only from ${from.toISOString()}`), advice }];
  }
  if (days < NOTICE_DAYS) {
    const left = days === 1 ? '1 day' : `${days} days`;
    return [{ level: 'advice', ...about(`expires on ${dayOf(until)}, in ${left}`), advice: RENEW }];
  }
  return [{ level: 'ok', ...about(`expires on ${dayOf(until)}`) }];
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
