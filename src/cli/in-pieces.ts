import { setTimeout as pause } from 'node:timers/promises';

/** Between two batches of a removal or an undo, so that a waiting writer, who tries every 5 ms, gets its turn. */
export const PAUSE_MS = 15;

/** Does work that yields after each batch, with pauses. @returns what it yielded last */
export async function inPieces<Piece>(
  work: Iterable<Piece> | AsyncIterable<Piece>,
  afterEach: (piece: Piece) => void = () => undefined,
): Promise<Piece | undefined> {
  let last: Piece | undefined;
  for await (last of work) {
    afterEach(last);
    await pause(PAUSE_MS);
  }
  return last;
}
