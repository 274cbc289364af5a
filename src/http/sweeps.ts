import type { Socket } from 'node:net';

import { type Connection, heldBytes } from './connections.ts';
import type { EventStreams } from './event-streams.ts';
import { LIMITS } from './limits.ts';

/** Bodies come fast: at 1 GB/s, 100 MB in this time. */
const HELD_SWEEP_MS = 100;

export interface SweepLimits {
  /** How long an answer may take to leave. */
  readonly unreadMs: number;
  /** Bytes of unanswered requests, of all connections. */
  readonly heldBytes: number;
}

/**
 * Looks for connections that take too much or too long, and closes them.
 *
 * @param closed gets how many each time
 * @returns a function that ends it
 */
export function startSweeps(
  connections: ReadonlyMap<Socket, Connection>,
  limits: SweepLimits,
  streams: EventStreams | undefined,
  closed: (count: number) => void,
): () => void {
  const unsent = ({ writableLength }: Socket) => writableLength;
  const held = (socket: Socket) => heldBytes(connections, socket);
  const sweeps = [
    setInterval(
      () => {
        closed(closeUnread(connections, limits.unreadMs, streams));
        closed(closeLargest(connections.keys(), unsent, LIMITS.unsentBytes));
      },
      Math.min(limits.unreadMs, LIMITS.checkMs),
    ),
    setInterval(() => closed(closeLargest(connections.keys(), held, limits.heldBytes)), HELD_SWEEP_MS),
  ];
  for (const sweep of sweeps) sweep.unref();
  return () => {
    for (const sweep of sweeps) clearInterval(sweep);
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

/**
 * Closes the connections that take most, if all together take too much: those that take little are left in peace.
 *
 * @param bytesOf how much a connection takes
 * @param most for all of them, bytes
 * @returns how many it closed
 */
function closeLargest(
  connections: Iterable<Socket>,
  bytesOf: (socket: Socket) => number,
  most: number,
): number {
  const taking: { readonly socket: Socket; readonly bytes: number }[] = [];
  let sum = 0;
  for (const socket of connections) {
    const bytes = bytesOf(socket);
    if (bytes <= 0) continue;
    taking.push({ socket, bytes });
    sum += bytes;
  }
  if (sum <= most) return 0;
  let closed = 0;
  for (const { socket, bytes } of taking.sort((one, other) => other.bytes - one.bytes)) {
    if (sum <= most) break;
    sum -= bytes;
    socket.destroy();
    closed += 1;
  }
  return closed;
}

/** Closes connections without an unanswered request or new bytes, also unused ones. */
export function closeIdle(connections: ReadonlyMap<Socket, Connection>): void {
  for (const [socket, { unanswered, readBytes }] of connections) {
    if (unanswered === 0 && socket.bytesRead === readBytes) socket.destroy();
  }
}
