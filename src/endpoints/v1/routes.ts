import type { CallHub } from '../../events/call-hub.ts';
import { answerCall } from './calls.ts';
import type { Route } from './route.ts';
import { answerFields, answerLead, answerMany, answerSearch } from './leads.ts';

/** A thousand items in the longest spellings fit into it. */
const ITEMS_BYTES = 256 * 1024;

/** The routes that take credentials and answer in JSON. */
export function routesOf(calls: CallHub): readonly Route[] {
  return [
    { method: 'GET', url: '/v1/leads', answer: answerSearch },
    { method: 'GET', url: '/v1/leads/:lead_id', answer: answerLead },
    { method: 'POST', url: '/v1/leads/lookup', answer: answerMany, bodyLimit: ITEMS_BYTES },
    { method: 'GET', url: '/v1/lists/:list_id/fields', answer: answerFields },
    // Asterisk's CURL() sends forms, and its dialplan takes the quotes of JSON away.
    { method: 'POST', url: '/v1/calls', answer: answerCall(calls), takesForms: true },
  ];
}
