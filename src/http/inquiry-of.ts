import type { FastifyRequest } from 'fastify';

import type { Asker, Inquiry } from '../access/entrance.ts';
import { callerAddress } from './caller-address.ts';

/** Somebody who asks at a door by this request. */
export function inquiryOf<At extends Inquiry['door']>(
  request: FastifyRequest,
  door: At,
  asker: Asker,
): Inquiry & { readonly door: At } {
  return { door, requestId: request.id, address: callerAddress(request), asker };
}
