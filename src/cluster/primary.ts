import { EXIT, type ExitCode } from '../process/exit-code.ts';
import { onUncaught, onReloadSignal, onStopSignal } from '../process/signals.ts';
import type { ServedSettings } from '../process/serve-app.ts';
import type { Terminal } from '../process/terminal.ts';
import { createWorkerPool } from './worker-pool.ts';

export interface PrimaryOptions {
  /** Told the URL once every worker takes requests. */
  readonly onListening: (url: string) => void;
  /** Reads the settings again, for SIGHUP. */
  readonly read: () => ServedSettings;
}

/**
 * Serves by several worker processes until a signal comes; a second signal ends all of them at once. This process opens
 * no store and answers nobody: it reads the settings, hands them out, and replaces workers that end.
 */
export async function servePrimary(
  settings: ServedSettings,
  terminal: Terminal,
  { onListening, read }: PrimaryOptions,
): Promise<ExitCode> {
  const crew = createWorkerPool(settings, terminal);
  const stopped = Promise.withResolvers<NodeJS.Signals | 'fault'>();
  // Whatever ends this process, its workers do not outlive it.
  process.once('exit', () => crew.kill());
  onUncaught(terminal, () => stopped.resolve('fault'));
  onStopSignal((signal) => {
    terminal.err(`callercard: ${signal}, answering what was accepted, then ending`);
    stopped.resolve(signal);
  });
  const endReloading = onReloadSignal(terminal, { read, take: (next) => crew.reload(next) });
  const started = crew.start().then((url) => {
    if (url === undefined) stopped.resolve('fault');
    else onListening(url);
  });
  const why = await Promise.race([stopped.promise, started.then(() => stopped.promise)]);
  const isOrderly = await crew.stop();
  endReloading();
  return why !== 'fault' && isOrderly ? EXIT.ok : EXIT.failed;
}
