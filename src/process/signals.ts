import { isatty } from 'node:tty';

import type { Reloaded } from '../app.ts';
import { describeError } from '../core/problem.ts';
import { EXIT, problemsOf } from './exit-code.ts';
import { inspectValidity } from '../diagnostics/certificate.ts';
import type { ServedSettings } from './serve-app.ts';
import { printable, type Terminal } from './terminal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** One Ctrl-C may come twice within milliseconds: from the terminal, and passed on by npm. */
const SAME_PRESS_MS = 100;

/**
 * Waits for what ends a server: a signal, which is logged, or an unexpected error. After the first signal, a later one ends
 * the process at once.
 */
export function onStop(terminal: Terminal): Promise<NodeJS.Signals | 'fault'> {
  const stopped = Promise.withResolvers<NodeJS.Signals | 'fault'>();
  onUncaught(terminal, () => stopped.resolve('fault'));
  onStopSignal((signal) => {
    terminal.err(`callercard: ${signal}, answering what was accepted, then ending`);
    stopped.resolve(signal);
  });
  return stopped.promise;
}

/**
 * Waits for SIGINT and SIGTERM. After the first, a later one ends the process at once.
 *
 * @param onFirst called at the first signal
 * @returns a function that ends the waiting
 */
export function onStopSignal(onFirst: (signal: NodeJS.Signals) => void): () => void {
  let first: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = performance.now();
      onFirst(signal);
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

/**
 * Reads the settings again on SIGHUP. Settings that cannot be used are reported, and the former ones stay in use. A terminal
 * that closes sends the same signal: then the process ends as usual.
 *
 * @param read reads the settings, as at the start
 * @param take takes them into use; throws where the former ones stay in use
 * @returns a function that ends the listening
 */
export function onReloadSignal(
  terminal: Terminal,
  read: () => ServedSettings,
  take: (settings: ServedSettings) => Reloaded | Promise<Reloaded>,
): () => void {
  const wasWatched = terminal.stderr.isTTY === true;
  let last = Promise.resolve();

  async function reload(): Promise<void> {
    try {
      const settings = read();
      for (const line of linesOf(await take(settings), settings))
        terminal.err(printable(`callercard: ${line}`));
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
  const changes = Object.entries({ added, changed, removed })
    .filter(([, names]) => names.length > 0)
    .map(([word, names]) => `${word} ${names.join(', ')}`)
    .join('; ');
  const lines = [`read the settings again: ${changes === '' ? 'no domain differs' : changes}`];
  if (otherCertificate) {
    for (const { message } of inspectValidity(settings)) lines.push(`another certificate: ${message}`);
  }
  if (atNextStart.length > 0) lines.push(`${atNextStart.join(', ')} will count at the next start`);
  return lines.map((line) => `SIGHUP: ${line}`);
}

/** How long a process may still take to answer what it accepted, after an unexpected error. */
const LAST_MS = 2_000;

/** Errors that are logged: one may bring others, and logging may be what fails. */
const MOST_LOGGED = 3;

/**
 * Ends the process at an uncaught error, because its state may be wrong: in order if it can, and after LAST_MS in
 * any case, with an exit code on which it is started again.
 *
 * @param end called once, to end in order
 */
export function onUncaught(terminal: Terminal, end: () => void): void {
  let faults = 0;
  process.on('uncaughtException', (fault: unknown) => {
    faults += 1;
    if (faults <= MOST_LOGGED)
      terminal.err(`callercard: unexpected fault, so this process ends: ${describeError(fault)}`);
    if (faults > 1) return;
    setTimeout(() => process.exit(EXIT.failed), LAST_MS).unref();
    end();
  });
}
