import { createAuthenticate, type AuthenticationPorts } from '../auth/authenticate.ts';
import type { Principal, RequestContext } from '../auth/principal.ts';
import type { AuditTrail } from '../core/audit-trail.ts';
import { AUDIT_ACTIONS, type AuditAction, type FoundBy, type LookupEvent } from '../core/lookup-event.ts';
import { causeOf, type Problem } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import { type Right, type Rights, SATISFIED_BY } from '../core/rights.ts';
import type { Store } from '../core/store.ts';
import { createDailyLeads, type Reader } from '../throttle/daily-leads.ts';
import { createFailureDelay } from '../throttle/failure-delay.ts';
import { createThrottle, type ThrottleOptions } from '../throttle/throttle.ts';
import {
  type ActionRecord,
  type Answer,
  commitWork,
  type LookupRecord,
  type PipelineRequest,
  problemOf,
  refused,
  type Work,
} from './work.ts';

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
    { query, readsLead = false, cost = 1, orRight }: PipelineRequest,
    work: (principal: Principal) => Promise<Work<Result>>,
  ): Promise<Answer<Result>> {
    const startedAt = clock.monotonic();
    const leadQuery = readsLead && query?.by !== 'text' ? query : undefined;
    let [user, principal]: [string?, Principal?] = [];
    let done: Work<Result>;
    try {
      const caller = await authenticate(context, leadQuery);
      user = caller.user;
      if ('problem' in caller) {
        await delayFailure();
        done = refused(caller.problem, query);
      } else {
        const missing = authorize(caller, context) && (await authorizeBy(caller, context, options, orRight));
        const refusal = missing ?? limit(caller, context.address, cost, leadQuery);
        caller.noteOutcome?.(refusal === undefined);
        principal = caller;
        done = refusal === undefined ? await work(caller) : refused(refusal, query);
        const beyond = await limitWork(caller, context, done.records);
        if (beyond !== undefined) done = refused(beyond, query);
      }
    } catch (cause) {
      done = refused(problemOf(cause), query);
    }
    const request = { context, user, startedAt };
    const auditProblem = await record(request, done.records);
    if (auditProblem !== undefined) return { problem: auditProblem };
    if (done.commit === undefined) return done.answer;
    const limited = (records: Work<never>['records']) => principal && limitWork(principal, context, records);
    return commitWork(done, done.commit, query, { limited, record: (records) => record(request, records) });
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

/** By what else lets somebody in. @param orRight does as well as the right of the request */
async function authorizeBy(
  caller: Principal,
  context: RequestContext,
  options: Pick<PipelineOptions, 'store'>,
  orRight: Right | undefined,
): Promise<Problem | undefined> {
  if (orRight !== undefined && authorize(caller, { ...context, right: orRight }) === undefined)
    return undefined;
  return authorizeByGrants(caller, context, options);
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

  /**
   * Counts the leads of some records that their reader has not read today.
   *
   * @returns why none of them may be shown; undefined: all may. Without a promise where nothing is counted, as for nearly every
   *   lookup. It rejects with StoreFailure: there is a limit, and nothing can be counted
   */
  function limitWork(
    { accountId: account, user }: Principal,
    context: RequestContext,
    records: Work<unknown>['records'],
  ): Promise<Problem | undefined> | undefined {
    if (account === undefined) return undefined;
    let unread: Set<number> | undefined;
    for (const record of records) {
      const leadId = leadOf(record);
      if (leadId !== undefined && !daily.today.has(account, leadId)) (unread ??= new Set()).add(leadId);
    }
    return unread && daily.take({ account, user, context }, [...unread]);
  }

  /** The same for one of several lookups of a request, of which the others may still be answered. */
  async function limitLead(
    principal: Principal,
    context: RequestContext,
    found: LookupRecord,
  ): Promise<LookupRecord> {
    const problem = await limitWork(principal, context, [found]);
    return problem === undefined ? found : { query: found.query, outcome: { problem } };
  }

  return { limitWork, limitLead };
}

/** The lead that is shown, or that something is done to: that tells of it, too. */
function leadOf(record: LookupRecord | ActionRecord): number | undefined {
  if ('action' in record) return record.leadId;
  const { outcome } = record;
  return 'problem' in outcome ? leadIn(outcome.problem) : outcome.result.leadId;
}

/** What an event says of a problem. */
function fieldsOfProblem(problem: Problem) {
  const said = {
    result: problem.code,
    leadId: leadIn(problem),
    foundBy: undefined,
    cause: causeOf(problem),
  };
  if (problem.code === 'api_not_allowed') return { ...said, right: problem.right };
  return problem.code === 'rate_limited' && problem.enumeration !== undefined
    ? { ...said, enumeration: problem.enumeration }
    : said;
}

/** The lead of which a problem tells. */
function leadIn(problem: Problem): number | undefined {
  return problem.code === 'number_taken' ? problem.leadId : undefined;
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
    const right = context.right === 'edit' ? context.right : undefined;
    const durationMs = clock.monotonic() - startedAt;
    const { endpoint, requestId, address } = context;
    const about = { at, endpoint, domain, requestId, address, user, query: record.query, durationMs };
    if ('action' in record) {
      const { action, recipient, leadId, listId, fields, receipt, act } = record;
      const found = { leadId, foundBy: undefined, cause: undefined };
      return { ...about, result: action, recipient, listId, fields, receipt, act, ...found };
    }
    const { outcome } = record;
    if ('problem' in outcome) {
      return { ...about, right, ...fieldsOfProblem(outcome.problem) };
    }
    const { leadId } = outcome.result;
    return { ...about, right, result: 'found', leadId, foundBy: foundByOf(record), cause: undefined };
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

  async function recordAll(request: RecordedRequest, records: Work<unknown>['records']) {
    const problems = await Promise.all(records.map((record) => recordOne(request, record)));
    return problems.find((problem) => problem !== undefined);
  }

  return (request: RecordedRequest, records: Work<unknown>['records']): Promise<Problem | undefined> => {
    const [first] = records;
    return first !== undefined && records.length === 1
      ? recordOne(request, first)
      : recordAll(request, records);
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
  'number_taken',
  ...(Object.keys(AUDIT_ACTIONS) as AuditAction[]),
]);
