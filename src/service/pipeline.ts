import { createAuthenticate, type AuthenticationPorts } from '../auth/authenticate.ts';
import type { Principal, RequestContext } from '../auth/principal.ts';
import { AuditFailure, type AuditTrail } from '../core/audit-trail.ts';
import { StoreFailure } from '../core/lead-store.ts';
import { AUDIT_ACTIONS, type AuditAction, type FoundBy, type LookupEvent } from '../core/lookup-event.ts';
import { causeOf, type Problem } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import { type Rights, SATISFIED_BY } from '../core/rights.ts';
import type { Store } from '../core/store.ts';
import { createDailyLeads, type Reader } from '../throttle/daily-leads.ts';
import { createFailureDelay } from '../throttle/failure-delay.ts';
import { createThrottle, type ThrottleOptions } from '../throttle/throttle.ts';
import type { ActionRecord, Answer, LookupRecord, PipelineRequest, RecordedQuery, Work } from './work.ts';

export interface PipelineOptions extends AuthenticationPorts, ThrottleOptions {
  readonly store: () => Pick<Store, 'accounts' | 'credentials' | 'dailyLeads'>;
  /** Different leads that an account may read in a day; 0: any number. */
  readonly dailyLeads: number;
  /** The domain's name, for audit and log. */
  readonly domain: string;
  readonly audit: AuditTrail;
  /** Log and metrics: each gets the event of whatever was audited. */
  readonly observers: readonly ((event: LookupEvent) => void)[];
}

export type Pipeline = ReturnType<typeof createPipeline>;

/** Every request of every endpoint goes through this, in the order of docs/decisions/0021-one-pipeline.md. */
export function createPipeline(options: PipelineOptions) {
  const { clock } = options;
  const authenticate = createAuthenticate(options);
  const delayFailure = createFailureDelay(clock);
  const throttle = createThrottle(options);
  const record = createRecorder(options);
  const { limitWork, limitLead } = createLeadLimit(options);

  function limit({ accountId }: Principal, address: string, cost: number, lead: LookupQuery | undefined) {
    if (accountId === undefined) return undefined;
    const refusal = throttle.lookups(accountId, address, cost);
    return refusal ?? (lead?.by === 'lead_id' ? throttle.leadId(accountId, lead.leadId) : undefined);
  }

  /**
   * Authenticates, authorizes, throttles, works, audits and observes one request. Never rejects: what fails is a problem
   * like any other, and nobody sees an answer about leads whose record was not written.
   */
  async function run<Result>(
    context: RequestContext,
    { query, readsLead = false, cost = 1 }: PipelineRequest,
    work: (principal: Principal) => Promise<Work<Result>>,
  ): Promise<Answer<Result>> {
    const startedAt = clock.monotonic();
    const leadQuery = readsLead && query?.by !== 'text' ? query : undefined;
    let user: string | undefined;
    let done: Work<Result>;
    try {
      const caller = await authenticate(context, leadQuery);
      user = caller.user;
      if ('problem' in caller) {
        await delayFailure();
        done = refused(caller.problem, query);
      } else {
        const missing = authorize(caller, context) && (await authorizeByGrants(caller, context, options));
        const refusal = missing ?? limit(caller, context.address, cost, leadQuery);
        caller.noteOutcome?.(refusal === undefined);
        done =
          refusal === undefined
            ? await limitWork(caller, context, await work(caller), query)
            : refused(refusal, query);
      }
    } catch (cause) {
      done = refused(problemOf(cause), query);
    }
    const request = { context, user, startedAt };
    const auditProblem = await record(request, done.records);
    if (auditProblem !== undefined) return { problem: auditProblem };
    return done.commit === undefined
      ? done.answer
      : commit(done, done.commit, query, (records) => record(request, records));
  }

  return {
    run,
    /** Charges lookups that were not known of before the work. */
    charge({ accountId }: Principal, address: string, lookups: number): void {
      if (accountId !== undefined && lookups > 0) throttle.debit(accountId, address, lookups);
    },
    /** @returns why this lead id is refused: its user enumerates ids */
    checkLeadId: ({ accountId }: Principal, leadId: number) =>
      accountId === undefined ? undefined : throttle.leadId(accountId, leadId),
    limitLead,
  };
}

/** Does what may be done only now that its records are written; what comes of it is recorded, too. */
async function commit<Result>(
  work: Work<Result>,
  write: () => Promise<Answer<Result>>,
  query: RecordedQuery | undefined,
  record: (records: Work<unknown>['records']) => Promise<Problem | undefined>,
): Promise<Answer<Result>> {
  let answer: Answer<Result>;
  try {
    answer = await write();
  } catch (cause) {
    answer = { problem: problemOf(cause) };
  }
  if (isProblem(answer)) {
    await record(refused(answer.problem, query).records);
    return answer;
  }
  const problem = await record(work.disclosed?.(answer) ?? []);
  return problem === undefined ? answer : { problem };
}

/** @param granted rights that callercard keeps beside the account */
function authorize(
  { user, rights }: Principal,
  { right }: RequestContext,
  granted: Rights = 0,
): Problem | undefined {
  return ((rights | granted) & SATISFIED_BY[right]) === 0
    ? { code: 'api_not_allowed', user, right }
    : undefined;
}

/** Once more, with the rights that the store keeps beside its accounts, if it keeps any. */
async function authorizeByGrants(
  caller: Principal,
  context: RequestContext,
  { store }: Pick<PipelineOptions, 'store'>,
): Promise<Problem | undefined> {
  const { viewer } = caller;
  if (viewer === 'every list' || !('identity' in viewer)) return authorize(caller, context);
  return authorize(caller, context, await store().accounts.grantsOf?.(viewer));
}

/**
 * Counts the different leads that an account reads in a day. The work of every request goes through here, so that no use
 * case discloses a lead beyond the limit.
 */
function createLeadLimit({ domain, clock, counters, observers, dailyLeads, store }: PipelineOptions) {
  const daily = createDailyLeads<Reader & { readonly context: RequestContext }>({
    dailyLeads,
    clock,
    store: () => store().dailyLeads,
    report(reached, leads, { user, context: { endpoint, requestId, address } }) {
      if (reached !== 'near limit') counters.dailyLeadsReached += 1;
      const about = { at: clock.wall(), endpoint, domain, requestId, address, user, durationMs: 0 };
      const nothing = { query: undefined, leadId: undefined, foundBy: undefined, cause: undefined };
      const event: LookupEvent = {
        ...about,
        ...nothing,
        result: 'daily_leads',
        dailyLeads: { reached, leads },
      };
      for (const observer of observers) observer(event);
    },
  });

  /** @returns the work, or the refusal of all of it; rejects with StoreFailure: there is a limit, and nothing can be counted */
  async function limitWork<Result>(
    { accountId: account, user }: Principal,
    context: RequestContext,
    work: Work<Result>,
    query: RecordedQuery | undefined,
  ): Promise<Work<Result>> {
    if (account === undefined) return work;
    let unread: Set<number> | undefined;
    for (const record of work.records) {
      const leadId = leadOf(record);
      if (leadId !== undefined && !daily.today.has(account, leadId)) (unread ??= new Set()).add(leadId);
    }
    const refusal = unread && (await daily.take({ account, user, context }, [...unread]));
    return refusal === undefined ? work : refused(refusal, query);
  }

  /** The same for one of several lookups of a request, of which the others may still be answered. */
  async function limitLead(
    principal: Principal,
    context: RequestContext,
    found: LookupRecord,
  ): Promise<LookupRecord> {
    const work: Work<LookupRecord> = { records: [found], answer: found };
    const { answer } = await limitWork(principal, context, work, found.query);
    return 'problem' in answer ? { query: found.query, outcome: answer } : answer;
  }

  return { limitWork, limitLead };
}

/** The lead that is shown, or that something is done to: that tells of it, too. */
function leadOf(record: LookupRecord | ActionRecord): number | undefined {
  if ('action' in record) return record.leadId;
  return 'problem' in record.outcome ? undefined : record.outcome.result.leadId;
}

function isProblem<Result>(answer: Answer<Result>): answer is { readonly problem: Problem } {
  return typeof answer === 'object' && answer !== null && 'problem' in answer;
}

/** Work that ends in a problem, recorded with what was asked for. */
export function refused(problem: Problem, query?: RecordedQuery): Work<never> {
  return { records: [{ query, outcome: { problem } }], answer: { problem } };
}

export function problemOf(cause: unknown): Problem {
  if (cause instanceof StoreFailure) {
    return { code: 'store_unavailable', retryAfterSeconds: 1, cause: cause.cause };
  }
  if (cause instanceof AuditFailure) {
    return { code: 'audit_unavailable', retryAfterSeconds: 1, cause: cause.cause };
  }
  return { code: 'internal', cause };
}

function foundByOf({ query, outcome }: LookupRecord): FoundBy {
  if ('result' in outcome && outcome.result.foundBy !== undefined) return outcome.result.foundBy.column;
  return query?.by === 'text' ? 'text' : 'lead_id';
}

interface RecordedRequest {
  readonly context: RequestContext;
  readonly user: string | undefined;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
}

/** Audits what came of a request, and passes it on to log and metrics. @returns why nothing of it may be shown */
function createRecorder({ domain, clock, audit, observers }: PipelineOptions) {
  function eventOf(request: RecordedRequest, record: LookupRecord | ActionRecord): LookupEvent {
    const { context, user, startedAt } = request;
    const at = clock.wall();
    const durationMs = clock.monotonic() - startedAt;
    const { endpoint, requestId, address } = context;
    const about = { at, endpoint, domain, requestId, address, user, query: record.query, durationMs };
    if ('action' in record) {
      const { action, recipient, leadId, listId, fields } = record;
      const found = { leadId, foundBy: undefined, cause: undefined };
      return { ...about, result: action, recipient, listId, fields, ...found };
    }
    const { outcome } = record;
    if ('problem' in outcome) {
      const { problem } = outcome;
      const cause = causeOf(problem);
      const event = { ...about, result: problem.code, leadId: undefined, foundBy: undefined, cause };
      if (problem.code === 'api_not_allowed') return { ...event, right: problem.right };
      return problem.code === 'rate_limited' && problem.enumeration !== undefined
        ? { ...event, enumeration: problem.enumeration }
        : event;
    }
    const { leadId } = outcome.result;
    return { ...about, result: 'found', leadId, foundBy: foundByOf(record), cause: undefined };
  }

  function observe(event: LookupEvent): void {
    for (const observer of observers) observer(event);
  }

  async function recordOne(
    request: RecordedRequest,
    record: LookupRecord | ActionRecord,
  ): Promise<Problem | undefined> {
    const event = eventOf(request, record);
    try {
      if (AUDITED_BEFORE_ANSWER.has(event.result)) await audit.record(event);
      else audit.note(event);
    } catch (cause) {
      const problem = problemOf(cause);
      observe(eventOf(request, { query: record.query, outcome: { problem } }));
      return problem;
    }
    observe(event);
    return undefined;
  }

  return async (
    request: RecordedRequest,
    records: Work<unknown>['records'],
  ): Promise<Problem | undefined> => {
    const [first] = records;
    if (first === undefined) return undefined;
    if (records.length === 1) return recordOne(request, first);
    const problems = await Promise.all(records.map((record) => recordOne(request, record)));
    return problems.find((problem) => problem !== undefined);
  };
}

/**
 * What these say may be known only once their record is written. That nobody was found is among them: else somebody could
 * try numbers without a trace while the audit fails. And nobody signs in, or sends an agent a call, without a trace.
 */
const AUDITED_BEFORE_ANSWER: ReadonlySet<LookupEvent['result']> = new Set([
  'found',
  'lead_not_found',
  'phone_not_found',
  ...(Object.keys(AUDIT_ACTIONS) as AuditAction[]),
]);
