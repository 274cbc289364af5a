import { EXIT } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** So long may a process still take to answer what it accepted, after an error that nobody expected. */
export const LAST_MS = 2_000;

/** Faults that are told: one may bring others, and telling may be what fails. */
const MOST_TOLD = 3;
const FRAMES = 6;
/** The place of a stack's line, as far as it helps: the file with its folder. */
const FRAME = /^ {4}at .*?((?:[\w@.-]+\/)?[\w@.-]+:\d+:\d+)\)?$/;

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

/** What an error is and where it came from. Never its message, which may quote what somebody sent. */
export function describeFault(fault: unknown): string {
  if (!(fault instanceof Error)) return `a thrown ${typeof fault}`;
  const { code } = fault as NodeJS.ErrnoException;
  const what = typeof code === 'string' && /^\w+$/.test(code) ? `${nameOf(fault)} ${code}` : nameOf(fault);
  const frames = framesOf(fault).flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  return [what, ...frames.slice(0, FRAMES)].join(' < ');
}

/** A line of the stack below the message, which could hold lines that look like it. */
function framesOf({ message, stack = '' }: Error): readonly string[] {
  return stack.slice(Math.max(0, stack.indexOf(message)) + message.length).split('\n');
}

/** The kind of error; anybody can call an error anything. */
function nameOf({ name }: Error): string {
  return /^\w{1,60}$/.test(name) ? name : 'Error';
}
