import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

import { HTTP_STATUS } from '../../http/problem-answer.ts';
import {
  LEAD_TEXT_FIELDS,
  MAX_LEAD_ID,
  MAX_LIST_ID,
  NUMBER_MATCHES,
  PHONE_COLUMNS,
  type LeadTextField,
} from '../../core/lead.ts';
import { MOST_NUMBERS } from '../../core/lead-patch.ts';
import { isObject } from '../../core/is-object.ts';
import { MOST_FURTHER_SHOWN } from '../../core/lead-numbers.ts';
import type { ParameterFault, ProblemCode, ProblemOf } from '../../core/problem.ts';
import { USER_RIGHTS } from '../../core/rights.ts';
import { MAX_QUERY_LENGTH } from '../../core/text-query.ts';
import { MAX_ITEMS, MAX_OFFSET, NOT_PHONE_NUMBER, PAGE_LIMIT } from './route.ts';

export const TextOrNull = Type.Union([Type.String(), Type.Null()]);
export const LeadId = Type.Integer({ minimum: 1, maximum: MAX_LEAD_ID, description: 'The id of a lead.' });
export const ListId = Type.Integer({ minimum: 0, maximum: MAX_LIST_ID, description: 'The id of a list.' });
export const PhoneText = Type.String({
  description: 'A telephone number in any spelling: national, international, with or without formatting.',
  examples: ['+52 55 8765 4321'],
});
export const SearchText = Type.String({
  maxLength: MAX_QUERY_LENGTH,
  description:
    'Up to 8 words of names, e-mail, companies and ids in any order, without regard to accents and case, each from its beginning; a telephone number may be among them.',
  examples: ['ana pena', 'zapateria 5512340010'],
});
const PhoneColumnName = Type.Enum([...PHONE_COLUMNS]);

export const LEAD_TEXTS = Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, TextOrNull])) as Record<
  LeadTextField,
  typeof TextOrNull
>;

export const CustomInfo = Type.Union(
  [Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Null()])), Type.Null()],
  { description: "Custom values by label, in the order of the list's fields; null: there are none." },
);

export const FurtherNumbers = Type.Array(
  Type.Object(
    {
      label: Type.Optional(Type.Union([Type.String({ maxLength: 50 }), Type.Null()])),
      number: Type.String({ minLength: 1, maxLength: 100 }),
    },
    { additionalProperties: false },
  ),
  {
    maxItems: MOST_NUMBERS,
    description: 'All numbers beyond the documented fields.',
  },
);

export const LeadSchema = Type.Object(
  {
    lead_id: LeadId,
    list_id: ListId,
    ...LEAD_TEXTS,
    custom_info: CustomInfo,
    is_customer: Type.Boolean(),
    phones: Type.Array(
      Type.Object({
        field: PhoneColumnName,
        e164: Type.String({ description: 'With + and country code.' }),
        national: Type.String({ description: 'As people of the default country write it.' }),
      }),
      { description: 'The fields that hold a number which a numbering plan has.' },
    ),
    matched_by: Type.Union([Type.Enum([...NUMBER_MATCHES]), Type.Null()], {
      description: 'The field that has the number which was asked for; null: none was, or none has.',
    }),
    numbers: Type.Array(
      Type.Object({
        field: Type.Optional(PhoneColumnName),
        label: Type.Union([Type.String(), Type.Null()], {
          description: 'What people call it; null: nothing. The documented fields have none.',
        }),
        number: Type.String({ description: 'As it is stored.' }),
        e164: Type.Union([Type.String(), Type.Null()], {
          description: "With + and country code, read under the lead's own country; null: no plan has it.",
        }),
        national: Type.Union([Type.String(), Type.Null()], {
          description: 'As people of the default country write it.',
        }),
      }),
      {
        description: `Every number: those of the fields, then at most ${MOST_FURTHER_SHOWN} further ones, which have no \`field\`.`,
      },
    ),
    more_numbers: Type.Optional(
      Type.Literal(true, { description: 'The lead has further numbers that are not among these.' }),
    ),
    masked: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Fields whose values are masked (`**** 21`, `****`), because the caller has no right `edit`.',
        examples: [['phone_number']],
      }),
    ),
  },
  { title: 'Lead', description: 'A lead: a person or company that is called or calls.' },
);
export type LeadResource = Static<typeof LeadSchema>;

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'The page of this problem.' }),
    title: Type.String({ description: 'A sentence for people.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.Enum(Object.keys(HTTP_STATUS) as ProblemCode[]),
    fields: Type.Optional(Type.Array(Type.String(), { description: 'The parameters that are wrong.' })),
    lead_id: Type.Optional(
      Type.Integer({ description: 'With `number_taken`: the lead that has the number already.' }),
    ),
    lead_ids: Type.Optional(
      Type.Array(Type.Integer(), {
        description: 'With `several_people`: the leads that have or had the number.',
      }),
    ),
    right: Type.Optional(Type.Enum([...USER_RIGHTS], { description: 'The right that is missing.' })),
  },
  { title: 'Problem', description: 'What is wrong (RFC 9457).' },
);

export const LeadPageSchema = Type.Object(
  {
    total: Type.Integer({ minimum: 0, description: 'How many leads there are, on all pages.' }),
    total_relation: Type.Optional(
      Type.Literal('gte', { description: 'There are more leads than `total`; no page has them.' }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: PAGE_LIMIT }),
    offset: Type.Integer({ minimum: 0, maximum: MAX_OFFSET }),
    indexing: Type.Optional(
      Type.Literal(true, { description: 'Some leads are not found by words yet: they are being indexed.' }),
    ),
    leads: Type.Array(LeadSchema),
  },
  { title: 'LeadPage', description: 'Leads with a number or with words, the best first.' },
);

const Item = Type.Union([
  Type.Object({ lead_id: LeadId, phone: Type.Optional(PhoneText) }, { additionalProperties: false }),
  Type.Object({ phone: PhoneText }, { additionalProperties: false }),
]);

export const ItemsSchema = Type.Object(
  { items: Type.Array(Item, { minItems: 1, maxItems: MAX_ITEMS }) },
  { title: 'Items', additionalProperties: false },
);

export const ResultsSchema = Type.Object(
  {
    results: Type.Array(
      Type.Union([Type.Object({ lead: LeadSchema }), Type.Object({ problem: ProblemSchema })]),
      { description: 'An answer to each item, in their order.' },
    ),
  },
  { title: 'Results' },
);

/** A body as the schema has it, or what is wrong with it; never a word of what was sent. */
export function readItems(body: unknown): Static<typeof ItemsSchema> | ProblemOf<'parameter_malformed'> {
  const items = isObject(body) ? body.items : undefined;
  // Before the schema looks at each of them.
  if (Array.isArray(items) && items.length > MAX_ITEMS) {
    const tooMany = { field: 'items', reason: `must be at most ${MAX_ITEMS.toLocaleString('en')}` };
    return { code: 'parameter_malformed', faults: [tooMany] };
  }
  if (Value.Check(ItemsSchema, body)) return body;
  // Not the schema's own list of errors: it takes a hundred times as long, and nobody was asked for credentials yet.
  const at = Array.isArray(items) ? items.findIndex(namesPhoneNumber) : -1;
  if (at >= 0) {
    const fault = { ...NOT_PHONE_NUMBER, field: `items[${at}].${NOT_PHONE_NUMBER.field}` };
    return { code: 'parameter_malformed', faults: [fault] };
  }
  return { code: 'parameter_malformed', faults: [faultOfItems(body, items)] };
}

const EACH = 'an object with lead_id, a whole number, or phone, a text, or both, and nothing else';

function faultOfItems(body: unknown, items: unknown): ParameterFault {
  if (!isObject(body) || Object.keys(body).join() !== 'items') {
    return { field: 'body', reason: 'must be an object with items and nothing else' };
  }
  const at = Array.isArray(items) ? items.findIndex((item) => !Value.Check(Item, item)) : -1;
  return at < 0
    ? { field: 'items', reason: `must be a list of 1 to ${MAX_ITEMS.toLocaleString('en')}, each ${EACH}` }
    : { field: `items[${at}]`, reason: `must be ${EACH}` };
}

function namesPhoneNumber(item: unknown): boolean {
  return isObject(item) && Object.hasOwn(item, NOT_PHONE_NUMBER.field);
}
