import type { FastifyInstance, FastifyReply } from 'fastify';

import type { CallHub } from '../../events/call-hub.ts';
import { notifyCall } from './calls.ts';
import type { Route } from './route.ts';
import { findLeads, getLead, getListFields, lookupLeads } from './leads.ts';
import { sendProblem } from './problem-answer.ts';
import type { Reference } from './reference.ts';

/** A thousand items in the longest spellings fit into it. */
const ITEMS_BYTES = 256 * 1024;

/** The routes that take credentials and answer in JSON. */
export function routesOf(calls: CallHub): readonly Route[] {
  return [
    { method: 'GET', url: '/v1/leads', right: 'read', answer: findLeads },
    { method: 'GET', url: '/v1/leads/:lead_id', right: 'read', answer: getLead },
    { method: 'POST', url: '/v1/leads/lookup', right: 'read', answer: lookupLeads, bodyLimit: ITEMS_BYTES },
    { method: 'GET', url: '/v1/lists/:list_id/fields', right: 'read', answer: getListFields },
    // Asterisk's CURL() sends forms, and its dialplan takes the quotes of JSON away.
    { method: 'POST', url: '/v1/calls', right: 'calls', answer: notifyCall(calls), takesForms: true },
  ];
}

const HTML = 'text/html; charset=utf-8';

/** For everybody: `/openapi.json`, `/docs` and a page for each problem. They are made when somebody asks first. */
export function registerApiPages(server: FastifyInstance): void {
  let made: Promise<Reference> | undefined;
  // Its schemas come with a library whose loading would be a fifth of every start.
  const reference = () => (made ??= import('./reference.ts').then(({ writeReference }) => writeReference()));
  const sendPage = async (reply: FastifyReply, page: Buffer) =>
    reply
      .header('content-security-policy', (await reference()).policy)
      .type(HTML)
      .send(page);
  server.get('/openapi.json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send((await reference()).document),
  );
  server.get('/docs', async (_request, reply) => sendPage(reply, (await reference()).page));
  server.get('/docs/problems/:code', async (request, reply) => {
    const { code } = request.params as { readonly code: string };
    const page = (await reference()).problems.get(code);
    if (page === undefined) return sendProblem(reply, { code: 'route_unknown' });
    return sendPage(reply, page);
  });
}
