import type { TSchema } from 'typebox';

import {
  ChangeSchema,
  FieldsSchema,
  ImportAdditionSchema,
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
  NoteSchema,
  TimelineNoteSchema,
  TimelineSchema,
} from './schemas-records.ts';
import {
  CallSchema,
  ItemsSchema,
  LeadPageSchema,
  LeadSchema,
  ProblemSchema,
  ResultsSchema,
} from './schemas.ts';

/** What the document names and refers to, by the schema's title. */
export const COMPONENTS: readonly TSchema[] = [
  LeadSchema,
  ProblemSchema,
  LeadPageSchema,
  ItemsSchema,
  ResultsSchema,
  NewLeadSchema,
  NewListSchema,
  LeadPatchSchema,
  NewNoteSchema,
  NotedSchema,
  NoteSchema,
  NotePageSchema,
  ChangeSchema,
  TimelineNoteSchema,
  ImportAdditionSchema,
  TimelineSchema,
  ListSchema,
  ListsSchema,
  ListPatchSchema,
  FieldsSchema,
  ListFieldsSchema,
  CallSchema,
];
