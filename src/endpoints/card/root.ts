import type { FastifyInstance, FastifyRequest } from 'fastify';

import { domainContextOf } from '../../http/domain-context.ts';
import { readCookie } from '../pages/cookies.ts';
import { cardContextOf } from './card-session.ts';

const ADDRESSES = JSON.stringify({
  card: '/card',
  console: '/console',
  documentation: '/docs',
  openapi: '/openapi.json',
  health: '/healthz',
});

/** `GET /` leads people to the card, admins to the console, and tells programs where things are. */
export function addRoot(app: FastifyInstance): void {
  app.get('/', async (request, reply) => {
    // The target `*`, which the router takes for this one.
    if (!request.url.startsWith('/')) {
      reply.callNotFound();
      return reply;
    }
    void reply.header('vary', 'Accept');
    if (!wantsPage(request)) return reply.type('application/json; charset=utf-8').send(ADDRESSES);
    return reply.redirect((await isAdmin(request)) ? '/console' : '/card', 303);
  });
}

/** Browsers name HTML first; programs take anything. */
function wantsPage({ headers: { accept = '' } }: FastifyRequest): boolean {
  return /\btext\/html\b/i.test(accept);
}

async function isAdmin(request: FastifyRequest): Promise<boolean> {
  const secret = readCookie(request, 'session');
  if (secret === undefined) return false;
  const asked = await domainContextOf(request).isAdmin(cardContextOf(request, secret));
  return 'isAdmin' in asked && asked.isAdmin;
}
