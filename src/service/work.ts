import { AuditFailure } from '../core/audit-trail.ts';
import { type LookupResult, StoreFailure } from '../core/lead-store.ts';
import type { NumberMatch } from '../core/lead.ts';
import type { AuditAction } from '../core/lookup-event.ts';
import type { OperatorAct } from '../core/operator-act.ts';
import { type Problem, ProblemError } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import type { Right } from '../core/rights.ts';
import type { TextQuery } from '../core/text-query.ts';

/** How the number that came along compares with the lead; undefined when no number was sent. */
export type PhoneMatch = NumberMatch | 'none' | undefined;

/** What somebody asked for, or why they do not get it. */
export type Answer<Result> = Result | { readonly problem: Problem };

export type LookupOutcome = Answer<{ readonly result: LookupResult; readonly phoneMatch: PhoneMatch }>;

/** What somebody asked for, as far as it is recorded. */
export type RecordedQuery = LookupQuery | TextQuery;

/** One query and what came of it, for audit, log and metrics. */
export interface LookupRecord {
  readonly query: RecordedQuery | undefined;
  readonly outcome: LookupOutcome;
}

/** Something done that reveals nothing of a lead, such as a sign-in or a change, for audit and log. */
export interface ActionRecord {
  readonly action: AuditAction;
  readonly query?: LookupQuery;
  /** The lead that is changed, and the names of its fields. */
  readonly leadId?: number;
  readonly listId?: number;
  readonly fields?: readonly string[];
  /** With `administered`. */
  readonly act?: OperatorAct;
  /** The digest of what was handed out for an erasure. */
  readonly receipt?: string;
  /** At whose card a call is shown, as names compare; undefined, too, where there is no such user. */
  readonly recipient?: string | undefined;
}

/** What the work of a request came to: the answer, and what is recorded before anybody sees it. */
export interface Work<Result> {
  readonly records: readonly (LookupRecord | ActionRecord)[];
  readonly answer: Answer<Result>;
  /**
   * What is done once the records are written, and never without them; its answer is the answer. A problem that it comes to is
   * recorded, too.
   */
  readonly commit?: () => Promise<Answer<Result>>;
  /** What the answer of `commit` says beyond `records`: recorded once it is done, and before anybody sees it. */
  disclosed?(result: Result): readonly (LookupRecord | ActionRecord)[];
}

export interface PipelineRequest {
  /** What is asked for, as far as it is one thing that can be read: for the records. */
  readonly query?: RecordedQuery | undefined;
  /** The lead of `query` is read: in one trip with the account, and a lead id counts as enumeration. */
  readonly readsLead?: boolean;
  /** A right that does as well as that of the request. */
  readonly orRight?: Right;
  /** How many lookups it counts as; 1 where nothing is said, 0 for what the caller did not ask for. */
  readonly cost?: number | undefined;
}

function isProblem<Result>(answer: Answer<Result>): answer is { readonly problem: Problem } {
  return typeof answer === 'object' && answer !== null && 'problem' in answer;
}

/** Work that ends in a problem, recorded with what was asked for. */
export function refused(problem: Problem, query?: RecordedQuery): Work<never> {
  return { records: [{ query, outcome: { problem } }], answer: { problem } };
}

export function problemOf(cause: unknown): Problem {
  if (cause instanceof ProblemError) return cause.problem;
  if (cause instanceof StoreFailure) {
    return { code: 'store_unavailable', retryAfterSeconds: 1, cause: cause.cause };
  }
  if (cause instanceof AuditFailure) {
    return { code: 'audit_unavailable', retryAfterSeconds: 1, cause: cause.cause };
  }
  return { code: 'internal', cause };
}

/** What a commit asks of the pipeline. */
interface CommitPorts {
  /** Counts the lead of which a problem tells. @returns why it may not be told */
  readonly limited: (records: Work<never>['records']) => Promise<Problem | undefined> | undefined;
  /** @returns why nothing of it may be shown */
  readonly record: (records: Work<unknown>['records']) => Promise<Problem | undefined>;
}

/** Does what may be done only now that its records are written; what comes of it is recorded, too. */
export async function commitWork<Result>(
  work: Work<Result>,
  write: () => Promise<Answer<Result>>,
  query: RecordedQuery | undefined,
  { limited, record }: CommitPorts,
): Promise<Answer<Result>> {
  let done: Work<Result>;
  try {
    const answer = await write();
    if (isProblem(answer)) {
      const failed = refused(answer.problem, query);
      const beyond = await limited(failed.records);
      done = beyond === undefined ? failed : refused(beyond, query);
    } else done = { records: work.disclosed?.(answer) ?? [], answer };
  } catch (cause) {
    done = refused(problemOf(cause), query);
  }
  const problem = await record(done.records);
  return problem === undefined ? done.answer : { problem };
}
