import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { ProblemError } from '../core/problem.ts';
import { answerBrokenRequest } from './problem-answer.ts';
import { LIMITS } from './limits.ts';
import type { EventStreams } from './event-streams.ts';
import type { Overload } from './overload.ts';

const CLOSE_SWEEP_MS = 50;
/** So long may requests that were accepted still take when the server ends. */
export const GRACE_MS = 9_000;

/** What is known of one connection. */
interface Traffic {
  unanswered: number;
  /** When the last answer went out, or the first request came; monotonic. */
  movedAt: number;
  /** How much the client had sent when the last answer had left. */
  readBytes: number;
  /** The request that came last, while something is unanswered. */
  latest: IncomingMessage | undefined;
  /** What waits until everything before a broken request is answered. */
  brokenAnswer: (() => void) | undefined;
}

export interface Connections {
  /** How many were closed because their client did not read. */
  readonly unread: number;
  /** Whether more requests at once came on a connection than `requestsAtOnce`: they are refused. */
  isHeaped(socket: Socket): boolean;
  /**
   * Ends the server: no new connections, every accepted request answered, connections closed as they become
   * idle (the library alone would wait for their time-out), the rest after GRACE_MS.
   */
  close(): Promise<void>;
}

/**
 * Watches a server's connections, from before its doors are added: many requests at once on one of them are
 * refused, because all that came together are worked on before anybody else's turn; and one whose client does
 * not read its answers is closed, because Node would keep it, and the answers, for ever.
 *
 * @param unreadMs how long an answer may take to leave
 * @param overload refuses requests that the server never sees
 * @param streams answers that take as long as they like
 */
export function watchConnections(
  server: FastifyInstance,
  unreadMs: number = LIMITS.unreadMs,
  overload?: Overload,
  streams?: EventStreams,
): Connections {
  const connections = new Map<Socket, Traffic>();
  const handshakes = watchHandshakes(server.server);
  server.server.on(handshakes === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    handshakes?.end(socket);
    connections.set(socket, newTraffic());
    socket.once('close', () => connections.delete(socket));
  });
  // Before the library has it, and until the last byte of the answer has left: its hooks see neither of the two.
  server.server.prependListener('request', (request, response) => {
    const traffic = connections.get(request.socket);
    if (traffic !== undefined) count(traffic, request, response);
  });
  // In place of the library's: that one would answer before requests that came earlier, and take their place.
  server.server.removeAllListeners('clientError').on('clientError', (error: Error, socket: Socket) => {
    answerInOrder(connections.get(socket), () => answerBrokenRequest(error, socket));
  });
  // Node's own takes a connection for idle whose answer is written, but has not left.
  server.server.closeIdleConnections = () => closeIdle(connections);
  const isHeaped = (socket: Socket) => (connections.get(socket)?.unanswered ?? 0) > LIMITS.requestsAtOnce;
  refuseHeaps(server, isHeaped);
  overload?.tell((socket) => {
    const traffic = connections.get(socket);
    if (traffic !== undefined) traffic.readBytes = socket.bytesRead;
  });
  let unread = 0;
  const sweep = setInterval(
    () => (unread += closeUnread(connections, unreadMs, streams)),
    Math.min(unreadMs, LIMITS.checkMs),
  );
  sweep.unref();

  return {
    get unread() {
      return unread;
    },
    isHeaped,
    async close() {
      overload?.close();
      streams?.close();
      const closing = setInterval(() => {
        handshakes?.drop();
        closeIdle(connections);
      }, CLOSE_SWEEP_MS);
      const deadline = setTimeout(() => server.server.closeAllConnections(), GRACE_MS);
      try {
        await server.close();
      } finally {
        clearInterval(sweep);
        clearInterval(closing);
        clearTimeout(deadline);
      }
    },
  };
}

function newTraffic(): Traffic {
  const movedAt = performance.now();
  return { unanswered: 0, movedAt, readBytes: 0, latest: undefined, brokenAnswer: undefined };
}

/** Refuses more requests at once on one connection than `requestsAtOnce`. */
function refuseHeaps(server: FastifyInstance, isHeaped: Connections['isHeaped']): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (!isHeaped(request.raw.socket)) {
      done();
    } else {
      void reply.header('connection', 'close');
      done(
        new ProblemError({
          code: 'request_unparsable',
          reason: 'too many requests at once on one connection',
        }),
      );
    }
  });
}

function count(traffic: Traffic, request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  if (traffic.unanswered === 0) traffic.movedAt = performance.now();
  traffic.unanswered += 1;
  traffic.latest = request;
  response.once('close', () => {
    traffic.unanswered -= 1;
    traffic.movedAt = performance.now();
    traffic.readBytes = socket.bytesRead;
    if (traffic.unanswered === 0) traffic.latest = undefined;
    if (traffic.brokenAnswer !== undefined) answerIfNext(traffic);
  });
}

/** Answers a request that cannot be read, after those that came before it on the connection; once, whatever follows. */
function answerInOrder(traffic: Traffic | undefined, answer: () => void): void {
  if (traffic === undefined) {
    answer();
  } else if (traffic.brokenAnswer === undefined) {
    traffic.brokenAnswer = answer;
    answerIfNext(traffic);
  }
}

function answerIfNext({ unanswered, latest, brokenAnswer }: Traffic): void {
  // The broken one may be known already: its headers were whole and its body is not.
  const isKnown = latest?.complete === false;
  if (unanswered <= (isKnown ? 1 : 0)) brokenAnswer?.();
}

/** Connections on which TLS is not spoken yet: they carry no request, and the server does not know them as its own. */
interface Handshakes {
  /** @param secured what the handshake made of a connection */
  end(secured: Socket): void;
  /** Ends the connections. */
  drop(): void;
}

/** @returns undefined where no TLS is spoken */
function watchHandshakes(server: FastifyInstance['server']): Handshakes | undefined {
  if (!('setSecureContext' in server)) return undefined;
  const bare = new Map<string, Socket>();
  const nameOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress ?? ''} ${remotePort ?? ''}`;
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    bare.set(name, socket);
    socket.once('close', () => {
      if (bare.get(name) === socket) bare.delete(name);
    });
  });
  return {
    end: (secured) => void bare.delete(nameOf(secured)),
    drop() {
      for (const socket of bare.values()) socket.destroy();
    },
  };
}

/** @returns how many it closed */
function closeUnread(
  connections: ReadonlyMap<Socket, Traffic>,
  unreadMs: number,
  streams?: EventStreams,
): number {
  const latest = performance.now() - unreadMs;
  let closed = 0;
  for (const [socket, { unanswered, movedAt }] of connections) {
    // The stream itself is one that is unanswered; what was asked behind it waits as anything else does.
    const isStream = unanswered === 1 && streams?.has(socket) === true;
    if (unanswered === 0 || movedAt >= latest || socket.destroyed || isStream) continue;
    socket.destroy();
    closed += 1;
  }
  return closed;
}

/** Closes connections on which all is answered and nothing has come since, also those on which nothing ever came. */
function closeIdle(connections: ReadonlyMap<Socket, Traffic>): void {
  for (const [socket, { unanswered, readBytes }] of connections) {
    if (unanswered === 0 && socket.bytesRead === readBytes) socket.destroy();
  }
}
