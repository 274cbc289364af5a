import { Type } from 'typebox';

import { json, problems, text, type DescribedAnswer, type Operation, type Parameter } from './operation.ts';
import { PAGE_PARAMETERS, RECORD_OPERATIONS } from './record-operations.ts';
import {
  CallSchema,
  CustomInfo,
  ItemsSchema,
  LEAD_TEXTS,
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
  {
    method: 'post',
    path: '/v1/calls',
    id: 'notifyCall',
    tag: 'telephones',
    summary: 'Shows a caller on the card of a user',
    right: 'calls',
    needsAuthorization: true,
    body: { 'application/json': CallSchema, 'application/x-www-form-urlencoded': CallSchema },
    answers: {
      202: json('Sent to every card of the user.', Type.Object({ call: Type.String() })),
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

const Success = Type.Object({
  result: Type.Literal('success'),
  lead_info: Type.Object({
    lead_id: Type.Integer(),
    list_id: Type.Integer(),
    ...LEAD_TEXTS,
  }),
  custom_info: CustomInfo,
  is_customer: Type.Enum([0, 1]),
});

const Failure = Type.Object({
  result: Type.Enum(['error', 'validation_failed']),
  code: Type.Optional(Type.String()),
  message: Type.String(),
  fields: Type.Optional(Type.Array(Type.String())),
});

const XML = { 'application/xml': Type.String({ description: 'The same as XML.' }) };

/** In the format that was asked for; one that cannot be read is answered as text. */
const OUTCOME: DescribedAnswer = {
  description: 'The outcome, good or not: see `result`.',
  content: {
    'application/json': Type.Union([Success, Failure]),
    ...XML,
    'text/plain': Type.String({ description: 'What is said to an unknown `responsetype`.' }),
  },
};

function around(description: string): DescribedAnswer {
  return { description, content: { 'application/json': Failure, ...XML } };
}

const ANSWERS = {
  200: OUTCOME,
  400: around('The request cannot be read.'),
  413: around('The body is too large.'),
  414: around('The URL is too long.'),
  415: around('The body is of a type that is not understood.'),
  429: around('Too many requests.'),
  500: around('A fault of the server.'),
  503: around('The server is busy, or its database or audit is not available.'),
};

const PARAMETERS = {
  goUser: Type.String({ description: 'A user with the right `read`.' }),
  goPass: Type.String({ description: 'Its password.' }),
  goAction: Type.String({ description: '`goGetCustomerInfo` or `agent_summary_stats`.' }),
  responsetype: Type.Optional(Type.String({ description: '`json` or `xml`; without it XML.' })),
  lead_id: Type.Optional(Type.String({ description: 'A lead id. It decides when both are given.' })),
  phone_number: Type.Optional(Type.String({ description: 'A telephone number in any spelling.' })),
};

const SENT = Type.Object(PARAMETERS);

const DOCUMENTED_PATHS = ['/goAPIv2/goAgent/goAPI.php', '/goAPIv2/goReports/goAPI.php'] as const;

/** Get Customer Information, as docs/goapi-compatibility.md has it. */
const DOCUMENTED: readonly Operation[] = DOCUMENTED_PATHS.flatMap((path, at) => {
  const about = { path, tag: 'documented protocol', right: 'read', answers: ANSWERS } as const;
  const name = at === 0 ? 'CustomerInfo' : 'CustomerInfoAsReport';
  const parameters = Object.entries(PARAMETERS).map(([parameter, schema]) => ({
    name: parameter,
    in: 'query' as const,
    schema,
  }));
  return [
    { ...about, method: 'get', id: `get${name}`, summary: 'A customer by number or lead id', parameters },
    {
      ...about,
      method: 'post',
      id: `post${name}`,
      summary: 'The same, with the parameters in the body',
      body: {
        'application/x-www-form-urlencoded': SENT,
        'multipart/form-data': SENT,
        'application/json': SENT,
      },
    },
  ] satisfies readonly Operation[];
});

/** Every operation, as the OpenAPI document and the reference have them. */
export const OPERATIONS: readonly Operation[] = [
  ...API,
  ...RECORD_OPERATIONS,
  ...TELEPHONES,
  ...INSTALLATION,
  ...DOCUMENTED,
];
