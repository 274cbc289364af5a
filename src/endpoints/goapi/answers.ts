import { HTTP_STATUS, type PrecomputedAnswer } from '../../http/problem-answer.ts';
import { CONTENT_TYPES, formatOfTarget, renderEnvelope, type Envelope, type Format } from './render.ts';
import { LIMITS } from '../../http/limits.ts';
import { messageFor, type Problem, type ProblemMessages } from '../../core/problem.ts';

export interface GoapiAnswer {
  readonly status: number;
  readonly envelope: Envelope;
  readonly retryAfterSeconds?: number;
  /** The methods that would do. */
  readonly allow?: string;
}

export const ACTION_MISSING: GoapiAnswer = { status: 200, envelope: error('goAction should NOT be empty') };
export const ACTION_UNKNOWN: GoapiAnswer = { status: 200, envelope: error('Command NOT Found') };
/** Of an action that changes something. */
export const POST_ONLY: GoapiAnswer = {
  status: 405,
  envelope: error('Only POST is allowed for this goAction'),
  allow: 'POST',
};

/** The text for a `responsetype` that is neither: the one answer that is neither JSON nor XML. */
export const RESPONSETYPE_UNKNOWN =
  'result=error;message=This API function only accepts XML or JSON value on responsetype;';

/** The protocol's own outcomes. They are all HTTP 200: clients of goAPIv2 read only `result`. */
const OUTCOMES = {
  credentials_invalid: () => error('Invalid Username/Password'),
  locked_out: () => error('Too many login attempts, try again in 15 minutes'),
  api_not_allowed: ({ user }) => error(`User '${user}' is NOT allowed to access GOagent API`),
  parameters_missing: () => ({
    result: 'validation_failed',
    code: '40001',
    message: 'Error: Missing required parameters',
    fields: ['phone_number', 'lead_id'],
  }),
  parameter_malformed: ({ faults }) => ({
    result: 'validation_failed',
    code: '41002',
    message: `Error: ${faults.map(({ field, reason }) => `${field} ${reason}`).join('; ')}`,
    fields: faults.map(({ field }) => field),
  }),
  lead_not_found: ({ asked }) => error(`Lead ID '${asked}' does NOT exist on the database`),
  phone_not_found: ({ asked }) => error(`Phone number '${asked}' does NOT exist on the database`),
  list_not_found: ({ asked }) => error(`List ID '${asked}' does NOT exist on the database`),
  change_not_found: ({ asked }) => error(`Change '${asked}' does NOT exist on the database`),
  call_not_found: ({ asked }) => error(`Call '${asked}' does NOT exist on the database`),
  import_not_found: ({ asked }) => error(`Import '${asked}' does NOT exist on the database`),
  import_refused: () => error('Nothing was done with the import'),
  number_taken: ({ number, leadId }) =>
    error(`Lead ID '${leadId}' of the same list has the phone number '${number}'`),
  list_exists: ({ asked }) => error(`List ID '${asked}' exists on the database already`),
  several_people: () => error('Several people have the phone number'),
  every_list_needed: () => error('A user who sees every list is needed'),
  changed_meanwhile: () => error('The lead was changed meanwhile'),
  precondition_required: () => error('A condition is required'),
  undo_conflict: ({ fields }) => error(`Changed again: ${fields.join(', ')}`),
  idempotency_key_reused: () => error('The Idempotency-Key belongs to another request'),
  text_search_unavailable: () => error('A dialer has no index of names'),
  read_only_store: () => error('Leads of a dialer are changed in the dialer'),
} satisfies Partial<ProblemMessages<Envelope>>;

/** What happens around the protocol has HTTP's status (docs/goapi-compatibility.md, Every outcome). */
const FAILURES = {
  rate_limited: () => error('Too many requests'),
  overloaded: () => error('The server is busy'),
  store_unavailable: () => error('The database is not available'),
  audit_unavailable: () => error('The service is not available'),
  route_unknown: () => error('Not Found'),
  method_not_allowed: () => error('Only GET and POST are allowed'),
  credentials_in_url: () =>
    error('goUser and goPass must not stand in the URL here: send them in the body of a POST'),
  cross_origin: () =>
    error('Web pages of this origin may not send requests here: name it in the setting corsOrigins'),
  request_unparsable: ({ reason }) => error(`Bad request: ${reason}`),
  request_too_large: ({ reason }) => error(`Request too large: ${reason}`),
  url_too_long: () => error(`The URL is longer than ${LIMITS.urlBytes / 1024} KiB`),
  body_type_unknown: () =>
    error(
      'Only application/x-www-form-urlencoded, multipart/form-data and application/json bodies are understood',
    ),
  internal: () => error('Internal error'),
} satisfies Partial<ProblemMessages<Envelope>>;

/** What this endpoint says to each problem. */
const ENVELOPES: ProblemMessages<Envelope> = { ...OUTCOMES, ...FAILURES };

export function answerFor(problem: Problem): GoapiAnswer {
  const { code } = problem;
  const answer = {
    status: code in OUTCOMES ? 200 : HTTP_STATUS[code],
    envelope: messageFor(ENVELOPES, problem),
  };
  return 'retryAfterSeconds' in problem
    ? { ...answer, retryAfterSeconds: problem.retryAfterSeconds }
    : answer;
}

function error(message: string): Envelope {
  return { result: 'error', message };
}

const { envelope: OVERLOADED } = answerFor({ code: 'overloaded', retryAfterSeconds: 1 });
const OVERLOAD_ANSWERS = {
  json: { type: CONTENT_TYPES.json, body: renderEnvelope(OVERLOADED, 'json', undefined) },
  xml: { type: CONTENT_TYPES.xml, body: renderEnvelope(OVERLOADED, 'xml', undefined) },
} as const satisfies Readonly<Record<Format, PrecomputedAnswer>>;

/** The answer to a request that is shed, in the format that its target asks for. */
export function goapiOverloadAnswerOf(target: string): PrecomputedAnswer {
  return OVERLOAD_ANSWERS[formatOfTarget(target)];
}
