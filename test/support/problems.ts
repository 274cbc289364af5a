import type { ProblemCode, ProblemOf } from '../../src/core/problem.ts';

/** One problem of each code, with the values that the table of docs/goapi-compatibility.md shows; the compiler asks for those that come. */
export const PROBLEMS: { readonly [Code in ProblemCode]: ProblemOf<Code> } = {
  credentials_invalid: { code: 'credentials_invalid' },
  locked_out: { code: 'locked_out' },
  api_not_allowed: { code: 'api_not_allowed', user: 'x', right: 'read' },
  parameters_missing: { code: 'parameters_missing' },
  parameter_malformed: {
    code: 'parameter_malformed',
    faults: [{ field: 'lead_id', reason: 'has more than 10 digits' }],
  },
  lead_not_found: { code: 'lead_not_found', asked: '99' },
  list_not_found: { code: 'list_not_found', asked: '99' },
  change_not_found: { code: 'change_not_found', asked: '7' },
  text_search_unavailable: { code: 'text_search_unavailable' },
  read_only_store: { code: 'read_only_store' },
  number_taken: { code: 'number_taken', number: '5512345678', leadId: 99 },
  list_exists: { code: 'list_exists', asked: '99' },
  changed_meanwhile: { code: 'changed_meanwhile' },
  precondition_required: { code: 'precondition_required' },
  undo_conflict: { code: 'undo_conflict', fields: ['email'] },
  idempotency_key_reused: { code: 'idempotency_key_reused' },
  phone_not_found: { code: 'phone_not_found', asked: '5512345678' },
  rate_limited: { code: 'rate_limited', retryAfterSeconds: 1 },
  overloaded: { code: 'overloaded', retryAfterSeconds: 1 },
  store_unavailable: { code: 'store_unavailable', retryAfterSeconds: 1, cause: undefined },
  audit_unavailable: { code: 'audit_unavailable', retryAfterSeconds: 1, cause: undefined },
  route_unknown: { code: 'route_unknown' },
  method_not_allowed: { code: 'method_not_allowed' },
  credentials_in_url: { code: 'credentials_in_url' },
  cross_origin: { code: 'cross_origin' },
  request_unparsable: { code: 'request_unparsable', reason: 'the body is no JSON' },
  request_too_large: { code: 'request_too_large', reason: 'the body is larger than 64 KiB' },
  url_too_long: { code: 'url_too_long' },
  body_type_unknown: { code: 'body_type_unknown' },
  internal: { code: 'internal', cause: undefined },
};

/** What comes of changing leads, which the documented protocol does not do. */
export const OF_CHANGES: ReadonlySet<string> = new Set<ProblemCode>([
  'change_not_found',
  'text_search_unavailable',
  'read_only_store',
  'number_taken',
  'list_exists',
  'changed_meanwhile',
  'precondition_required',
  'undo_conflict',
  'idempotency_key_reused',
]);
