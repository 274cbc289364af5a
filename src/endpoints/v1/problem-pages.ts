import { messageFor, type Problem, type ProblemCode, type ProblemMessages } from '../../core/problem.ts';

/** What a problem means and what to do, for the programmer who meets it: the page of its `type`. */
const MEANINGS = {
  credentials_invalid: () =>
    'No credentials came, or they are wrong: an unknown or inactive user, a wrong password, a token that is unknown, expired, revoked or made for another purpose. Which of them is not told.',
  locked_out: () =>
    'Ten wrong passwords lock a user name for 15 minutes after the last one. The right password does not help before that.',
  api_not_allowed: () => 'The user is known, and has no right to the API. The operator gives it.',
  parameters_missing: () => 'Send a telephone number or a lead id.',
  parameter_malformed: () => 'A parameter or the body is not as the reference has it; fields says which.',
  lead_not_found: () => 'No lead has this id, or it is in a list that the asker may not see.',
  phone_not_found: () => 'No lead has this number, or none that the asker may see.',
  list_not_found: () => 'No list has this id, or the asker may not see it.',
  rate_limited: () => 'Too many requests, or one lead id asked after the other. Wait as Retry-After says.',
  overloaded: () => 'The server has too much to do. Wait as Retry-After says.',
  store_unavailable: () => 'The database does not answer. Wait as Retry-After says.',
  audit_unavailable: () => 'Who is told what must be written down, and that fails; so nothing is told.',
  route_unknown: () => 'There is nothing at this address.',
  method_not_allowed: () => 'The header Allow says which methods are.',
  credentials_in_url: () => 'The operator does not allow passwords in URLs.',
  request_unparsable: () => 'The request is broken: its percent-encoding, its JSON or its headers.',
  request_too_large: () => 'The body is larger than the route takes.',
  url_too_long: () => 'The URL is longer than 8 KiB.',
  body_type_unknown: () => 'Send the body as application/json.',
  internal: () => 'A fault of the server. Its log has the cause, by the id of the request.',
} satisfies ProblemMessages<string>;

export const PROBLEM_CODES = Object.keys(MEANINGS) as readonly ProblemCode[];

export function meaningOf(code: ProblemCode): string {
  // No meaning hangs on what a problem carries beside its code.
  return messageFor<string>(MEANINGS, { code } as Problem);
}
