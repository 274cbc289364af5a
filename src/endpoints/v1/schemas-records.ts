import { Type, type Static } from 'typebox';

import { LONGEST_NOTE, LONGEST_TEXT } from '../../core/lead-patch.ts';
import { CUSTOM_FIELD_TYPES, LEAD_TEXT_FIELDS, MAX_LIST_ID, type LeadTextField } from '../../core/lead.ts';
import { ENDPOINTS } from '../../core/lookup-event.ts';
import { MAX_OFFSET, PAGE_LIMIT } from './route.ts';
import { TimelineCallSchema } from './schemas-calls.ts';
import { FurtherNumbers, LeadId, ListId, TextOrNull } from './schemas.ts';

const SentText = Type.Union([Type.String({ maxLength: LONGEST_TEXT }), Type.Null()]);
const SentComments = Type.Union([Type.String({ maxLength: LONGEST_NOTE }), Type.Null()]);
const CustomValue = Type.Union([Type.String({ maxLength: LONGEST_NOTE }), Type.Integer(), Type.Null()]);
const NewListId = Type.Integer({ minimum: 1, maximum: MAX_LIST_ID, description: 'The id of a list.' });

const SENT_TEXTS = Object.fromEntries(
  LEAD_TEXT_FIELDS.map((field) => [field, Type.Optional(field === 'comments' ? SentComments : SentText)]),
) as Record<LeadTextField, ReturnType<typeof Type.Optional<typeof SentText>>>;

const SENT_FIELDS = {
  ...SENT_TEXTS,
  custom_info: Type.Optional(
    Type.Record(Type.String(), CustomValue, { description: 'Custom values by label; others stay.' }),
  ),
  is_customer: Type.Optional(Type.Boolean()),
  numbers: Type.Optional(Type.Union([FurtherNumbers, Type.Null()])),
};

export const NewLeadSchema = Type.Object(
  { list_id: NewListId, ...SENT_FIELDS },
  {
    title: 'NewLead',
    additionalProperties: false,
    description: 'A lead to be made.',
    examples: [{ list_id: 101, first_name: 'Ana', city: 'León' }],
  },
);

export const LeadPatchSchema = Type.Object(
  { list_id: Type.Optional(NewListId), ...SENT_FIELDS },
  {
    title: 'LeadPatch',
    examples: [{ city: 'León', email: null }],
    additionalProperties: false,
    minProperties: 1,
    description: 'Fields that change (JSON Merge Patch, RFC 7396): null takes a value away, others stay.',
  },
);

export const NewNoteSchema = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: LONGEST_NOTE }) },
  { title: 'NewNote', additionalProperties: false },
);

export const NotedSchema = Type.Object(
  { lead_id: LeadId, note_id: Type.Integer({ minimum: 1 }) },
  { title: 'Noted' },
);

const HAPPENING = {
  at: Type.String({ format: 'date-time' }),
  user: Type.String({ description: 'A user, or `token:NAME`.' }),
  endpoint: Type.Enum([...ENDPOINTS]),
};
const NOTE = { note_id: Type.Integer({ minimum: 1 }), ...HAPPENING, text: Type.String() };

export const NoteSchema = Type.Object(NOTE, { title: 'Note' });
export type NoteResource = Static<typeof NoteSchema>;

const PAGE = {
  total: Type.Integer({ minimum: 0, description: 'On all pages.' }),
  limit: Type.Integer({ minimum: 1, maximum: PAGE_LIMIT }),
  offset: Type.Integer({ minimum: 0, maximum: MAX_OFFSET }),
};

export const NotePageSchema = Type.Object(
  { lead_id: LeadId, ...PAGE, notes: Type.Array(NoteSchema) },
  { title: 'NotePage', description: 'Notes about a lead, the newest first.' },
);

const Fields = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);

export const ChangeSchema = Type.Object(
  {
    type: Type.Literal('change'),
    change_id: Type.Integer({ minimum: 1 }),
    ...HAPPENING,
    before: Type.Union([...Fields.anyOf], {
      description: 'The fields that changed, as they were; null: the lead was added.',
    }),
    after: Type.Union([...Fields.anyOf], { description: 'As they are since then; null: it was removed.' }),
    request_id: Type.Optional(Type.String({ description: 'As in the audit.' })),
    import_id: Type.Optional(Type.Integer({ description: 'The import that made the change.' })),
    undoes: Type.Optional(Type.Integer({ description: 'The change that this one takes back.' })),
  },
  { title: 'Change', description: 'Something that was done to a lead.' },
);

export const TimelineNoteSchema = Type.Object(
  { type: Type.Literal('note'), ...NOTE },
  { title: 'TimelineNote' },
);

export const ImportAdditionSchema = Type.Object(
  {
    type: Type.Literal('import'),
    import_id: Type.Integer({ minimum: 1 }),
    at: HAPPENING.at,
    file_name: Type.String(),
  },
  { title: 'ImportAddition', description: 'The import that added the lead.' },
);

export const CallbackSchema = Type.Object(
  {
    type: Type.Literal('callback'),
    callback_id: Type.Integer({ minimum: 1 }),
    at: HAPPENING.at,
    due: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: 'When to call.' }),
    status: Type.String({ description: "The dialer's word: `ACTIVE` is to come, `LIVE` is due." }),
    user: Type.Union([Type.String(), Type.Null()], { description: 'Who is to call; null: anyone.' }),
    text: TextOrNull,
  },
  { title: 'Callback', description: 'That a dialer is to call again.' },
);

const Entry = Type.Union([
  ChangeSchema,
  TimelineNoteSchema,
  TimelineCallSchema,
  CallbackSchema,
  ImportAdditionSchema,
]);
export type TimelineEntryResource = Static<typeof Entry>;

export const TimelineSchema = Type.Object(
  {
    lead_id: LeadId,
    is_removed: Type.Boolean({ description: 'Undoing its last change brings the lead back.' }),
    ...PAGE,
    entries: Type.Array(Entry),
  },
  { title: 'Timeline', description: 'What happened to a lead, the newest first.' },
);

const Statuses = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  maxItems: 500,
  description: 'That a lead of the list may have; empty: any.',
});

const Masked = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  description:
    'Fields that users without the right `edit` see masked: those of a lead, `numbers`, `notes`, `custom_info.LABEL`.',
  examples: [['phone_number', 'numbers']],
});

export const ListSchema = Type.Object(
  { list_id: ListId, name: TextOrNull, statuses: Statuses, masked: Type.Optional(Masked) },
  { title: 'List' },
);
export type ListResource = Static<typeof ListSchema>;

export const ListsSchema = Type.Object({ lists: Type.Array(ListSchema) }, { title: 'Lists' });

const SentName = Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()]);

export const NewListSchema = Type.Object(
  {
    list_id: NewListId,
    name: Type.Optional(SentName),
    statuses: Type.Optional(Statuses),
    masked: Type.Optional(Masked),
  },
  { title: 'NewList', additionalProperties: false },
);

export const ListPatchSchema = Type.Object(
  { name: Type.Optional(SentName), statuses: Type.Optional(Statuses), masked: Type.Optional(Masked) },
  { title: 'ListPatch', additionalProperties: false },
);

const FieldType = Type.Enum([...CUSTOM_FIELD_TYPES]);
const Options = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  maxItems: 500,
  description: 'What a SELECT, MULTI, RADIO or CHECKBOX offers; empty: anything, or unknown here.',
});

export const FieldsSchema = Type.Object(
  {
    fields: Type.Array(
      Type.Object(
        {
          label: Type.String({ minLength: 1, maxLength: 50, description: 'The name in `custom_info`.' }),
          caption: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
          type: Type.Optional(FieldType),
          options: Type.Optional(Options),
        },
        { additionalProperties: false },
      ),
      { maxItems: 500 },
    ),
  },
  {
    title: 'Fields',
    additionalProperties: false,
    description: 'All custom fields of a list, in their order.',
  },
);

export const ListFieldsSchema = Type.Object(
  {
    list_id: ListId,
    name: TextOrNull,
    fields: Type.Array(
      Type.Object({
        label: Type.String({ description: 'The name in `custom_info`.' }),
        caption: Type.String({ description: 'For people.' }),
        type: FieldType,
        options: Options,
      }),
    ),
  },
  { title: 'ListFields', description: "A list and its leads' custom fields, in their order." },
);
export type ListFieldsResource = Static<typeof ListFieldsSchema>;
