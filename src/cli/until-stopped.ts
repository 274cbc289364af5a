import { onStopSignal } from '../process/signals.ts';

/** Ctrl-C once: `signal` asks the work to stop where nothing is lost. */
export async function untilStopped<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interrupt = new AbortController();
  const stopListening = onStopSignal(() => interrupt.abort());
  try {
    return await work(interrupt.signal);
  } finally {
    stopListening();
  }
}
