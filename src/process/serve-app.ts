import type { App } from '../app.ts';
import { withMetricsToken } from '../config/metrics-token.ts';
import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/store.ts';
import { readTls, type Tls, TlsRefusal, validityOf } from '../http/tls.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { dayOf } from './terminal.ts';

/**
 * Serves until `stopped` resolves, then answers what was accepted.
 *
 * @param onListening gets the URL once requests are taken
 * @throws {CommandFailure} it cannot listen
 */
export async function serveApp(
  app: App,
  config: Config,
  onListening: (url: string) => void,
  stopped: Promise<unknown>,
): Promise<void> {
  try {
    onListening(await listen(app, config));
    await stopped;
  } finally {
    await app.close();
  }
}

async function listen(app: App, { host, port }: Config): Promise<string> {
  try {
    return await app.listen();
  } catch (cause) {
    throw new CommandFailure(whyNotListening(cause, host, port), EXIT.failed, { cause });
  }
}

function whyNotListening(cause: unknown, host: string, port: number): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${host} is taken by another program; choose another with --port or PORT (0 takes a free one)`;
  }
  if (code === 'EACCES') return `this user may not listen on port ${port}; choose one above 1023 with --port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `${host} is no address of this machine; set --host to one that is`;
  }
  return `cannot listen on ${host} port ${port} (${code ?? String(cause)})`;
}

/** What a server runs by: the settings, and the files that are read with them. */
export interface ServedSettings {
  readonly config: Config;
  readonly tls: Tls | undefined;
}

/**
 * @throws {TlsRefusal} the certificate cannot be used
 * @throws {ConfigError} the file of the metrics' token cannot be used
 */
export function servedSettings(config: Config): ServedSettings {
  return { config: withMetricsToken(config), tls: readTls(config) };
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long before it expires a certificate is reported. */
const NOTICE_DAYS = 30;
const RENEW = 'get a new one, put it in the same place and send SIGHUP to the server';

/** Inspects the certificate that a configuration names, if it names one. */
export function inspectTls(config: Config): readonly Inspection[] {
  try {
    return inspectValidity({ config, tls: readTls(config) });
  } catch (cause) {
    if (!(cause instanceof TlsRefusal)) throw cause;
    return [{ level: 'problem', subject: 'certificate', message: cause.message }];
  }
}

/** Inspects whether a certificate is valid now, and how long still. */
export function inspectValidity({ config, tls }: ServedSettings): readonly Inspection[] {
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
