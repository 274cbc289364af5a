import { type Static, Type } from 'typebox';

import { CALL_SOURCES, CALL_TEXTS } from '../../core/call-store.ts';
import { CALL_STATES, DIRECTIONS } from '../../core/reported-call.ts';
import { MAX_OFFSET, PAGE_LIMIT } from './route.ts';
import { LeadId, PhoneText, TextOrNull } from './schemas.ts';

const CallId = Type.String({ minLength: 12, maxLength: 12, examples: ['q83v0fXkP1Zb'] });
const State = Type.Enum([...CALL_STATES], { description: 'How far it has come: it never goes back.' });
const Time = Type.String({ format: 'date-time' });
const TimeOrNull = Type.Union([Time, Type.Null()]);

export const CallSchema = Type.Object(
  {
    user: Type.String({ minLength: 1, maxLength: 64, description: 'At whose card.' }),
    phone: Type.Optional(PhoneText),
    lead_id: Type.Optional(LeadId),
    call_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: CALL_TEXTS.callId,
        description:
          'Your own id of the call: what is sent with the same one for a day is about the same call.',
      }),
    ),
    direction: Type.Optional(Type.Enum([...DIRECTIONS])),
    line: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: CALL_TEXTS.line,
        description: 'The queue, campaign or number that was called.',
      }),
    ),
    state: Type.Optional(Type.Enum([...CALL_STATES], { default: 'ringing' })),
  },
  { title: 'Call', description: "A call at an agent's telephone: the number, the lead, or both." },
);

export const CallPatchSchema = Type.Object(
  {
    state: Type.Optional(State),
    outcome: Type.Optional(Type.String({ maxLength: CALL_TEXTS.outcome, examples: ['SALE'] })),
    note: Type.Optional(Type.String({ maxLength: CALL_TEXTS.note })),
  },
  {
    title: 'CallPatch',
    additionalProperties: false,
    minProperties: 1,
    description: 'What is said of a call. An empty outcome or note takes back what was said.',
  },
);

export const ChangedCallSchema = Type.Object({ call: CallId, state: State }, { title: 'ChangedCall' });

const CALL = {
  call: CallId,
  user: Type.String({ description: 'The agent.' }),
  state: State,
  direction: Type.Union([Type.Enum([...DIRECTIONS]), Type.Null()]),
  phone: Type.Union([Type.String(), Type.Null()], {
    description:
      'The number of the other side, as it was sent; null: there is none, or the lead is in a list that the user may not see.',
  }),
  lead_id: Type.Union([LeadId, Type.Null()], {
    description: 'The lead that was named, or the only one that had the number then.',
  }),
  line: Type.Union([Type.String(), Type.Null()], {
    description: 'The queue, campaign or number that was called.',
  }),
  started_at: Time,
  answered_at: TimeOrNull,
  ended_at: TimeOrNull,
  answered_by: Type.Union([Type.String(), Type.Null()], {
    description: 'The agent who has it, if it ended here because somebody else answered.',
  }),
  outcome: TextOrNull,
  note: TextOrNull,
  source: Type.Enum([...CALL_SOURCES]),
  call_id: Type.Union([Type.String(), Type.Null()], { description: 'The id of whoever reported it.' }),
};

export const KeptCallSchema = Type.Object(CALL, { title: 'KeptCall', description: 'A call at an agent.' });
export type CallResource = Static<typeof KeptCallSchema>;

export const TimelineCallSchema = Type.Object(
  { type: Type.Literal('call'), at: Time, ...CALL },
  { title: 'TimelineCall', description: 'A call with the lead.' },
);

export const CallPageSchema = Type.Object(
  {
    total: Type.Integer({ minimum: 0, description: 'How many calls there are, on all pages.' }),
    total_relation: Type.Optional(Type.Literal('gte', { description: 'There are more calls than `total`.' })),
    limit: Type.Integer({ minimum: 1, maximum: PAGE_LIMIT }),
    offset: Type.Integer({ minimum: 0, maximum: MAX_OFFSET }),
    calls: Type.Array(KeptCallSchema),
  },
  { title: 'CallPage', description: 'Calls, the newest first.' },
);
