import { Type } from 'typebox';

import { json, problems, type Operation, type Parameter } from './operation.ts';
import { MAX_OFFSET, PAGE_DEFAULT, PAGE_LIMIT } from './route.ts';
import {
  FieldsSchema,
  LeadPatchSchema,
  ListFieldsSchema,
  ListPatchSchema,
  ListSchema,
  ListsSchema,
  NewLeadSchema,
  NewListSchema,
  NewNoteSchema,
  NotedSchema,
  NotePageSchema,
  TimelineSchema,
} from './schemas-records.ts';
import { LeadId, LeadSchema, ListId } from './schemas.ts';

/** `limit` and `offset`. */
export const PAGE_PARAMETERS: readonly Parameter[] = [
  {
    name: 'limit',
    in: 'query',
    schema: Type.Integer({ minimum: 1, maximum: PAGE_LIMIT, default: PAGE_DEFAULT }),
  },
  {
    name: 'offset',
    in: 'query',
    schema: Type.Integer({ minimum: 0, maximum: MAX_OFFSET, default: 0 }),
  },
];

const leadId: Parameter = { name: 'lead_id', in: 'path', isRequired: true, schema: LeadId };
const listId: Parameter = { name: 'list_id', in: 'path', isRequired: true, schema: ListId };
const force: Parameter = {
  name: 'force',
  in: 'query',
  schema: Type.Boolean({ default: false }),
  description: 'Another lead of the list may have the number.',
};
const ifMatch: Parameter = {
  name: 'If-Match',
  in: 'header',
  schema: Type.String({ examples: ['"cIsA8XQ4PT2nYMZdNdRJ0mN9nJbVdyt0"', '*'] }),
  description: 'The ETag of the lead as it was read. The setting `requireIfMatch` makes it required.',
};
const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: Type.String({ minLength: 1, maxLength: 200, examples: ['5f0a9a46-2b7b-4a53-a7b1-2f6a9ad0c3f1'] }),
  description: 'The same request with the same key is done once; for 24 hours.',
};

const ETAG = { ETag: 'For `If-Match`.' } as const;
const READ = { tag: 'api', right: 'read', needsAuthorization: true } as const;
const EDIT = { tag: 'records', right: 'edit', needsAuthorization: true } as const;
const BODY = [413, 415] as const;
const ALWAYS = [400, 401, 403, 409, 414, 429, 500, 503] as const;

const LEADS: readonly Operation[] = [
  {
    ...EDIT,
    method: 'post',
    path: '/v1/leads',
    id: 'createLead',
    summary: 'Makes a lead',
    description:
      'If another lead of its list has its `phone_number`: 409 `number_taken` with its `lead_id`. The header `Change-Id` has the id by which the addition is undone.',
    parameters: [force, idempotencyKey],
    body: { 'application/json': NewLeadSchema },
    answers: {
      201: { ...json('The lead.', LeadSchema), headers: { Location: 'Its address.', ...ETAG } },
      ...problems(...ALWAYS, ...BODY, 404, 422),
    },
  },
  {
    ...EDIT,
    method: 'patch',
    path: '/v1/leads/{lead_id}',
    id: 'changeLead',
    summary: 'Changes fields of a lead',
    description:
      'The header `Change-Id` has the id by which the change is undone; without it nothing was to be changed.',
    parameters: [leadId, force, ifMatch],
    body: { 'application/merge-patch+json': LeadPatchSchema, 'application/json': LeadPatchSchema },
    answers: {
      200: { ...json('The lead as it is now.', LeadSchema), headers: ETAG },
      ...problems(...ALWAYS, ...BODY, 404, 412, 428),
    },
  },
  {
    ...READ,
    tag: 'records',
    method: 'get',
    path: '/v1/leads/{lead_id}/timeline',
    id: 'getTimeline',
    summary: 'What happened to a lead, the newest first',
    description: 'Changes, notes, and the import that added it; of a lead that was removed, too.',
    parameters: [leadId, ...PAGE_PARAMETERS],
    answers: { 200: json('A page of it.', TimelineSchema), ...problems(...ALWAYS, 404) },
  },
  {
    ...READ,
    tag: 'records',
    method: 'get',
    path: '/v1/leads/{lead_id}/notes',
    id: 'getNotes',
    summary: 'Notes about a lead, the newest first',
    parameters: [leadId, ...PAGE_PARAMETERS],
    answers: { 200: json('A page of them.', NotePageSchema), ...problems(...ALWAYS, 404) },
  },
  {
    ...EDIT,
    method: 'post',
    path: '/v1/leads/{lead_id}/notes',
    id: 'addNote',
    summary: 'Notes something about a lead',
    parameters: [leadId, idempotencyKey],
    body: { 'application/json': NewNoteSchema },
    answers: { 201: json('It is noted.', NotedSchema), ...problems(...ALWAYS, ...BODY, 404, 422) },
  },
  {
    ...EDIT,
    method: 'post',
    path: '/v1/leads/{lead_id}/changes/{change_id}/undo',
    id: 'undoChange',
    summary: 'Takes a change of a lead back',
    description:
      'By another change. If one of its fields was changed again: 409 `undo_conflict` with `fields`. A removed lead comes back by undoing its last change.',
    parameters: [
      leadId,
      {
        name: 'change_id',
        in: 'path',
        isRequired: true,
        schema: Type.Integer({ minimum: 1 }),
        description: 'As `Change-Id` or the timeline has it.',
      },
    ],
    answers: {
      200: { ...json('The lead as it is now.', LeadSchema), headers: ETAG },
      204: {
        description: 'The lead was added by the change, and is removed.',
        headers: { 'Change-Id': 'By which it comes back.' },
      },
      ...problems(...ALWAYS, 404, 413),
    },
  },
  {
    ...EDIT,
    method: 'delete',
    path: '/v1/leads/{lead_id}',
    id: 'removeLead',
    summary: 'Removes a lead',
    description:
      'Nobody finds it any longer. Its timeline is kept, and undoing the change of `Change-Id` brings it back.',
    parameters: [leadId, ifMatch],
    answers: {
      204: { description: 'It is removed.', headers: { 'Change-Id': 'By which it is undone.' } },
      ...problems(...ALWAYS, 404, 412, 413, 428),
    },
  },
];

const LISTS: readonly Operation[] = [
  {
    ...READ,
    tag: 'records',
    method: 'get',
    path: '/v1/lists',
    id: 'getLists',
    summary: 'The lists that the caller may see',
    answers: { 200: json('By their ids.', ListsSchema), ...problems(...ALWAYS) },
  },
  {
    ...EDIT,
    method: 'post',
    path: '/v1/lists',
    id: 'createList',
    summary: 'Makes a list',
    body: { 'application/json': NewListSchema },
    answers: { 201: json('The list.', ListSchema), ...problems(...ALWAYS, ...BODY, 404) },
  },
  {
    ...EDIT,
    method: 'patch',
    path: '/v1/lists/{list_id}',
    id: 'changeList',
    summary: 'Changes name, statuses or masked fields of a list',
    parameters: [listId],
    body: { 'application/merge-patch+json': ListPatchSchema, 'application/json': ListPatchSchema },
    answers: { 200: json('The list as it is now.', ListSchema), ...problems(...ALWAYS, ...BODY, 404) },
  },
  {
    ...READ,
    method: 'get',
    path: '/v1/lists/{list_id}/fields',
    id: 'getListFields',
    summary: "The custom fields of a list's leads",
    parameters: [listId],
    answers: {
      200: json('The list.', ListFieldsSchema),
      ...problems(400, 401, 403, 404, 414, 429, 500, 503),
    },
  },
  {
    ...EDIT,
    method: 'put',
    path: '/v1/lists/{list_id}/fields',
    id: 'setListFields',
    summary: 'Sets the custom fields of a list, all of them',
    description: 'Values of fields that are left out are kept, and shown again when the field comes back.',
    parameters: [listId],
    body: { 'application/json': FieldsSchema },
    answers: {
      200: json('The list as it is now.', ListFieldsSchema),
      ...problems(...ALWAYS, ...BODY, 404),
    },
  },
];

/** Leads as people change them, and lists: the operations of changes.ts, timeline.ts and lists.ts. */
export const RECORD_OPERATIONS: readonly Operation[] = [...LEADS, ...LISTS];
