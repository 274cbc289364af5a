import { HTTP_STATUS, type PrecomputedAnswer } from '../../http/problem-answer.ts';
import { CONTENT_TYPES, formatOfTarget, renderEnvelope, type Envelope, type Format } from './render.ts';
import { LIMITS } from '../../http/limits.ts';
import { messageFor, type ParameterFault, type Problem, type ProblemMessages } from '../../core/problem.ts';

export interface GoapiAnswer {
  readonly status: number;
  readonly envelope: Envelope;
  readonly retryAfterSeconds?: number;
}

export const ACTION_MISSING = protocol({ result: 'error', message: 'goAction should NOT be empty' });
export const ACTION_UNKNOWN = protocol({ result: 'error', message: 'Command NOT Found' });

/** The text for a `responsetype` that is neither: the one answer that is neither JSON nor XML. */
export const RESPONSETYPE_UNKNOWN =
  'result=error;message=This API function only accepts XML or JSON value on responsetype;';

/**
 * What this endpoint says to each problem. The protocol's own outcomes are all HTTP 200 (clients of goAPIv2
 * read only `result`); what happens around the protocol has HTTP's status (docs/goapi-compatibility.md, Every outcome).
 */
const WORDS = {
  credentials_invalid: () => error('Invalid Username/Password'),
  locked_out: () => error('Too many login attempts, try again in 15 minutes'),
  api_not_allowed: ({ user }) => error(`User '${user}' is NOT allowed to access GOagent API`),
  parameters_missing: () => ({
    status: 200,
    envelope: {
      result: 'validation_failed',
      code: '40001',
      message: 'Error: Missing required parameters',
      fields: ['phone_number', 'lead_id'],
    },
  }),
  parameter_malformed: ({ faults }) => malformed(faults),
  lead_not_found: ({ asked }) => error(`Lead ID '${asked}' does NOT exist on the database`),
  phone_not_found: ({ asked }) => error(`Phone number '${asked}' does NOT exist on the database`),
  list_not_found: ({ asked }) => error(`List ID '${asked}' does NOT exist on the database`),
  rate_limited: ({ retryAfterSeconds }) =>
    later(HTTP_STATUS.rate_limited, 'Too many requests', retryAfterSeconds),
  overloaded: ({ retryAfterSeconds }) =>
    later(HTTP_STATUS.overloaded, 'The server is busy', retryAfterSeconds),
  store_unavailable: ({ retryAfterSeconds }) =>
    later(HTTP_STATUS.store_unavailable, 'The database is not available', retryAfterSeconds),
  audit_unavailable: ({ retryAfterSeconds }) =>
    later(HTTP_STATUS.audit_unavailable, 'The service is not available', retryAfterSeconds),
  route_unknown: () => around(HTTP_STATUS.route_unknown, 'Not Found'),
  method_not_allowed: () => around(HTTP_STATUS.method_not_allowed, 'Only GET and POST are allowed'),
  credentials_in_url: () =>
    around(
      HTTP_STATUS.credentials_in_url,
      'goUser and goPass must not stand in the URL here: send them in the body of a POST',
    ),
  request_unparsable: ({ reason }) => around(HTTP_STATUS.request_unparsable, `Bad request: ${reason}`),
  request_too_large: ({ reason }) => around(HTTP_STATUS.request_too_large, `Request too large: ${reason}`),
  url_too_long: () =>
    around(HTTP_STATUS.url_too_long, `The URL is longer than ${LIMITS.urlBytes / 1024} KiB`),
  body_type_unknown: () =>
    around(
      HTTP_STATUS.body_type_unknown,
      'Only application/x-www-form-urlencoded, multipart/form-data and application/json bodies are understood',
    ),
  internal: () => around(HTTP_STATUS.internal, 'Internal error'),
} satisfies ProblemMessages<GoapiAnswer>;

export function answerFor(problem: Problem): GoapiAnswer {
  return messageFor<GoapiAnswer>(WORDS, problem);
}

/** `validation_failed`: every malformed field, and what is wrong with each. */
export function malformed(faults: readonly ParameterFault[]): GoapiAnswer {
  return protocol({
    result: 'validation_failed',
    code: '41002',
    message: `Error: ${faults.map(({ field, reason }) => `${field} ${reason}`).join('; ')}`,
    fields: faults.map(({ field }) => field),
  });
}

function error(message: string): GoapiAnswer {
  return protocol({ result: 'error', message });
}

function protocol(envelope: Envelope): GoapiAnswer {
  return { status: 200, envelope };
}

function around(status: number, message: string): GoapiAnswer {
  return { status, envelope: { result: 'error', message } };
}

function later(status: number, message: string, retryAfterSeconds: number): GoapiAnswer {
  return { ...around(status, message), retryAfterSeconds };
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
