import type { FastifyRequest } from 'fastify';

import type { RequestContext } from '../../auth/principal.ts';
import { requestContextOf } from '../../http/request-context.ts';

/** The context of a request by somebody who is signed in. */
export function cardContextOf(request: FastifyRequest, secret: string): RequestContext {
  return requestContextOf(request, { endpoint: 'card', right: 'card' }, { kind: 'session', secret });
}

/** The same for a request that changes something. */
export function editContextOf(request: FastifyRequest, secret: string): RequestContext {
  return { ...cardContextOf(request, secret), right: 'edit' };
}
