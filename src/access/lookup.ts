import { andThen } from '../lead/and-then.ts';
import type { ListScope, PhoneColumn } from '../lead/lead.ts';
import { StoreFailure, type Finding, type LeadStore } from '../lead/lead-store.ts';
import { phoneKey, type PhoneNumber } from '../lead/phone.ts';
import { causeOf, type Problem } from '../lead/problem.ts';
import { readQuestion, type Question, type QuestionParameters } from '../lead/question.ts';
import { createAccessMeters, type AccessMeters } from './access-meters.ts';
import type { Account } from './account.ts';
import type { AccountStore, Visit } from './account-store.ts';
import { AuditFailure, type AuditTrail } from './audit-trail.ts';
import { createAuthenticate, type Admission } from './authenticate.ts';
import type { Clock } from './clock.ts';
import type { HashTurns } from './hash-queue.ts';
import type { Door, LookupEvent } from './lookup-event.ts';
import { createWatchWalk } from './id-walk.ts';
import { networkOf } from './network-of.ts';
import { createRateLimit } from './rate-limit.ts';
import { createRefusalPace } from './refusal-pace.ts';

/** Who asks: somebody with a name and a password, or the operator at the machine itself. */
export type Asker =
  { readonly kind: 'user'; readonly name: string; readonly password: string } | { readonly kind: 'operator' };

export interface LookupRequest {
  readonly door: Door;
  readonly requestId: string;
  readonly address: string;
  readonly asker: Asker;
  readonly parameters: QuestionParameters;
}

/** How the number that came along compares with the lead; undefined when no number was sent. */
export type PhoneMatch = PhoneColumn | 'none' | undefined;

export type LookupOutcome =
  { readonly finding: Finding; readonly phoneMatch: PhoneMatch } | { readonly problem: Problem };

export type Lookup = (request: LookupRequest) => Promise<LookupOutcome>;

export interface LookupPorts {
  /** Whose users and leads these are, for the event. */
  readonly domain: string;
  readonly leads: LeadStore;
  readonly accounts: AccountStore;
  readonly clock: Clock;
  /** Lookups a second for one user at one address. */
  readonly ratePerSecond: number;
  /** Lead ids one after the other a second for one user, for ever; 0: any. */
  readonly walkPerSecond: number;
  readonly audit: AuditTrail;
  readonly meters?: AccessMeters;
  /** Shared by all domains of a process. */
  readonly hashTurns?: HashTurns;
  readonly onEvent: (event: LookupEvent) => void;
}

/**
 * The lookup behind every door: credentials, right, rate, question, store, in this order (contract, *Answers*),
 * its record in the audit, and one event about it. What fails is a problem like any other; nothing is thrown.
 */
export function createLookup(ports: LookupPorts): Lookup {
  const { leads, clock, audit } = ports;
  const admit = createAdmit(ports);

  return async (request) => {
    const started = clock.monotonic();
    const question = readQuestion(request.parameters, leads.country);
    const asked = 'code' in question ? undefined : question;
    let user: string | undefined;
    let outcome: LookupOutcome;
    const describe = (told: LookupOutcome) => {
      const times = { at: clock.wall(), durationMs: clock.monotonic() - started };
      return eventOf(ports.domain, request, asked, user, told, times);
    };
    try {
      // Waited for only where there is something to wait for: each wait costs 0.1 us and more for the collector.
      const admitted = admit(request, asked);
      const admission = admitted instanceof Promise ? await admitted : admitted;
      user = admission.user;
      if ('problem' in admission) {
        outcome = { problem: admission.problem };
      } else if ('code' in question) {
        outcome = { problem: question };
      } else {
        const found = admission.find();
        outcome = answer(question, found instanceof Promise ? await found : found, leads);
      }
    } catch (cause) {
      outcome = { problem: problemOf(cause) };
    }
    let event = describe(outcome);
    try {
      if (TELLING.has(event.result)) await audit.record(event);
      else audit.note(event);
    } catch (cause) {
      outcome = { problem: problemOf(cause) };
      event = describe(outcome);
    }
    ports.onEvent(event);
    return outcome;
  };
}

/**
 * What these say about leads may be known only once it is written down. That nobody was found is such an answer, too: else
 * somebody could try numbers without a trace while the audit fails.
 */
const TELLING: ReadonlySet<LookupEvent['result']> = new Set(['found', 'lead_not_found', 'phone_not_found']);

function problemOf(cause: unknown): Problem {
  if (cause instanceof StoreFailure) {
    return { code: 'store_unavailable', retryAfterSeconds: 1, cause: cause.cause };
  }
  if (cause instanceof AuditFailure) {
    return { code: 'audit_unavailable', retryAfterSeconds: 1, cause: cause.cause };
  }
  return { code: 'internal', cause };
}

type Admitted = {
  readonly user: string;
  /** The answer to the question that came along. */
  readonly find: () => Finding | undefined | Promise<Finding | undefined>;
};

/** `user` is known for a wrong password of a user that exists; never what somebody typed for a name. */
type Refused = { readonly user: string | undefined; readonly problem: Problem };

type Admit = (
  request: LookupRequest,
  question: Question | undefined,
) => Admitted | Refused | Promise<Admitted | Refused>;

const EVERY_LIST: ListScope = 'every list';

function createAdmit(ports: LookupPorts): Admit {
  const { leads, accounts, clock, meters = createAccessMeters() } = ports;
  const authenticate = createAuthenticate(accounts, clock, meters, ports.hashTurns);
  const slowDown = createRefusalPace(clock);
  const takeTurn = createRateLimit(ports.ratePerSecond, clock);
  const watchWalk = createWatchWalk(ports.walkPerSecond, clock);

  function permit(account: Account, address: string, question: Question | undefined): Problem | undefined {
    if (!account.mayUseApi) return { code: 'api_not_allowed', user: account.name };
    const retryAfterSeconds = takeTurn(`${account.id}\0${networkOf(address)}`);
    if (retryAfterSeconds > 0) return { code: 'rate_limited', retryAfterSeconds };
    const walk = question?.by === 'lead_id' ? watchWalk(account.id, question.leadId) : undefined;
    if (walk === undefined) return undefined;
    meters.walkRefusals += 1;
    return {
      code: 'rate_limited',
      retryAfterSeconds: walk.retryAfterSeconds,
      walk: walk.isFirst ? 'begun' : 'goes on',
    };
  }

  function judge(
    admission: Admission,
    visit: Visit,
    address: string,
    question: Question | undefined,
  ): Admitted | Refused | Promise<Refused> {
    const user = visit.account?.name;
    if ('problem' in admission) return slowDown().then(() => ({ user, problem: admission.problem }));
    const problem = permit(admission.account, address, question);
    if (problem !== undefined) return { user, problem };
    return { user: admission.account.name, find: () => visit.find() };
  }

  return ({ asker, address }, question) => {
    if (asker.kind === 'operator') {
      return { user: 'operator', find: () => question && leads.find(question, EVERY_LIST) };
    }
    return andThen(accounts.visit(asker.name, question), (visit) =>
      andThen(authenticate(visit, asker.password, address), (admission) =>
        judge(admission, visit, address, question),
      ),
    );
  };
}

function answer(question: Question, finding: Finding | undefined, store: LeadStore): LookupOutcome {
  if (finding === undefined) {
    return {
      problem:
        question.by === 'lead_id'
          ? { code: 'lead_not_found', asked: question.asSent }
          : { code: 'phone_not_found', asked: question.phone.asSent },
    };
  }
  const phoneMatch = finding.foundBy?.column ?? comparePhone(question.phone, finding, store);
  return { finding, phoneMatch };
}

/** Which of the lead's own numbers the sent one is. */
function comparePhone(phone: PhoneNumber | undefined, finding: Finding, store: LeadStore): PhoneMatch {
  if (phone === undefined) return undefined;
  const { lead } = finding;
  const isIt = (column: PhoneColumn) => {
    const own = lead[column];
    return own !== null && phoneKey(own, store.country) === phone.key;
  };
  return store.phoneColumns.find(isIt) ?? 'none';
}

function eventOf(
  domain: string,
  { door, requestId, address }: LookupRequest,
  question: Question | undefined,
  user: string | undefined,
  outcome: LookupOutcome,
  times: Pick<LookupEvent, 'at' | 'durationMs'>,
): LookupEvent {
  const found = 'finding' in outcome ? outcome.finding : undefined;
  return {
    door,
    domain,
    requestId,
    address,
    user,
    question,
    result: 'problem' in outcome ? outcome.problem.code : 'found',
    ...walkOf(outcome),
    leadId: found?.leadId,
    foundBy: found === undefined ? undefined : (found.foundBy?.column ?? 'lead_id'),
    ...times,
    cause: 'problem' in outcome ? causeOf(outcome.problem) : undefined,
  };
}

function walkOf(outcome: LookupOutcome): Pick<LookupEvent, 'walk'> {
  const problem = 'problem' in outcome ? outcome.problem : undefined;
  return problem?.code === 'rate_limited' && problem.walk !== undefined ? { walk: problem.walk } : {};
}
