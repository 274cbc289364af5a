import type { Socket } from 'node:net';

/** Statements of one turn of the event loop leave in one write. */
export interface WriteBatch {
  /** One more is about to be written. */
  note(): void;
  /** How many wait for the end of the turn. */
  readonly count: number;
}

/** Each write wakes the server, which costs both sides more than the statement. */
export function createWriteBatch(socket: Socket): WriteBatch {
  let count = 0;

  function leave(): void {
    count = 0;
    socket.uncork();
  }

  return {
    note() {
      if (count === 0) {
        socket.cork();
        setImmediate(leave);
      }
      count += 1;
    },
    get count() {
      return count;
    },
  };
}
