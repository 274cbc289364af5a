import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** How many an error keeps. */
const STACK_FRAMES = Error.stackTraceLimit;

/** The state of one connection. */
export interface Connection {
  unanswered: number;
  /** When the last answer went out, or the first request came; monotonic. */
  movedAt: number;
  /** How much the client had sent when the last answer had left. */
  readBytes: number;
  isClosed: boolean;
  /** Where each unanswered request begins in what the client has sent, or earlier: where the piece begins that it came with. */
  readonly begins: number[];
  /** How much the client had sent when the last piece with a request began, and when it had come. */
  piece: { begins: number; ends: number };
  /** The request that came last, while something is unanswered. */
  latest?: IncomingMessage | undefined;
  /** Answers a broken request, once all before it are answered. */
  brokenAnswer?: () => void;
}

/** Keeps the state of a connection until it is closed. */
export function addConnection(
  connections: Map<Socket, Connection>,
  socket: Socket,
  count: { end(connection: Connection): void },
): void {
  const connection = {
    unanswered: 0,
    movedAt: performance.now(),
    readBytes: 0,
    isClosed: false,
    begins: [],
    piece: { begins: 0, ends: 0 },
  };
  connections.set(socket, connection);
  // Before Node's own listener, which makes an error with its stack for each request that goes with the connection: nobody
  // reads it, and it took 80 us for each of the hundreds that a client had sent without reading.
  socket.prependOnceListener('close', () => (Error.stackTraceLimit = 0));
  socket.once('close', () => {
    Error.stackTraceLimit = STACK_FRAMES;
    connections.delete(socket);
    count.end(connection);
  });
}

/** What a connection has sent since its oldest unanswered request began: bodies are kept until they are whole and answered. */
export function heldBytes(connections: ReadonlyMap<Socket, Connection>, socket: Socket): number {
  const [oldest] = connections.get(socket)?.begins ?? [];
  return oldest === undefined ? 0 : socket.bytesRead - oldest;
}

/** Answers the first request that cannot be parsed, after those before it on the connection. */
export function answerInOrder(connection: Connection | undefined, answer: () => void): void {
  if (connection === undefined) {
    answer();
  } else if (connection.brokenAnswer === undefined) {
    connection.brokenAnswer = answer;
    answerIfNext(connection);
  }
}

/** Answers it once all before it are answered. */
export function answerIfNext({ unanswered, latest, brokenAnswer }: Connection): void {
  // The broken request itself counts where its headers were complete and its body is not.
  const isKnown = latest?.complete === false;
  if (unanswered <= (isKnown ? 1 : 0)) brokenAnswer?.();
}
