import { setTimeout as pause } from 'node:timers/promises';

const WRITERS = 4;
/** After a write that failed. */
const PAUSE_MS = 20;

/**
 * Writes one thing after the other, whatever happens to the servers, until it is stopped.
 *
 * @param write adds a lead of this name; returns its id once it is acknowledged, else undefined
 */
export function startWriters(write: (name: string) => Promise<number | undefined>) {
  const acknowledged = new Set<number>();
  let isStopped = false;
  async function keepWriting(writer: number): Promise<void> {
    for (let at = 0; !isStopped; at += 1) {
      const id = await write(`${writer}/${at}`);
      if (id === undefined) await pause(PAUSE_MS);
      else acknowledged.add(id);
    }
  }
  const all = Promise.all(Array.from({ length: WRITERS }, (_, writer) => keepWriting(writer)));
  return {
    /** The ids of leads that were answered as added. */
    acknowledged,
    async stop(): Promise<void> {
      isStopped = true;
      await all;
    },
  };
}
