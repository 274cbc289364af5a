import type { FastifyRequest } from 'fastify';

import type { Asker, Inquiry } from '../service/entrance.ts';
import { callerAddress } from './caller-address.ts';

/** Somebody who asks at a door by this request. */
export function inquiryOf(request: FastifyRequest, door: Inquiry['door'], asker: Asker): Inquiry {
  return { door, requestId: request.id, address: callerAddress(request), asker };
}
