import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { LIMITS } from './limits.ts';

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

/** Counts requests, and what they hold, on all connections. */
export type RequestCount = ReturnType<typeof createRequestCount>;

/** Keeps the state of a connection until it is closed. */
export function addConnection(
  connections: Map<Socket, Connection>,
  socket: Socket,
  count: RequestCount,
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

/** Counts the requests of all connections. A request counts as unanswered until the last byte of its answer has left. */
export function createRequestCount() {
  let inAll = 0;
  return {
    /** @returns false: there are too many in all, and the connection has several of them */
    add(connection: Connection, request: IncomingMessage, response: ServerResponse): boolean {
      const { socket } = request;
      inAll += 1;
      if (connection.unanswered === 0) connection.movedAt = performance.now();
      connection.unanswered += 1;
      connection.begins.push(beginOf(connection, socket.bytesRead));
      connection.latest = request;
      response.once('close', () => {
        if (connection.isClosed) return;
        inAll -= 1;
        connection.unanswered -= 1;
        connection.begins.shift();
        connection.movedAt = performance.now();
        connection.readBytes = socket.bytesRead;
        if (connection.unanswered === 0) connection.latest = undefined;
        if (connection.brokenAnswer !== undefined) answerIfNext(connection);
      });
      return inAll <= LIMITS.requestsInAll || connection.unanswered === 1;
    },
    /** The connection is closed: of its answers, Node reports only the one that was being written. */
    end(connection: Connection): void {
      inAll -= connection.unanswered;
      connection.isClosed = true;
    },
  };
}

/** Several requests may come in one piece; the body of the last of them may begin anywhere in it. */
function beginOf(connection: Connection, readBytes: number): number {
  const { piece } = connection;
  if (piece.ends !== readBytes) {
    connection.piece = { begins: Math.max(piece.ends, connection.readBytes), ends: readBytes };
  }
  return connection.piece.begins;
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

function answerIfNext({ unanswered, latest, brokenAnswer }: Connection): void {
  // The broken request itself counts where its headers were complete and its body is not.
  const isKnown = latest?.complete === false;
  if (unanswered <= (isKnown ? 1 : 0)) brokenAnswer?.();
}
