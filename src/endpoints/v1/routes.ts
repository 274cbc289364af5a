import type { FastifyInstance } from 'fastify';

import type { CallHub } from '../../events/call-hub.ts';
import type { StaticPages } from '../../http/static-pages.ts';
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

/** For everybody: `/openapi.json`, `/docs` and a page for each problem. They are made when somebody asks first. */
export function registerApiPages(server: FastifyInstance, pages: StaticPages): void {
  let made: Promise<Reference> | undefined;
  // Its schemas come with a library whose loading would be a fifth of every start.
  const reference = () => (made ??= import('./reference.ts').then(({ writeReference }) => writeReference()));
  for (const path of ['/openapi.json', '/docs', '/docs/problems/:code']) {
    server.get(path, async ({ params }, reply) => {
      const { code = '' } = params as { readonly code?: string };
      const found = path.replace(':code', code);
      const page = (await reference()).get(found);
      return page === undefined
        ? sendProblem(reply, { code: 'route_unknown' })
        : pages.send(reply, found, page);
    });
  }
}
