import type { FastifyInstance } from 'fastify';

import { IMPORT_LIMITS } from '../../core/import-job.ts';
import type { CallHub } from '../../events/call-hub.ts';
import type { StaticPages } from '../../http/static-pages.ts';
import { notifyCall } from './calls.ts';
import { changeCall, findCalls } from './kept-calls.ts';
import type { Route } from './route.ts';
import { changeLead, createLead, removeLead, undoChange } from './changes.ts';
import {
  beginImport,
  dropImport,
  getImport,
  getImportRejects,
  getImports,
  putImportPart,
  startImport,
  undoImport,
} from './imports.ts';
import { findLeads, getLead, lookupLeads } from './leads.ts';
import { changeList, createList, getListFields, getLists, putListFields } from './lists.ts';
import { erasePerson, exportPerson, findPersons } from './persons.ts';
import { sendProblem } from './problem-answer.ts';
import type { Reference } from './reference.ts';
import { addNote, getNotes, getTimeline } from './timeline.ts';

/** A thousand items in the longest spellings fit into it. */
const ITEMS_BYTES = 256 * 1024;

const LEADS = '/v1/leads';
const LEAD = `${LEADS}/:lead_id`;
const LISTS = '/v1/lists';
const IMPORTS = '/v1/imports';
const IMPORT = `${IMPORTS}/:import`;

/** The routes that take credentials and answer in JSON. */
export function routesOf(calls: CallHub): readonly Route[] {
  return [
    { method: 'GET', url: LEADS, right: 'read', answer: findLeads },
    { method: 'GET', url: LEAD, right: 'read', answer: getLead },
    { method: 'POST', url: '/v1/leads/lookup', right: 'read', answer: lookupLeads, bodyLimit: ITEMS_BYTES },
    { method: 'POST', url: LEADS, right: 'edit', answer: createLead },
    { method: 'PATCH', url: LEAD, right: 'edit', answer: changeLead, takes: 'patch' },
    { method: 'DELETE', url: LEAD, right: 'edit', answer: removeLead, takes: 'none' },
    { method: 'GET', url: `${LEAD}/timeline`, right: 'read', answer: getTimeline },
    { method: 'GET', url: `${LEAD}/notes`, right: 'read', answer: getNotes },
    { method: 'POST', url: `${LEAD}/notes`, right: 'edit', answer: addNote },
    {
      method: 'POST',
      url: `${LEAD}/changes/:change_id/undo`,
      right: 'edit',
      answer: undoChange,
      takes: 'none',
    },
    { method: 'GET', url: LISTS, right: 'read', answer: getLists },
    { method: 'POST', url: LISTS, right: 'edit', answer: createList },
    { method: 'PATCH', url: `${LISTS}/:list_id`, right: 'edit', answer: changeList, takes: 'patch' },
    { method: 'GET', url: `${LISTS}/:list_id/fields`, right: 'read', answer: getListFields },
    { method: 'PUT', url: `${LISTS}/:list_id/fields`, right: 'edit', answer: putListFields },
    { method: 'POST', url: IMPORTS, right: 'edit', answer: beginImport },
    {
      method: 'PUT',
      url: `${IMPORT}/parts/:offset`,
      right: 'edit',
      answer: putImportPart,
      takes: 'bytes',
      bodyLimit: IMPORT_LIMITS.partBytes,
    },
    { method: 'POST', url: `${IMPORT}/start`, right: 'edit', answer: startImport },
    { method: 'GET', url: IMPORT, right: 'edit', answer: getImport },
    { method: 'GET', url: `${IMPORT}/rejects`, right: 'edit', answer: getImportRejects },
    { method: 'GET', url: IMPORTS, right: 'edit', answer: getImports },
    { method: 'POST', url: `${IMPORT}/undo`, right: 'edit', answer: undoImport, takes: 'none' },
    { method: 'DELETE', url: IMPORT, right: 'edit', answer: dropImport, takes: 'none' },
    { method: 'GET', url: '/v1/persons', right: 'admin', answer: findPersons },
    { method: 'POST', url: '/v1/persons/export', right: 'admin', answer: exportPerson },
    { method: 'POST', url: '/v1/persons/erase', right: 'admin', answer: erasePerson },
    // Asterisk's CURL() sends forms, and its dialplan takes the quotes of JSON away.
    { method: 'POST', url: '/v1/calls', right: 'calls', answer: notifyCall(calls), takes: 'form' },
    { method: 'GET', url: '/v1/calls', right: 'read', answer: findCalls },
    { method: 'PATCH', url: '/v1/calls/:call', right: 'calls', answer: changeCall(calls), takes: 'patch' },
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
