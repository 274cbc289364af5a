import type { App, AppOverrides } from '../app.ts';
import type { LoadedConfig } from '../config/load.ts';
import { withMetricsToken } from '../config/metrics-token.ts';
import type { Config } from '../config/settings.ts';
import { type ShownSetting, showSettings } from '../config/show.ts';
import { readTls, type Tls } from '../http/tls.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

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
  /** The settings as the console shows them: secrets masked. */
  readonly shown?: readonly ShownSetting[] | undefined;
  /** Of this start, for the links that make first admins; undefined: commands alone make them. */
  readonly firstSecret?: string | undefined;
}

/**
 * @param config what is served, where it is not what was loaded
 * @throws {TlsRefusal} the certificate cannot be used
 * @throws {ConfigError} the file of the metrics' token cannot be used
 */
export function servedSettings(loaded: LoadedConfig, config = loaded.config): ServedSettings {
  return { config: withMetricsToken(config), tls: readTls(config), shown: showSettings(loaded) };
}

/** How first admins are made by what is served. */
export function firstAdminOf(
  secret: string | undefined,
  onNoUsers: (domain: string) => void = () => undefined,
): AppOverrides['firstAdmin'] {
  return secret === undefined ? undefined : { secret, onNoUsers };
}
