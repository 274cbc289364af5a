import { type ImportRefusal, sayImportRefusal } from './import-refusal.ts';
import type { Right } from './rights.ts';

/** What is wrong with one parameter; `reason` completes the sentence "<field> …" and is safe to show. */
export interface ParameterFault {
  readonly field: string;
  readonly reason: string;
}

/** A parsed value, or `fault`: a clause that completes "<field> …" or "<setting> …" and never repeats a secret. */
export type Parsed<Value> = { readonly value: Value } | { readonly fault: string };

/** The caller is throttled because it enumerates lead ids: for the first time in this run, or again. */
export type Enumeration = 'begun' | 'goes on';

/**
 * Everything that can go wrong, as a closed list. A problem carries what its public words need and nothing
 * else; a private `cause` goes to the log only. Each endpoint says every code in its own words
 * (`satisfies` makes the compiler insist).
 */
export type Problem =
  | { readonly code: 'credentials_invalid' }
  | { readonly code: 'locked_out' }
  | { readonly code: 'api_not_allowed'; readonly user: string; readonly right: Right }
  | { readonly code: 'parameters_missing' }
  | { readonly code: 'parameter_malformed'; readonly faults: readonly ParameterFault[] }
  | { readonly code: 'lead_not_found'; readonly asked: string }
  | { readonly code: 'phone_not_found'; readonly asked: string }
  | { readonly code: 'list_not_found'; readonly asked: string }
  | { readonly code: 'change_not_found'; readonly asked: string }
  | { readonly code: 'call_not_found'; readonly asked: string }
  | { readonly code: 'import_not_found'; readonly asked: string }
  /** Nothing was done with the import. */
  | { readonly code: 'import_refused'; readonly refusal: ImportRefusal }
  /** The store has no index of words: it is a dialer's. */
  | { readonly code: 'text_search_unavailable' }
  /** Leads are changed in the dialer itself. */
  | { readonly code: 'read_only_store' }
  /** In its list another lead has the number. */
  | { readonly code: 'number_taken'; readonly number: string; readonly leadId: number }
  | { readonly code: 'list_exists'; readonly asked: string }
  /** Whom a number means is not clear: the leads that have it, each with a few words. */
  | {
      readonly code: 'several_people';
      readonly people: readonly { readonly leadId: number; readonly described: string }[];
    }
  /** A person may have leads in lists that the user does not see. */
  | { readonly code: 'every_list_needed' }
  /** `If-Match` names a lead as it is no longer. */
  | { readonly code: 'changed_meanwhile' }
  /** There is no `If-Match`, which the operator requires. */
  | { readonly code: 'precondition_required' }
  /** What would be undone was changed again. */
  | { readonly code: 'undo_conflict'; readonly fields: readonly string[] }
  | { readonly code: 'idempotency_key_reused' }
  | {
      readonly code: 'rate_limited';
      readonly retryAfterSeconds: number;
      readonly enumeration?: Enumeration;
      /** Different leads that the caller may read in a day, where these are what is used up. */
      readonly dailyLeads?: number;
    }
  | { readonly code: 'overloaded'; readonly retryAfterSeconds: number }
  | { readonly code: 'store_unavailable'; readonly retryAfterSeconds: number; readonly cause: unknown }
  | { readonly code: 'audit_unavailable'; readonly retryAfterSeconds: number; readonly cause: unknown }
  | { readonly code: 'route_unknown' }
  | { readonly code: 'method_not_allowed' }
  | { readonly code: 'credentials_in_url' }
  /** A browser sent it for a page of an origin that nobody named. */
  | { readonly code: 'cross_origin' }
  | { readonly code: 'request_unparsable'; readonly reason: string }
  | { readonly code: 'request_too_large'; readonly reason: string }
  | { readonly code: 'url_too_long' }
  | { readonly code: 'body_type_unknown' }
  | { readonly code: 'internal'; readonly cause: unknown };

export type ProblemCode = Problem['code'];
export type ProblemOf<Code extends ProblemCode> = Extract<Problem, { code: Code }>;

/** One function for each code: what an endpoint writes for it. */
export type ProblemMessages<Words> = { readonly [Code in ProblemCode]: (problem: ProblemOf<Code>) => Words };

/** The words that `table` has for `problem`. */
export function messageFor<Words>(table: ProblemMessages<Words>, problem: Problem): Words {
  // TypeScript cannot see that the entry found by `problem.code` takes this very member of the union.
  const say = table[problem.code] as (problem: Problem) => Words;
  return say(problem);
}

/**
 * The private cause that a problem carries, if any: for the log. Of an error that nobody expected only its kind and its
 * place: messages quote what they choke on.
 */
export function causeOf(problem: Problem): unknown {
  if (problem.code === 'internal') return describeError(problem.cause);
  return 'cause' in problem ? problem.cause : undefined;
}

const SENTENCES = {
  credentials_invalid: () => 'The user name or the password is wrong, or the token is.',
  locked_out: () => 'Too many failed logins; try again in 15 minutes.',
  api_not_allowed: ({ user, right }) => `${user} needs the right ${right} for this.`,
  parameters_missing: () => 'Neither a telephone number nor a lead id was given.',
  parameter_malformed: ({ faults }) => {
    const sentence = faults.map(({ field, reason }) => `${field} ${reason}`).join('; ');
    return sentence.endsWith('?') ? sentence : `${sentence}.`;
  },
  lead_not_found: ({ asked }) => `There is no lead ${asked}.`,
  phone_not_found: ({ asked }) => `No lead has the number ${asked}.`,
  list_not_found: ({ asked }) => `There is no list ${asked}.`,
  change_not_found: ({ asked }) => `This lead has no change ${asked}.`,
  call_not_found: ({ asked }) =>
    `There is no call ${asked}; send the "call" that POST /v1/calls has answered.`,
  import_not_found: ({ asked }) => `There is no import ${asked}.`,
  import_refused: ({ refusal }) => sayImportRefusal(refusal),
  text_search_unavailable: () =>
    'A dialer has no index of names, so its leads are searched by number; use ?phone.',
  read_only_store: () =>
    'These leads are a dialer’s: they are changed in the dialer, and have no notes, timeline or settings of lists here.',
  number_taken: ({ number, leadId }) =>
    `Lead ${leadId} of the same list has the number ${number}; change that one, or make another person with ?force.`,
  list_exists: ({ asked }) => `There is a list ${asked} already.`,
  several_people: ({ people }) =>
    `Several people have or had this number: ${people
      .slice(0, 20)
      .map(({ described }) => described)
      .join('; ')}; say by lead_ids who is meant.`,
  every_list_needed: () => 'A person may have leads in every list, so this needs a user who sees every list.',
  changed_meanwhile: () => 'The lead was changed meanwhile; read it again, and decide anew.',
  precondition_required: () => 'If-Match is required here; send the ETag of the lead as you have read it.',
  undo_conflict: ({ fields }) =>
    `Changed again since then: ${fields.slice(0, 20).join(', ')}; undo the later change first, or change the lead itself.`,
  idempotency_key_reused: () => 'This Idempotency-Key belongs to another request; send a new one.',
  rate_limited: ({ dailyLeads }) =>
    dailyLeads === undefined
      ? 'Too many requests.'
      : `${dailyLeads} different leads may be read in a day, and today's are used up.`,
  overloaded: () => 'The server is busy.',
  store_unavailable: () => 'The database is not available.',
  audit_unavailable: () => 'The audit cannot be written, so nothing may be answered.',
  route_unknown: () => 'There is nothing at this address.',
  method_not_allowed: () => 'This method is not allowed here.',
  credentials_in_url: () =>
    'User name and password may not stand in the URL here; they go into the body of a POST.',
  cross_origin: () =>
    'Web pages of this origin may not send requests here; the setting corsOrigins names those that may.',
  request_unparsable: ({ reason }) => `The request cannot be read: ${reason}.`,
  request_too_large: ({ reason }) => `The request is too large: ${reason}.`,
  url_too_long: () => 'The URL is too long.',
  body_type_unknown: () => 'Bodies of this type are not understood.',
  internal: () => 'Something went wrong here.',
} satisfies ProblemMessages<string>;

/** A problem as a sentence for people, without its private cause; endpoints with a protocol have messages of their own. */
export function publicMessage(problem: Problem): string {
  return messageFor<string>(SENTENCES, problem);
}

/** HTTP's own failures, thrown where a request cannot be read; an endpoint turns the problem into an answer. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

const FRAMES = 6;
/** The place of a stack's line, as far as it helps: the file with its folder. */
const FRAME = /^ {4}at .*?((?:[\w@.-]+\/)?[\w@.-]+:\d+:\d+)\)?$/;

/** What an error is and where it came from. Never its message, which may quote what somebody sent. */
export function describeError(fault: unknown): string {
  if (!(fault instanceof Error)) return `a thrown ${typeof fault}`;
  const { code } = fault as NodeJS.ErrnoException;
  const what = typeof code === 'string' && /^\w+$/.test(code) ? `${nameOf(fault)} ${code}` : nameOf(fault);
  const frames = framesOf(fault).flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  return [what, ...frames.slice(0, FRAMES)].join(' < ');
}

/** The message of whatever was thrown. It may repeat what was sent: for operators, never for callers. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this user',
};

/** Why a file cannot be read: a clause that completes "the file …". */
export function whyUnreadable(cause: unknown): string {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
  return FILE_FAULTS[code] ?? `cannot be read (${code})`;
}

/** What settles it where this user may not read or write what is the service's. */
export const RUN_AS_SERVICE = 'run this as the user of the service';

/** Whether the file system said that this user may not do it. */
export function isDenied(cause: unknown): cause is NodeJS.ErrnoException {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'EACCES' || code === 'EPERM';
}

/** A line of the stack below the message, which could hold lines that look like it. */
function framesOf({ message, stack = '' }: Error): readonly string[] {
  return stack.slice(Math.max(0, stack.indexOf(message)) + message.length).split('\n');
}

/** The kind of error; anybody can call an error anything. */
function nameOf({ name }: Error): string {
  return /^\w{1,60}$/.test(name) ? name : 'Error';
}
