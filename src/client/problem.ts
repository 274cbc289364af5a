/** What a callercard says is wrong; the same codes as its documentation has (`/docs/problems/<code>`). */
export type ServerProblemCode =
  | 'credentials_invalid'
  | 'locked_out'
  | 'api_not_allowed'
  | 'parameters_missing'
  | 'parameter_malformed'
  | 'lead_not_found'
  | 'phone_not_found'
  | 'list_not_found'
  | 'rate_limited'
  | 'overloaded'
  | 'store_unavailable'
  | 'audit_unavailable'
  | 'route_unknown'
  | 'method_not_allowed'
  | 'credentials_in_url'
  | 'request_unparsable'
  | 'request_too_large'
  | 'url_too_long'
  | 'body_type_unknown'
  | 'internal';

/**
 * Besides, on the way there: `timeout`, it took longer than it may; `aborted`, the caller's own signal; `unreachable`, no answer
 * came; `unexpected`, an answer that no callercard gives.
 */
export type ProblemCode = ServerProblemCode | 'timeout' | 'aborted' | 'unreachable' | 'unexpected';

export interface ProblemDetails {
  readonly code: ProblemCode;
  /** HTTP's; undefined where no answer came. */
  readonly status?: number | undefined;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfterSeconds?: number | undefined;
  /** What was wrong with which parameter. */
  readonly fields?: readonly string[] | undefined;
}

/** Everything that a client throws, but for wrong use of the client itself (TypeError). */
export class CallercardError extends Error {
  readonly code: ProblemCode;
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly fields: readonly string[];

  constructor(message: string, details: ProblemDetails, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CallercardError';
    this.code = details.code;
    this.status = details.status;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.fields = details.fields ?? [];
  }
}

const CODES: Readonly<Record<ServerProblemCode, true>> = {
  credentials_invalid: true,
  locked_out: true,
  api_not_allowed: true,
  parameters_missing: true,
  parameter_malformed: true,
  lead_not_found: true,
  phone_not_found: true,
  list_not_found: true,
  rate_limited: true,
  overloaded: true,
  store_unavailable: true,
  audit_unavailable: true,
  route_unknown: true,
  method_not_allowed: true,
  credentials_in_url: true,
  request_unparsable: true,
  request_too_large: true,
  url_too_long: true,
  body_type_unknown: true,
  internal: true,
};

/** Whether this client knows a code; a newer server may have others. */
export function isServerProblemCode(code: unknown): code is ServerProblemCode {
  return typeof code === 'string' && Object.hasOwn(CODES, code);
}
