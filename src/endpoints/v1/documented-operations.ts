import { Type } from 'typebox';

import { LEAD_TEXT_FIELDS } from '../../core/lead.ts';
import type { DescribedAnswer, Operation } from './operation.ts';

/** The addresses of the documented protocol; both do the same. */
const PATHS = ['/goAPIv2/goAgent/goAPI.php', '/goAPIv2/goReports/goAPI.php'] as const;

const TextOrNull = Type.Union([Type.String(), Type.Null()]);

const Success = Type.Object({
  result: Type.Literal('success'),
  lead_info: Type.Object({
    lead_id: Type.Integer(),
    list_id: Type.Integer(),
    ...Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, TextOrNull])),
  }),
  custom_info: Type.Union([
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Null()])),
    Type.Null(),
  ]),
  is_customer: Type.Enum([0, 1]),
});

const Failure = Type.Object({
  result: Type.Enum(['error', 'validation_failed']),
  code: Type.Optional(Type.String()),
  message: Type.String(),
  fields: Type.Optional(Type.Array(Type.String())),
});

const XML = { 'application/xml': Type.String({ description: 'The same as XML.' }) };

/** In the format that was asked for; one that cannot be read is told as text. */
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
  goUser: Type.String({ description: 'A user of the API.' }),
  goPass: Type.String({ description: 'Its password.' }),
  goAction: Type.String({ description: '`goGetCustomerInfo` or `agent_summary_stats`.' }),
  responsetype: Type.Optional(Type.String({ description: '`json` or `xml`; without it XML.' })),
  lead_id: Type.Optional(Type.String({ description: 'A lead id. It decides when both are given.' })),
  phone_number: Type.Optional(Type.String({ description: 'A telephone number in any spelling.' })),
};

const SENT = Type.Object(PARAMETERS);

/** Get Customer Information, as docs/goapi-compatibility.md has it. */
export const DOCUMENTED_OPERATIONS: readonly Operation[] = PATHS.flatMap((path, at) => {
  const about = { path, tag: 'documented protocol', security: 'none', answers: ANSWERS } as const;
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
