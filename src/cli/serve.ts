import type { Command } from 'commander';

import { createApp, type App, type AppOverrides } from '../app.ts';
import type { LoadedConfig } from '../config/load.ts';
import { shownValue } from '../config/show.ts';
import type { Config } from '../config/settings.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit-code.ts';
import type { CommandHost } from './command-host.ts';
import { onReloadSignal } from './reload-signal.ts';
import { addSettingFlags, configOf } from './settings-flags.ts';
import { onStopSignal } from './stop-signals.ts';
import type { Terminal } from './terminal.ts';

export function addServe(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('serve')
    .description(
      'Answers lookups until it is told to stop (SIGTERM or Ctrl-C). SIGHUP reads the settings of the domains again.',
    );
  addSettingFlags(command).action((options: Record<string, unknown>) =>
    run(() => {
      const read = () => configOf(options);
      const loaded = read();
      return serve(loaded, terminal, {
        read,
        onListening: (url) => terminal.err(`callercard answers at ${url} (${servedOf(loaded)})`),
      });
    }),
  );
}

/** What an operator wants to see at a glance. */
function servedOf(loaded: LoadedConfig): string {
  const [only = loaded, ...others] = loaded.domains;
  return others.length === 0
    ? `database: ${shownValue('database', only)}`
    : `${loaded.domains.length} domains; "callercard settings" shows them`;
}

export interface ServeOptions {
  /** Told the URL once requests are taken. */
  readonly onListening: (url: string) => void;
  /** Reads the settings again, for SIGHUP; not given: the signal ends the process. */
  readonly read?: () => LoadedConfig;
  readonly overrides?: AppOverrides;
}

/** Serves until a signal comes; a second signal ends the process at once. */
export async function serve(
  { config }: LoadedConfig,
  terminal: Terminal,
  { onListening, read, overrides }: ServeOptions,
): Promise<ExitCode> {
  const app = createApp(config, overrides);
  const stopListening = read === undefined ? undefined : onReloadSignal(app, terminal, read);
  const stopped = new Promise<NodeJS.Signals>((resolve) => void onStopSignal(resolve));
  try {
    onListening(await listen(app, config));
    const signal = await stopped;
    terminal.err(`callercard: ${signal}, answering what was accepted, then ending`);
  } finally {
    await app.close();
    stopListening?.();
  }
  return EXIT.ok;
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
    return `port ${port} on ${host} is taken by another program; choose another with --port (0 takes a free one)`;
  }
  if (code === 'EACCES') return `this user may not listen on port ${port}; choose one above 1023 with --port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `${host} is no address of this machine; set --host to one that is`;
  }
  return `cannot listen on ${host} port ${port} (${code ?? String(cause)})`;
}
