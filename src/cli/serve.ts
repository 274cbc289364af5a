import type { Command } from 'commander';

import type { AppOverrides } from '../app.ts';
import { makeSessionSecret } from '../auth/secrets.ts';
import type { LoadedConfig } from '../config/load.ts';
import { shownValue } from '../config/show.ts';
import { isOwnStore } from '../stores/store-config.ts';
import { isStoreThere, openOwnStore, withStore } from './command-store.ts';
import { createFirstLinks } from './first-links.ts';
import { addSettingFlags, type CommandHost, configOf } from './settings-flags.ts';
import { EXIT, type ExitCode } from '../process/exit-code.ts';
import { onReloadSignal, onStop } from '../process/signals.ts';
import { inspectValidity } from '../diagnostics/certificate.ts';
import { firstAdminOf, serveApp, servedSettings, type ServedSettings } from '../process/serve-app.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { servePrimary } from '../cluster/worker-pool.ts';

export function addServe(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('serve')
    .description(
      'Answers lookups until SIGTERM or Ctrl-C. SIGHUP reads the settings of the domains and the certificate again.',
    );
  command.option('--create', 'make the store where there is none: an empty one');
  addSettingFlags(command).action((options: Record<string, unknown>) =>
    run(async () => {
      const loaded = configOf(options, terminal);
      const firstSecret = makeSessionSecret();
      const settings = { ...servedSettings(loaded), firstSecret };
      warnOf(settings, terminal);
      if (options.create === true) await createStores(loaded, terminal);
      let { config } = settings;
      const links = createFirstLinks(terminal, firstSecret, () => config);
      const read = () => {
        const next = { ...servedSettings(configOf(options, terminal)), firstSecret };
        ({ config } = next);
        return next;
      };
      const { workers } = config;
      const onListening = (url: string) => {
        const by = workers === 1 ? '' : `, ${workers} workers`;
        terminal.err(printable(`callercard answers at ${url} (${servedOf(loaded)}${by})`));
        links.listening(url);
      };
      const serving = { read, onListening, onNoUsers: (domain: string) => links.note(domain) };
      return workers === 1 ? serve(settings, terminal, serving) : servePrimary(settings, terminal, serving);
    }),
  );
}

/** Makes the stores of callercard's own that are not there. */
async function createStores(loaded: LoadedConfig, terminal: Terminal): Promise<void> {
  const domains = loaded.domains.map((domain) => ({ ...domain, domains: [] }));
  for (const domain of domains.length > 0 ? domains : [loaded]) {
    if (!isOwnStore(domain.config) || (await isStoreThere(domain.config))) continue;
    await withStore(openOwnStore(domain, { create: true }), ({ users }) => users.isAny());
    terminal.err(printable(`callercard: made an empty store: ${shownValue('database', domain)}`));
  }
}

/** An expired certificate does not keep the server from starting: some clients do not check it. */
function warnOf(settings: ServedSettings, terminal: Terminal): void {
  for (const { level, message, advice = '' } of inspectValidity(settings)) {
    if (level !== 'ok') terminal.err(printable(`callercard: the certificate ${message}: ${advice}`));
  }
}

/** The database, or how many domains. */
function servedOf(loaded: LoadedConfig): string {
  const [only = loaded, ...others] = loaded.domains;
  return others.length === 0
    ? `database: ${shownValue('database', only)}`
    : `${loaded.domains.length} domains; "callercard settings" shows them`;
}

export interface ServeOptions {
  /** Gets the URL once requests are taken. */
  readonly onListening: (url: string) => void;
  /** Reads the settings again, for SIGHUP; not given: the signal ends the process. */
  readonly read?: () => ServedSettings;
  /** Gets the name of a domain that has no user. */
  readonly onNoUsers?: (domain: string) => void;
  readonly onEvent?: AppOverrides['onEvent'];
  readonly isDemo?: boolean;
}

/** Serves, in this process, until a signal comes; a second signal ends the process at once. */
export async function serve(
  { config, tls, shown, firstSecret }: ServedSettings,
  terminal: Terminal,
  { onListening, read, onEvent, onNoUsers, isDemo = false }: ServeOptions,
): Promise<ExitCode> {
  const { createApp } = await import('../app.ts');
  const firstAdmin = firstAdminOf(firstSecret, onNoUsers);
  const app = createApp(config, { tls, isDemo, shown, firstAdmin, ...(onEvent && { onEvent }) });
  const stopped = onStop(terminal);
  const take = (next: ServedSettings) => app.reload(next.config, next.tls, next.shown);
  const endReloading = read === undefined ? undefined : onReloadSignal(terminal, read, take);
  await serveApp(app, config, onListening, stopped);
  endReloading?.();
  return (await stopped) === 'fault' ? EXIT.failed : EXIT.ok;
}
