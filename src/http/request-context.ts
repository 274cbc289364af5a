import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

import type { Credentials, RequestContext } from '../auth/principal.ts';

/** Somebody who asks at a door by this request. */
export function requestContextOf(
  request: FastifyRequest,
  door: RequestContext['endpoint'],
  asker: Credentials,
): RequestContext {
  return { endpoint: door, requestId: request.id, address: callerAddress(request), credentials: asker };
}

/** Where a request comes from: as a trusted proxy says, where it says an address; else who is at the other end. */
export function callerAddress({ ip, socket }: FastifyRequest): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
}

/** Ids that are unique across restarts, for log lines that belong together. */
export function createRequestIds(): () => string {
  const run = randomBytes(6).toString('base64url');
  let count = 0;
  return () => {
    count += 1;
    return `${run}-${count.toString(36)}`;
  };
}
