import type { FastifyRequest } from 'fastify';

import { causeOf, ProblemError, type Problem, type ProblemCode } from '../core/problem.ts';
import { LIMITS } from './limits.ts';

/** The server library's codes for bodies that are too large or of an unknown kind. */
const TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE';
const UNKNOWN_TYPE = 'FST_ERR_CTP_INVALID_MEDIA_TYPE';

/** What an error thrown on the way to an answer means to the caller; its own text never leaves this process. */
function problemOf(error: unknown, bodyBytes: number): Problem {
  if (error instanceof ProblemError) return error.problem;
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (code === TOO_LARGE) {
    return { code: 'request_too_large', reason: `the body is larger than ${bodyBytes / 1024} KiB` };
  }
  if (code === UNKNOWN_TYPE) return { code: 'body_type_unknown' };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return { code: 'request_unparsable', reason: 'the request cannot be read' };
  }
  return { code: 'internal', cause: error };
}

/** The problem behind an error that no handler expected; a fault of ours goes to the log, with its cause. */
export function noteProblem(
  error: unknown,
  {
    log,
    id,
    routeOptions,
  }: Pick<FastifyRequest, 'log' | 'id'> & Partial<Pick<FastifyRequest, 'routeOptions'>>,
): Problem {
  const problem = problemOf(error, routeOptions?.bodyLimit ?? LIMITS.bodyBytes);
  const cause = causeOf(problem);
  if (cause !== undefined) log.error({ err: cause, requestId: id }, 'a request failed');
  return problem;
}

/** HTTP's status for problems that happen around a protocol. */
export const HTTP_STATUS = {
  route_unknown: 404,
  method_not_allowed: 405,
  credentials_in_url: 400,
  request_unparsable: 400,
  request_too_large: 413,
  url_too_long: 414,
  body_type_unknown: 415,
  rate_limited: 429,
  overloaded: 503,
  store_unavailable: 503,
  audit_unavailable: 503,
  internal: 500,
} as const satisfies Partial<Record<ProblemCode, number>>;

/** Each problem's status at doors that say in HTTP what the documented protocol says in its answers. */
export const REAL_STATUS = {
  ...HTTP_STATUS,
  credentials_invalid: 401,
  locked_out: 429,
  api_not_allowed: 403,
  parameters_missing: 400,
  parameter_malformed: 400,
  lead_not_found: 404,
  phone_not_found: 404,
  list_not_found: 404,
} as const satisfies Readonly<Record<ProblemCode, number>>;

/** The status where no door has words of its own. */
export function httpStatus(code: ProblemCode): number {
  const statuses: Partial<Record<ProblemCode, number>> = HTTP_STATUS;
  return statuses[code] ?? 500;
}
