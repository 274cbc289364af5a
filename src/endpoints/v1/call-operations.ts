import { Type } from 'typebox';

import { CALL_STATES, DIRECTIONS } from '../../core/reported-call.ts';
import { json, problems, text, type Operation, type Parameter } from './operation.ts';
import { PAGE_PARAMETERS } from './record-operations.ts';
import { CallPageSchema, CallPatchSchema, CallSchema, ChangedCallSchema } from './schemas-calls.ts';
import { LeadId, PhoneText } from './schemas.ts';

const CALLS = { tag: 'telephones', needsAuthorization: true } as const;
const texts = (...names: readonly string[]): readonly Parameter[] =>
  names.map((name) => ({ name, in: 'query', schema: Type.String() }));

/** Calls are told, and read. */
export const CALL_OPERATIONS: readonly Operation[] = [
  {
    ...CALLS,
    method: 'post',
    path: '/v1/calls',
    id: 'notifyCall',
    summary: 'Shows a caller on the card of a user',
    description: 'The call is kept, unless leads are a dialer’s.',
    right: 'calls',
    body: { 'application/json': CallSchema, 'application/x-www-form-urlencoded': CallSchema },
    answers: {
      202: json('Sent to every card of the user.', Type.Object({ call: Type.String() })),
      ...problems(400, 401, 403, 413, 414, 415, 429, 500, 503),
    },
  },
  {
    ...CALLS,
    method: 'patch',
    path: '/v1/calls/{call}',
    id: 'changeCall',
    summary: 'Says how far a call has come, how it ended, or what it was about',
    description:
      'Open cards that show the call follow. A state that is not further than the call changes nothing. With the right `edit` the agent whose call it is may set outcome and note.',
    right: 'calls',
    parameters: [{ name: 'call', in: 'path', isRequired: true, schema: Type.String() }],
    body: { 'application/json': CallPatchSchema, 'application/merge-patch+json': CallPatchSchema },
    answers: {
      200: json('The call, as far as it has come.', ChangedCallSchema),
      ...problems(400, 401, 403, 404, 409, 413, 414, 415, 429, 500, 503),
    },
  },
  {
    ...CALLS,
    method: 'get',
    path: '/v1/calls',
    id: 'findCalls',
    summary: 'Calls of a user, a number or a lead, the newest first',
    description: 'Exactly one of `user`, `phone` and `lead_id`. Nobody: an empty page.',
    right: 'read',
    parameters: [
      { name: 'user', in: 'query', schema: Type.String() },
      { name: 'phone', in: 'query', schema: PhoneText },
      { name: 'lead_id', in: 'query', schema: LeadId },
      ...PAGE_PARAMETERS,
    ],
    answers: {
      200: json('A page of calls.', CallPageSchema),
      ...problems(400, 401, 403, 404, 409, 414, 429, 500, 503),
    },
  },
  {
    method: 'get',
    path: '/pop',
    id: 'pop',
    tag: 'telephones',
    summary: 'Shows a caller on the card of a user, for what can only GET',
    description:
      'With a token for this purpose (`--scope calls`), the only one that may be in the address here; or with the right `calls`, in the Authorization header. Takes the names of `POST /v1/calls`, and VICIdial’s `phone_number`.',
    right: 'calls',
    parameters: [
      ...texts('token'),
      { name: 'user', in: 'query', isRequired: true, schema: Type.String() },
      { name: 'phone', in: 'query', schema: PhoneText },
      { name: 'lead_id', in: 'query', schema: LeadId },
      ...texts('phone_number', 'call_id', 'line'),
      { name: 'direction', in: 'query', schema: Type.Enum([...DIRECTIONS]) },
      { name: 'state', in: 'query', schema: Type.Enum([...CALL_STATES]) },
    ],
    answers: {
      200: text('`ok`: sent to every card of the user.'),
      ...Object.fromEntries(
        Object.entries(problems(400, 401, 403, 429, 500, 503)).map(([status, { description }]) => [
          status,
          text(description),
        ]),
      ),
    },
  },
];
