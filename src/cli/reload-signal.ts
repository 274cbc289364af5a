import { isatty } from 'node:tty';

import { ConfigError, type LoadedConfig } from '../config/load.ts';
import { StoreRefusal, type App, type Reloaded } from '../app.ts';
import type { Terminal } from './terminal.ts';

const STDERR = 2;

/**
 * SIGHUP: reads the settings again. Settings that cannot be used are told, and all stays as it was. Where the terminal
 * has gone, which sends the same signal, the process ends as it always would.
 *
 * @param read the settings, as they were read at the start
 * @returns a function that ends the listening
 */
export function onReloadSignal(app: App, terminal: Terminal, read: () => LoadedConfig): () => void {
  const wasWatched = terminal.stderr.isTTY === true;
  const listener = () => {
    if (wasWatched && !isatty(STDERR)) {
      process.off('SIGHUP', listener);
      process.kill(process.pid, 'SIGHUP');
      return;
    }
    try {
      for (const line of linesOf(app.reload(read().config))) terminal.err(`callercard: ${line}`);
    } catch (cause) {
      const problems = problemsOf(cause);
      for (const problem of problems) terminal.err(`callercard: ${problem}`);
      terminal.err('callercard: SIGHUP: the settings cannot be used, so those from before go on');
    }
  };
  process.on('SIGHUP', listener);
  return () => void process.off('SIGHUP', listener);
}

function problemsOf(cause: unknown): readonly string[] {
  if (cause instanceof ConfigError) return cause.problems;
  return [cause instanceof StoreRefusal ? cause.message : `unexpected failure: ${String(cause)}`];
}

function linesOf({ added, changed, removed, atNextStart }: Reloaded): readonly string[] {
  const done = [
    { word: 'added', names: added },
    { word: 'changed', names: changed },
    { word: 'removed', names: removed },
  ].filter(({ names }) => names.length > 0);
  const changes = done.map(({ word, names }) => `${word} ${names.join(', ')}`).join('; ');
  const first = `SIGHUP: read the settings again: ${changes === '' ? 'no domain differs' : changes}`;
  return atNextStart.length === 0
    ? [first]
    : [first, `SIGHUP: ${atNextStart.join(', ')} will count at the next start`];
}
