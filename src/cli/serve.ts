import type { Command } from 'commander';

import { createApp, type App, type AppOverrides } from '../app.ts';
import type { LoadedConfig } from '../config/load.ts';
import { showSettings } from '../config/show.ts';
import type { Config } from '../config/settings.ts';
import { openCommandStore } from './command-store.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit-code.ts';
import type { CommandHost } from './command-host.ts';
import { addSettingFlags, configOf } from './settings-flags.ts';
import { onStopSignal } from './stop-signals.ts';
import type { Terminal } from './terminal.ts';

export function addServe(program: Command, { terminal, run }: CommandHost): void {
  const command = program
    .command('serve')
    .description('Answers lookups until it is told to stop (SIGTERM or Ctrl-C).');
  addSettingFlags(command).action((options: Record<string, unknown>) =>
    run(() => {
      const loaded = configOf(options);
      return serve(loaded, terminal, (url) => {
        const database = showSettings(loaded).find(({ name }) => name === 'database')?.value;
        terminal.err(`callercard answers at ${url} (database: ${String(database)})`);
      });
    }),
  );
}

/**
 * Serves until a signal comes; a second signal ends the process at once.
 *
 * @param onListening told the URL once requests are taken
 */
export async function serve(
  loaded: LoadedConfig,
  terminal: Terminal,
  onListening: (url: string) => void,
  overrides: AppOverrides = {},
): Promise<ExitCode> {
  const app = createApp(loaded.config, { store: openCommandStore(loaded), ...overrides });
  const stopped = new Promise<NodeJS.Signals>((resolve) => void onStopSignal(resolve));
  try {
    onListening(await listen(app, loaded.config));
    const signal = await stopped;
    terminal.err(`callercard: ${signal}, answering what was accepted, then ending`);
  } finally {
    await app.close();
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
