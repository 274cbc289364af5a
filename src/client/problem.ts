/** A newer server may have others. */
export const SERVER_CODES = [
  'credentials_invalid',
  'locked_out',
  'api_not_allowed',
  'parameters_missing',
  'parameter_malformed',
  'lead_not_found',
  'phone_not_found',
  'list_not_found',
  'change_not_found',
  'call_not_found',
  'import_not_found',
  'import_refused',
  'text_search_unavailable',
  'read_only_store',
  'number_taken',
  'list_exists',
  'several_people',
  'every_list_needed',
  'changed_meanwhile',
  'precondition_required',
  'undo_conflict',
  'idempotency_key_reused',
  'rate_limited',
  'overloaded',
  'store_unavailable',
  'audit_unavailable',
  'route_unknown',
  'method_not_allowed',
  'credentials_in_url',
  'cross_origin',
  'request_unparsable',
  'request_too_large',
  'url_too_long',
  'body_type_unknown',
  'internal',
] as const;

/** The problems of a server, each documented at `/docs/problems/<code>`. */
export type ServerProblemCode = (typeof SERVER_CODES)[number];

/** Besides those of the server: `aborted` by the caller's own signal; `unexpected`, an answer that no callercard gives. */
export type ProblemCode = ServerProblemCode | 'timeout' | 'aborted' | 'unreachable' | 'unexpected';

/** Everything that a client throws, but for wrong use of the client itself (TypeError). */
export class CallercardError extends Error {
  readonly code: ProblemCode;
  /** HTTP's; undefined where no answer came. */
  readonly status: number | undefined;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfterSeconds: number | undefined;
  /** What was wrong with which parameter. */
  readonly fields: readonly string[];
  /** With `number_taken`: the lead that has the number already. */
  readonly leadId: number | undefined;
  /** With `several_people`: the leads that have or had the number. */
  readonly leadIds: readonly number[];

  constructor(
    message: string,
    details: Pick<CallercardError, 'code'> & Partial<Omit<CallercardError, keyof Error>>,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CallercardError';
    this.code = details.code;
    this.status = details.status;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.fields = details.fields ?? [];
    this.leadId = details.leadId;
    this.leadIds = details.leadIds ?? [];
  }
}
