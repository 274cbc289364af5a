import { Type } from 'typebox';

import { json, problems, text, type Operation, type Parameter } from './operation.ts';
import {
  CallSchema,
  ItemsSchema,
  LeadId,
  LeadPageSchema,
  LeadSchema,
  ListFieldsSchema,
  ListId,
  PageQuery,
  PhoneText,
  ResultsSchema,
} from './schemas.ts';

const { limit, offset } = PageQuery.properties;

/** Our own API: the routes of routes.ts. */
const API: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/leads/{lead_id}',
    id: 'getLead',
    tag: 'api',
    summary: 'A lead by its id',
    security: 'key',
    parameters: [
      { name: 'lead_id', in: 'path', isRequired: true, schema: LeadId },
      { name: 'If-None-Match', in: 'header', schema: Type.String(), description: 'An ETag that is kept.' },
    ],
    answers: {
      200: { ...json('The lead.', LeadSchema), headers: { ETag: 'Another one when anything changed.' } },
      304: { description: 'Nothing changed.', headers: { ETag: 'As it was sent.' } },
      ...problems(400, 401, 403, 404, 414, 429, 500, 503),
    },
  },
  {
    method: 'get',
    path: '/v1/leads',
    id: 'findLeads',
    tag: 'api',
    summary: 'Every lead with a number',
    description:
      'In the order of a lookup, so that the first of all is the one that it gives. Nobody: an empty page.',
    security: 'key',
    parameters: [
      { name: 'phone', in: 'query', isRequired: true, schema: PhoneText },
      { name: 'limit', in: 'query', schema: limit },
      { name: 'offset', in: 'query', schema: offset },
    ],
    answers: {
      200: json('A page of leads.', LeadPageSchema),
      ...problems(400, 401, 403, 414, 429, 500, 503),
    },
  },
  {
    method: 'post',
    path: '/v1/leads/lookup',
    id: 'lookUpLeads',
    tag: 'api',
    summary: 'Up to 1,000 leads by numbers or ids',
    description: 'Each item counts as a lookup for the rate limit, and is in the audit by itself.',
    security: 'key',
    body: { 'application/json': ItemsSchema },
    answers: {
      200: json('An answer to each item.', ResultsSchema),
      ...problems(400, 401, 403, 413, 414, 415, 429, 500, 503),
    },
  },
  {
    method: 'get',
    path: '/v1/lists/{list_id}/fields',
    id: 'getListFields',
    tag: 'api',
    summary: "The custom fields of a list's leads",
    security: 'key',
    parameters: [{ name: 'list_id', in: 'path', isRequired: true, schema: ListId }],
    answers: {
      200: json('The list.', ListFieldsSchema),
      ...problems(400, 401, 403, 404, 414, 429, 500, 503),
    },
  },
  {
    method: 'post',
    path: '/v1/calls',
    id: 'tellCall',
    tag: 'telephones',
    summary: 'Shows a caller on the card of a user',
    security: 'key',
    body: { 'application/json': CallSchema, 'application/x-www-form-urlencoded': CallSchema },
    answers: {
      202: json('Told to every card of the user.', Type.Object({ call: Type.String() })),
      ...problems(400, 401, 403, 413, 414, 415, 429, 500, 503),
    },
  },
];

const callerId: readonly Parameter[] = [
  { name: 'phone', in: 'query', schema: PhoneText },
  { name: 'format', in: 'query', schema: Type.Enum(['hash']), description: "For Asterisk's `hashcompat`." },
];
const NAME = text('The name alone, at most 80 characters; nothing if there is none, or if anything fails.');

const TELEPHONES: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/caller-id',
    id: 'getCallerId',
    tag: 'telephones',
    summary: "A caller's name, as text",
    security: 'none',
    description: 'With HTTP Basic, or a token for this purpose (`--scope caller-id`).',
    parameters: [...callerId, { name: 'token', in: 'query', schema: Type.String() }],
    answers: { 200: NAME },
  },
  {
    method: 'get',
    path: '/v1/caller-id/{token}',
    id: 'getCallerIdByToken',
    tag: 'telephones',
    summary: 'The same, with the token in the path',
    security: 'none',
    parameters: [{ name: 'token', in: 'path', isRequired: true, schema: Type.String() }, ...callerId],
    answers: { 200: NAME },
  },
  {
    method: 'get',
    path: '/integrations/3cx.xml',
    id: 'getThreeCxTemplate',
    tag: 'telephones',
    summary: 'The CRM template for 3CX',
    security: 'none',
    answers: { 200: text('The template.', 'application/xml') },
  },
];

const state = (...words: readonly string[]) => Type.Object({ status: Type.Enum([...words]) });

const INSTALLATION: readonly Operation[] = [
  {
    method: 'get',
    path: '/healthz',
    id: 'getHealth',
    tag: 'installation',
    summary: 'Whether the process answers',
    security: 'none',
    answers: { 200: json('It does.', state('alive')) },
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'getReadiness',
    tag: 'installation',
    summary: 'Whether lookups can be answered',
    security: 'none',
    answers: { 200: json('They can.', state('ready')), 503: json('They cannot.', state('not ready')) },
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenapi',
    tag: 'installation',
    summary: 'This document',
    security: 'none',
    answers: { 200: json('OpenAPI 3.1.', Type.Object({ openapi: Type.String() })) },
  },
];

export const OWN_OPERATIONS: readonly Operation[] = [...API, ...TELEPHONES, ...INSTALLATION];
