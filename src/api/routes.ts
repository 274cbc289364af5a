import type { Route } from './door.ts';
import { answerFields, answerLead, answerMany, answerSearch } from './leads.ts';

/** A thousand items in the longest spellings fit into it. */
const ITEMS_BYTES = 256 * 1024;

/** The routes that take credentials and answer in JSON. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', url: '/v1/leads', answer: answerSearch },
  { method: 'GET', url: '/v1/leads/:lead_id', answer: answerLead },
  { method: 'POST', url: '/v1/leads/lookup', answer: answerMany, bodyLimit: ITEMS_BYTES },
  { method: 'GET', url: '/v1/lists/:list_id/fields', answer: answerFields },
];
