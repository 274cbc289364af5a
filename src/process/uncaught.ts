import { describeFault } from '../core/describe-error.ts';
import { EXIT } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

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
export function onFault(terminal: Terminal, end: () => void): () => void {
  let faults = 0;
  const listener = (fault: unknown) => {
    faults += 1;
    if (faults <= MOST_TOLD)
      terminal.err(`callercard: unexpected fault, so this process ends: ${describeFault(fault)}`);
    if (faults > 1) return;
    setTimeout(() => process.exit(EXIT.failed), LAST_MS).unref();
    end();
  };
  process.on('uncaughtException', listener);
  return () => void process.off('uncaughtException', listener);
}
