import { Type } from 'typebox';

import { CALL_OPERATIONS } from './call-operations.ts';
import { GOAPI_OPERATIONS } from './goapi-operations.ts';
import { IMPORT_OPERATIONS } from './import-operations.ts';
import { NON_AGENT_OPERATIONS } from './non-agent-operations.ts';
import { json, problems, text, type Operation, type Parameter } from './operation.ts';
import { PERSON_OPERATIONS } from './person-operations.ts';
import { PAGE_PARAMETERS, RECORD_OPERATIONS } from './record-operations.ts';
import {
  ItemsSchema,
  LeadId,
  LeadPageSchema,
  LeadSchema,
  PhoneText,
  ResultsSchema,
  SearchText,
} from './schemas.ts';

/** Our own API: the routes of routes.ts. */
const API: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/leads/{lead_id}',
    id: 'getLead',
    tag: 'api',
    summary: 'A lead by its id',
    right: 'read',
    needsAuthorization: true,
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
    summary: 'Leads with a number, or with words',
    description:
      'With `phone` every lead with the number, in the order of a lookup, so that the first of all is the one that it gives. With `q` those that have all words, whole words first. Exactly one of both. Nobody: an empty page.',
    right: 'read',
    needsAuthorization: true,
    parameters: [
      { name: 'phone', in: 'query', schema: PhoneText },
      { name: 'q', in: 'query', schema: SearchText },
      ...PAGE_PARAMETERS,
    ],
    answers: {
      200: json('A page of leads.', LeadPageSchema),
      ...problems(400, 401, 403, 409, 414, 429, 500, 503),
    },
  },
  {
    method: 'post',
    path: '/v1/leads/lookup',
    id: 'lookupLeads',
    tag: 'api',
    summary: 'Up to 1,000 leads by numbers or ids',
    description: 'Each item counts as a lookup for the rate limit, and is in the audit by itself.',
    right: 'read',
    needsAuthorization: true,
    body: { 'application/json': ItemsSchema },
    answers: {
      200: json('An answer to each item.', ResultsSchema),
      ...problems(400, 401, 403, 413, 414, 415, 429, 500, 503),
    },
  },
];

const callerId: readonly Parameter[] = [
  { name: 'phone', in: 'query', schema: PhoneText },
  { name: 'format', in: 'query', schema: Type.Enum(['hash']), description: "For Asterisk's `hashcompat`." },
  {
    name: 'fallback',
    in: 'query',
    schema: Type.String(),
    description:
      'The name if nobody has the number, or the lead has no name. It is written as names are: 80 characters at most, only visible ones.',
  },
  {
    name: 'ascii',
    in: 'query',
    schema: Type.Enum(['1']),
    description: 'Only letters of ASCII, for displays that have no others: `Peña` is `Pena`.',
  },
];
const NAME = text(
  'The name alone, at most 80 characters; nothing if there is none and no fallback, or if anything fails.',
);

const TELEPHONES: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/caller-id',
    id: 'getCallerId',
    tag: 'telephones',
    summary: "A caller's name, as text",
    description:
      'With a token for this purpose (`--scope caller-id`), the only one that may be in a URL; or with the right `read`, in the Authorization header.',
    right: 'caller-id',
    parameters: [...callerId, { name: 'token', in: 'query', schema: Type.String() }],
    answers: { 200: NAME },
  },
  {
    method: 'get',
    path: '/v1/caller-id/{token}',
    id: 'getCallerIdByToken',
    tag: 'telephones',
    summary: 'The same, with the token in the path',
    right: 'caller-id',
    parameters: [{ name: 'token', in: 'path', isRequired: true, schema: Type.String() }, ...callerId],
    answers: { 200: NAME },
  },
  {
    method: 'get',
    path: '/integrations/3cx.xml',
    id: 'getThreeCxTemplate',
    tag: 'telephones',
    summary: 'The CRM template for 3CX',
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
    answers: { 200: json('It does.', state('alive')) },
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'getReadiness',
    tag: 'installation',
    summary: 'Whether lookups can be answered',
    answers: { 200: json('They can.', state('ready')), 503: json('They cannot.', state('not ready')) },
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenapi',
    tag: 'installation',
    summary: 'This document',
    answers: { 200: json('OpenAPI 3.1.', Type.Object({ openapi: Type.String() })) },
  },
];

/** Every operation, as the OpenAPI document and the reference have them. */
export const OPERATIONS: readonly Operation[] = [
  ...API,
  ...RECORD_OPERATIONS,
  ...IMPORT_OPERATIONS,
  ...PERSON_OPERATIONS,
  ...CALL_OPERATIONS,
  ...TELEPHONES,
  ...INSTALLATION,
  ...GOAPI_OPERATIONS,
  ...NON_AGENT_OPERATIONS,
];
