import { isatty } from 'node:tty';

import type { Reloaded } from '../app.ts';
import { problemsOf } from './explain.ts';
import { inspectValidity, type ServedSettings } from './served-settings.ts';
import type { Terminal } from './terminal.ts';

const STDERR = 2;

export interface Reloading {
  /** The settings, as they were read at the start. */
  readonly read: () => ServedSettings;
  /** Takes them into use; a throw means that all stays as it was. */
  readonly take: (settings: ServedSettings) => Reloaded | Promise<Reloaded>;
}

/**
 * SIGHUP: reads the settings again. Settings that cannot be used are told, and all stays as it was. Where the terminal
 * has gone, which sends the same signal, the process ends as it always would.
 *
 * @returns a function that ends the listening
 */
export function onReloadSignal(terminal: Terminal, { read, take }: Reloading): () => void {
  const wasWatched = terminal.stderr.isTTY === true;
  let last = Promise.resolve();

  async function reload(): Promise<void> {
    try {
      const settings = read();
      for (const line of linesOf(await take(settings), settings)) terminal.err(`callercard: ${line}`);
    } catch (cause) {
      for (const problem of problemsOf(cause)) terminal.err(`callercard: ${problem}`);
      terminal.err('callercard: SIGHUP: the settings cannot be used, so those from before go on');
    }
  }

  const listener = () => {
    if (wasWatched && !isatty(STDERR)) {
      process.off('SIGHUP', listener);
      process.kill(process.pid, 'SIGHUP');
      return;
    }
    last = last.then(reload);
  };
  process.on('SIGHUP', listener);
  return () => void process.off('SIGHUP', listener);
}

function linesOf(
  { added, changed, removed, atNextStart, otherCertificate }: Reloaded,
  settings: ServedSettings,
): readonly string[] {
  const done = [
    { word: 'added', names: added },
    { word: 'changed', names: changed },
    { word: 'removed', names: removed },
  ].filter(({ names }) => names.length > 0);
  const changes = done.map(({ word, names }) => `${word} ${names.join(', ')}`).join('; ');
  const lines = [`read the settings again: ${changes === '' ? 'no domain differs' : changes}`];
  if (otherCertificate) {
    for (const { message } of inspectValidity(settings)) lines.push(`another certificate: ${message}`);
  }
  if (atNextStart.length > 0) lines.push(`${atNextStart.join(', ')} will count at the next start`);
  return lines.map((line) => `SIGHUP: ${line}`);
}
