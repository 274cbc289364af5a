import { isatty } from 'node:tty';

import type { Reloaded } from '../app.ts';
import { describeError } from '../core/problem.ts';
import { EXIT, problemsOf } from './exit-code.ts';
import { inspectValidity, type ServedSettings } from './serve-app.ts';
import type { Terminal } from './terminal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** One Ctrl-C may come twice within milliseconds: from the terminal, and passed on by npm. */
const SAME_PRESS_MS = 100;

/**
 * Listens for the wish to stop. The first signal is told, a later one ends the process at once.
 *
 * @returns a function that ends the listening
 */
export function onStopSignal(tell: (signal: NodeJS.Signals) => void): () => void {
  let first: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = performance.now();
      tell(signal);
    } else if (performance.now() - first > SAME_PRESS_MS) {
      process.exit(EXIT.interrupted);
    }
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

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

/** So long may a process still take to answer what it accepted, after an error that nobody expected. */
export const LAST_MS = 2_000;

/** Faults that are told: one may bring others, and telling may be what fails. */
const MOST_TOLD = 3;

/**
 * Watches for errors that nobody caught. What the process knows may be wrong after one, so it ends: in order if it can,
 * and by LAST_MS in any case, with a code that tells whoever started it to start another.
 *
 * @param end called once, to end in order
 * @returns a function that ends the watch
 */
export function onUncaught(terminal: Terminal, end: () => void): () => void {
  let faults = 0;
  const listener = (fault: unknown) => {
    faults += 1;
    if (faults <= MOST_TOLD)
      terminal.err(`callercard: unexpected fault, so this process ends: ${describeError(fault)}`);
    if (faults > 1) return;
    setTimeout(() => process.exit(EXIT.failed), LAST_MS).unref();
    end();
  };
  process.on('uncaughtException', listener);
  return () => void process.off('uncaughtException', listener);
}
