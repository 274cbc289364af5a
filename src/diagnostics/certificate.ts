import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/store.ts';
import { readTls, type Tls, validityOf } from '../http/tls.ts';
import { TlsRefusal } from '../http/tls-refusal.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long before it expires a certificate is reported. */
const NOTICE_DAYS = 30;
const RENEW = 'get a new one, put it in the same place and send SIGHUP to the server';

/** A configuration, and the certificate that it names as it was read. */
interface Certified {
  readonly config: Pick<Config, 'tlsCert' | 'tlsKey'>;
  readonly tls: Tls | undefined;
}

/** Inspects the certificate that a configuration names, if it names one. */
export function inspectTls(config: Certified['config']): readonly Inspection[] {
  try {
    return inspectValidity({ config, tls: readTls(config) });
  } catch (cause) {
    if (!(cause instanceof TlsRefusal)) throw cause;
    return [{ level: 'problem', subject: 'certificate', message: cause.message }];
  }
}

/** Inspects whether a certificate is valid now, and how long still. */
export function inspectValidity({ config, tls }: Certified): readonly Inspection[] {
  if (tls === undefined) return [];
  const now = Date.now();
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

/** A time as a date, in UTC. */
function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
