import { EXIT } from './exit-code.ts';

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
