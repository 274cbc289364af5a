import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

/** Where a request comes from: as a trusted proxy says, where it says an address; else who is at the other end. */
export function callerAddress({ ip, socket }: FastifyRequest): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
}
