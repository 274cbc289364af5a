import { once } from 'node:events';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { Server as NetServer, type AddressInfo, type ListenOptions, type Socket } from 'node:net';

import { networkOf } from '../throttle/throttle.ts';
import { type AdmissionLimits, createAdmission } from './admission.ts';
import { addConnection, answerIfNext, answerInOrder, type Connection } from './connections.ts';
import type { EventStreams } from './event-streams.ts';
import { watchHandshakes } from './handshakes.ts';
import { LIMITS } from './limits.ts';
import { createServer as createHttpServer } from './node-http.ts';
import { closeIdle, startSweeps } from './sweeps.ts';
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
  // A request without a body needs none of what Node does to read one: 4 us of a lookup.
  optimizeEmptyRequests: true,
} as const;

/** Answers a request that was admitted. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ListenerOptions extends AdmissionLimits {
  /** Speaks HTTPS with it. */
  readonly tls?: Tls | undefined;
  /** The answer to a request that is shed; the same object for the same words. */
  readonly overloadAnswer: (target: string) => PrecomputedAnswer;
  /** Answers without a time limit. */
  readonly streams?: EventStreams | undefined;
  /** How long an answer may take to leave. */
  readonly unreadMs?: number;
  /** A client's address, where proxies are trusted; by default that of the connection. */
  readonly addressOf?: (request: IncomingMessage) => string;
  /** Bytes of unanswered requests, of all connections. */
  readonly heldBytes?: number;
}

function createServer(tls: Tls | undefined, handle: RequestHandler): HttpServer | HttpsServer {
  return tls === undefined
    ? createHttpServer(HTTP_OPTIONS, handle)
    : createHttpsServer({ ...HTTP_OPTIONS, ...tlsOptions(tls) }, handle);
}

const connectionAddress = ({ socket }: IncomingMessage) => socket.remoteAddress ?? '';

/** One server, and all state of its connections. */
export type Listener = ReturnType<typeof createListener>;

/**
 * Owns the state of every connection. It counts requests, sheds those that are too many, and hands the others to the handler
 * that `serve` set. It closes connections on which an answer does not leave in time, mostly because the client does not read,
 * and answers a request that cannot be parsed after those that came before it.
 */
export function createListener(options: ListenerOptions) {
  const { tls, overloadAnswer, streams, addressOf = connectionAddress } = options;
  const limits = { unreadMs: LIMITS.unreadMs, heldBytes: LIMITS.heldBytes, ...options };
  const connections = new Map<Socket, Connection>();
  const count = createRequestCount();
  const admission = createAdmission(overloadAnswer, options);
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
    (admission.admits(request.url ?? '', networkOf(addressOf(request))) ? handler : shed)(request, response);
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
  const endSweeps = startSweeps(connections, limits, streams, (closed) => (unread += closed));

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
      endSweeps();
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

/**
 * Whether an earlier request on the connection was the first one beyond `requestsAtOnce`: that one is answered and ends the
 * connection, so nothing is done for those behind it.
 */
function isBehindRefused(connection: Connection | undefined): boolean {
  return connection !== undefined && connection.unanswered > LIMITS.requestsAtOnce + 1;
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
      connection.begins.push(beginOf(connection, socket.bytesRead));
      connection.latest = request;
      response.on('close', () => {
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

/** The URL of a server that listens there, such as `http://127.0.0.1:8080`. */
export function urlOf({ address, family, port }: AddressInfo, isEncrypted: boolean): string {
  return `${isEncrypted ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
