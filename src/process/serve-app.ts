import type { App } from '../app.ts';
import type { Config } from '../config/settings.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

export interface Serving {
  /** Told the URL once requests are taken. */
  readonly onListening: (url: string) => void;
  /** Resolves when no more are to be taken. */
  readonly stopped: Promise<unknown>;
}

/**
 * Serves until it is told to stop, then answers what was accepted.
 *
 * @throws {CommandFailure} it cannot listen
 */
export async function serveApp(app: App, config: Config, { onListening, stopped }: Serving): Promise<void> {
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
