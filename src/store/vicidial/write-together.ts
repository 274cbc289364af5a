import type { Socket } from 'node:net';

/**
 * Statements of one turn of the event loop leave in one write: each write wakes the server, which costs both sides
 * more than the statement.
 */
export function createWriteTogether(socket: Socket): () => void {
  let isCorked = false;
  return () => {
    if (isCorked) return;
    isCorked = true;
    socket.cork();
    setImmediate(() => {
      isCorked = false;
      socket.uncork();
    });
  };
}
