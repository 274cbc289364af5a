import { Type, type Static } from 'typebox';

import { NUMBER_MATCHES } from '../../core/lead.ts';
import { LeadId, ListId, PhoneText } from './schemas.ts';

const LeadIds = Type.Array(LeadId, { minItems: 1, maxItems: 100, description: 'All leads of the person.' });
const Time = Type.String({ format: 'date-time' });
const Sentences = Type.Array(Type.String());

export const PersonTraceSchema = Type.Object(
  {
    lead_id: LeadId,
    list_id: ListId,
    name: Type.String({ description: 'First, middle and last name; empty: none.' }),
    is_removed: Type.Boolean({ description: 'It was deleted, and its timeline is kept.' }),
    found_as: Type.Array(Type.Enum([...NUMBER_MATCHES, 'former', 'note', 'comments']), {
      description: 'What has the number: the lead, the lead as it was before, a text that speaks of it.',
    }),
  },
  { title: 'PersonTrace', description: 'A lead in which a number was found.' },
);
export type PersonTraceResource = Static<typeof PersonTraceSchema>;

export const PersonTracesSchema = Type.Object(
  {
    leads: Type.Array(PersonTraceSchema),
    calls_without_lead: Type.Integer({
      minimum: 0,
      description: 'Calls with the number that are of no lead. They are exported and erased by the number.',
    }),
  },
  { title: 'PersonTraces' },
);

export const PersonSchema = Type.Object(
  { lead_ids: Type.Optional(LeadIds), phone: Type.Optional(PhoneText) },
  {
    title: 'Person',
    additionalProperties: false,
    description: 'Who is meant: by lead ids, or by a number that one person alone has or had.',
    examples: [{ lead_ids: [1] }],
  },
);

const FACTS = {
  domain: Type.Union([Type.String(), Type.Null()]),
  at: Time,
  by: Type.String({ description: 'The user.' }),
  leadIds: Type.Array(LeadId),
};

export const PersonExportSchema = Type.Object(
  {
    personExport: Type.Literal(1),
    ...FACTS,
    leads: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description:
        'All that is kept of each: fields, numbers, notes, changes, ids of other systems. Beside a dialer none.',
    }),
    calls: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description: 'Of somebody who has no lead; else calls are in the timelines of the leads.',
    }),
    reads: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description: 'Who read the leads and who changed them, from the audit, the oldest first.',
    }),
    elsewhere: Type.Array(Type.String(), { description: 'Other places that may have more.' }),
  },
  { title: 'PersonExport', description: 'The same document as the file of `callercard person export`.' },
);

export const ErasureReceiptSchema = Type.Object(
  {
    erasureReceipt: Type.Literal(1),
    ...FACTS,
    removed: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
      description: 'Rows that were deleted, by what they were.',
    }),
    files: Type.Object({
      areClean: Type.Boolean({ description: 'False: say `left`, and erase the same leads again.' }),
      done: Sentences,
      deleted: Sentences,
      left: Sentences,
    }),
    remains: Type.Array(Type.String(), {
      description: 'What remains elsewhere. Beside a dialer: what its screens must erase.',
    }),
    digest: Type.String({ description: 'SHA-256 of this object without `digest`; the audit has it, too.' }),
  },
  { title: 'ErasureReceipt', description: 'What was erased. It has no field of the person.' },
);
