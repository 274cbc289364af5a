import { json, problems, type Operation } from './operation.ts';
import {
  ErasureReceiptSchema,
  PersonExportSchema,
  PersonSchema,
  PersonTracesSchema,
} from './schemas-persons.ts';
import { PhoneText } from './schemas.ts';

const ADMIN = { tag: 'persons', right: 'admin', needsAuthorization: true } as const;
const MEANT = { 'application/json': PersonSchema };
const ALWAYS = [400, 401, 403, 414, 429, 500, 503] as const;

/** What is kept of a person: the operations of persons.ts. */
export const PERSON_OPERATIONS: readonly Operation[] = [
  {
    ...ADMIN,
    method: 'get',
    path: '/v1/persons',
    id: 'findPersons',
    summary: 'Leads in which a number is found',
    description:
      'Those that have it or had it before, deleted ones too, and notes and comments that speak of it. For users who see every list.',
    parameters: [{ name: 'phone', in: 'query', isRequired: true, schema: PhoneText }],
    answers: {
      200: json('The leads, by their ids; nobody: none.', PersonTracesSchema),
      ...problems(...ALWAYS),
    },
  },
  {
    ...ADMIN,
    method: 'post',
    path: '/v1/persons/export',
    id: 'exportPerson',
    summary: 'All that is kept of a person, and who read it',
    description:
      'If leads of several names have or had the number: 409 `several_people` with their `lead_ids`.',
    body: MEANT,
    answers: { 200: json('To hand over.', PersonExportSchema), ...problems(...ALWAYS, 404, 409, 413, 415) },
  },
  {
    ...ADMIN,
    method: 'post',
    path: '/v1/persons/erase',
    id: 'erasePerson',
    summary: 'Erases a person for good',
    description:
      'From every file of the store, which is written anew: that takes seconds, and what others write waits for it. It cannot be undone. While an import runs: 503.',
    body: MEANT,
    answers: { 200: json('The receipt.', ErasureReceiptSchema), ...problems(...ALWAYS, 404, 409, 413, 415) },
  },
];
