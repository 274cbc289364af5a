import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { Server as NetServer, type AddressInfo, type ListenOptions, type Socket } from 'node:net';

import { createAdmission } from './admission.ts';
import type { EventStreams } from './event-streams.ts';
import { LIMITS } from './limits.ts';
import { answerBrokenRequest, answerExpectation, type PrecomputedAnswer } from './problem-answer.ts';
import { tlsOptions, type Tls } from './tls.ts';

const CLOSE_SWEEP_MS = 50;
/** How long a closing server waits for its last answers. */
export const GRACE_MS = 9_000;

const HTTP_OPTIONS = {
  maxHeaderSize: LIMITS.headerBytes,
  headersTimeout: LIMITS.headersMs,
  requestTimeout: LIMITS.requestMs,
  keepAliveTimeout: LIMITS.keepAliveMs,
  connectionsCheckingInterval: LIMITS.checkMs,
  // Node's own answer to a missing Host would lack our headers.
  requireHostHeader: false,
} as const;

/** How many an error keeps. */
const STACK_FRAMES = Error.stackTraceLimit;

/** The state of one connection. */
interface Connection {
  unanswered: number;
  /** When the last answer went out, or the first request came; monotonic. */
  movedAt: number;
  /** How much the client had sent when the last answer had left. */
  readBytes: number;
  isClosed: boolean;
  /** The request that came last, while something is unanswered. */
  latest?: IncomingMessage | undefined;
  /** Answers a broken request, once all before it are answered. */
  brokenAnswer?: () => void;
}

/** Answers a request that was admitted. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ListenerOptions {
  /** Speaks HTTPS with it. */
  readonly tls?: Tls | undefined;
  /** The answer to a request that is shed; the same object for the same words. */
  readonly overloadAnswer: (target: string) => PrecomputedAnswer;
  /** Answers without a time limit. */
  readonly streams?: EventStreams | undefined;
  /** How long an answer may take to leave. */
  readonly unreadMs?: number;
  /** How many requests one tick of the event loop takes, and for how long it takes more. */
  readonly requestsPerTick?: number;
  readonly tickMs?: number;
}

function createServer(tls: Tls | undefined, handle: RequestHandler): HttpServer | HttpsServer {
  return tls === undefined
    ? createHttpServer(HTTP_OPTIONS, handle)
    : createHttpsServer({ ...HTTP_OPTIONS, ...tlsOptions(tls) }, handle);
}

/** One server, and all state of its connections. */
export type Listener = ReturnType<typeof createListener>;

/**
 * Owns the state of every connection. It counts requests, sheds those that are too many, and hands the others to the handler
 * that `serve` set. It closes connections on which an answer does not leave in time, mostly because the client does not read,
 * and answers a request that cannot be parsed after those that came before it.
 */
export function createListener(options: ListenerOptions) {
  const { tls, overloadAnswer, streams, unreadMs = LIMITS.unreadMs } = options;
  const connections = new Map<Socket, Connection>();
  const count = createRequestCount();
  const admission = createAdmission(overloadAnswer, options.requestsPerTick, options.tickMs);
  const shed: RequestHandler = ({ url = '' }, response) => admission.shed(url, response);
  let handler = shed;
  let unread = 0;
  let isClosing = false;

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const connection = connections.get(request.socket);
    const isTooMany = connection !== undefined && !count.add(connection, request, response);
    if (isTooMany) request.socket.destroy();
    unread += Number(isTooMany);
    if (isTooMany || isBehindRefused(connection)) return;
    if (isClosing) response.setHeader('connection', 'close');
    (admission.admits(request.url ?? '') ? handler : shed)(request, response);
  }

  const server = createServer(tls, handle);
  const handshakes = tls === undefined ? undefined : watchHandshakes(server);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    handshakes?.end(socket);
    addConnection(connections, socket, count);
  });
  server.on('clientError', (error: Error, socket: Socket) => {
    answerInOrder(connections.get(socket), () => answerBrokenRequest(error, socket));
  });
  server.on('checkExpectation', answerExpectation);
  const closeSlow = () => (unread += closeUnread(connections, unreadMs, streams) + closeLargest(connections));
  const sweep = setInterval(closeSlow, Math.min(unreadMs, LIMITS.checkMs)).unref();

  return {
    /** Every request goes here, and from here to exactly one handler. */
    handle,
    server,
    /** Sets the handler of admitted requests, which routes by path; to be called before `listen`. */
    serve(next: RequestHandler): void {
      handler = next;
    },
    listen: (where: ListenOptions) => listen(server, where),
    /** Answers a request with 503, and counts it. */
    shedRequest: shed,
    /** Requests that were shed since the start. */
    get shed() {
      return admission.count;
    },
    /** Connections that were closed because an answer on them did not leave in time. */
    get unread() {
      return unread;
    },
    /** Whether more requests at once came on a connection than `requestsAtOnce`: they are refused. */
    exceedsPipelining: (socket: Socket) => (connections.get(socket)?.unanswered ?? 0) > LIMITS.requestsAtOnce,
    /**
     * Ends the server: no new connections, every accepted request answered, connections closed as they become
     * idle, the rest after GRACE_MS.
     */
    async close() {
      isClosing = true;
      admission.close();
      streams?.close();
      await drain(server, () => {
        handshakes?.drop();
        closeIdle(connections);
      });
      clearInterval(sweep);
    },
  };
}

/** @throws the system's error: the address is in use, or not this machine's */
async function listen(server: NetServer, options: ListenOptions): Promise<AddressInfo> {
  await once(server.listen(options), 'listening');
  return server.address() as AddressInfo;
}

/** Stops accepting, and sweeps until the last connection is gone. */
async function drain(server: HttpServer | HttpsServer, sweep: () => void): Promise<void> {
  // After the requests that have come are read: an idle connection may hold one that nobody has seen.
  const closing = setInterval(() => setImmediate(sweep), CLOSE_SWEEP_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  const closed = once(server, 'close');
  // http.Server's own close() would cut connections whose answer is written and has not left.
  NetServer.prototype.close.call(server);
  await closed;
  clearInterval(closing);
  clearTimeout(deadline);
}

function addConnection(
  connections: Map<Socket, Connection>,
  socket: Socket,
  count: ReturnType<typeof createRequestCount>,
): void {
  const connection = { unanswered: 0, movedAt: performance.now(), readBytes: 0, isClosed: false };
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
function createRequestCount() {
  let inAll = 0;
  return {
    /** @returns false: there are too many in all, and the connection has several of them */
    add(connection: Connection, request: IncomingMessage, response: ServerResponse): boolean {
      const { socket } = request;
      inAll += 1;
      if (connection.unanswered === 0) connection.movedAt = performance.now();
      connection.unanswered += 1;
      connection.latest = request;
      response.once('close', () => {
        if (connection.isClosed) return;
        inAll -= 1;
        connection.unanswered -= 1;
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

/**
 * Whether an earlier request on the connection was the first one beyond `requestsAtOnce`: that one is answered and ends the
 * connection, so nothing is done for those behind it.
 */
function isBehindRefused(connection: Connection | undefined): boolean {
  return connection !== undefined && connection.unanswered > LIMITS.requestsAtOnce + 1;
}

/** Answers the first request that cannot be parsed, after those before it on the connection. */
function answerInOrder(connection: Connection | undefined, answer: () => void): void {
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

/** Connections on which TLS is not spoken yet: they carry no request, and HTTP does not know them. */
function watchHandshakes(server: NetServer) {
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
    /** @param secured the connection that the handshake made */
    end: (secured: Socket) => void bare.delete(nameOf(secured)),
    /** Ends the connections. */
    drop() {
      for (const socket of bare.values()) socket.destroy();
    },
  };
}

/** Closes connections whose oldest progress lies before `unreadMs`. @returns how many it closed */
function closeUnread(
  connections: ReadonlyMap<Socket, Connection>,
  unreadMs: number,
  streams?: EventStreams,
): number {
  const latest = performance.now() - unreadMs;
  let closed = 0;
  for (const [socket, { unanswered, movedAt }] of connections) {
    // An open stream is one unanswered request; requests behind it must be answered in time.
    const isStream = unanswered === 1 && streams?.has(socket) === true;
    if (unanswered === 0 || movedAt >= latest || socket.destroyed || isStream) continue;
    socket.destroy();
    closed += 1;
  }
  return closed;
}

/** Closes the connections with the most bytes that wait to be read, if too many wait in all. @returns how many it closed */
function closeLargest(connections: ReadonlyMap<Socket, Connection>): number {
  const waiting = [...connections.keys()].filter(({ writableLength }) => writableLength > 0);
  let bytes = waiting.reduce((sum, { writableLength }) => sum + writableLength, 0);
  if (bytes <= LIMITS.unsentBytes) return 0;
  let closed = 0;
  for (const socket of waiting.toSorted((a, b) => b.writableLength - a.writableLength)) {
    if (bytes <= LIMITS.unsentBytes) break;
    bytes -= socket.writableLength;
    socket.destroy();
    closed += 1;
  }
  return closed;
}

/** Closes connections without an unanswered request or new bytes, also unused ones. */
function closeIdle(connections: ReadonlyMap<Socket, Connection>): void {
  for (const [socket, { unanswered, readBytes }] of connections) {
    if (unanswered === 0 && socket.bytesRead === readBytes) socket.destroy();
  }
}
