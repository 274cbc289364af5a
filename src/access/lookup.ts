import { andThen } from '../lead/and-then.ts';
import type { ListScope, PhoneColumn } from '../lead/lead.ts';
import { StoreFailure, type Finding, type LeadStore } from '../lead/lead-store.ts';
import { phoneKey, type PhoneNumber } from '../lead/phone.ts';
import { causeOf, type Problem } from '../lead/problem.ts';
import { readQuestion, type Question, type QuestionParameters } from '../lead/question.ts';
import { createAccessMeters, type AccessMeters } from './access-meters.ts';
import type { AccountStore, Visit } from './account-store.ts';
import { AuditFailure, type AuditTrail } from './audit-trail.ts';
import { createAuthenticate, type Admission } from './authenticate.ts';
import type { Clock } from './clock.ts';
import type { HashTurns } from './hash-queue.ts';
import type { Door, LookupEvent } from './lookup-event.ts';
import type { KeyStore } from './key-store.ts';
import { createOpenByKey, type KeyAsker, type KeyHolder } from './open-by-key.ts';
import { createPermit, type Asking } from './permit.ts';
import { createRefusalPace } from './refusal-pace.ts';

/** Who asks: somebody with a name and a password, or with a key for them, or the operator at the machine itself. */
export type Asker =
  | { readonly kind: 'user'; readonly name: string; readonly password: string }
  | KeyAsker
  | { readonly kind: 'operator' };

/** Somebody at a door. */
export interface Inquiry {
  readonly door: Door;
  readonly requestId: string;
  readonly address: string;
  readonly asker: Asker;
}

export interface LookupRequest extends Inquiry {
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
  /** Undefined: nobody has a key. */
  readonly keys?: KeyStore;
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
export function createLookup(ports: LookupPorts, { admit } = createEntrance(ports)): Lookup {
  const { leads, clock } = ports;

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
    const untold = await writeDown(event, ports.audit);
    if (untold !== undefined) {
      outcome = { problem: untold };
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

/** @returns why the outcome may not be told */
export function writeDown(event: LookupEvent, audit: AuditTrail): undefined | Promise<Problem | undefined> {
  if (TELLING.has(event.result)) return audit.record(event).then(() => undefined, problemOf);
  audit.note(event);
  return undefined;
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

export type Admitted = {
  readonly user: string;
  /** What limits go by; undefined: there are none. */
  readonly accountId: string | undefined;
  /** The answer to the question that came along. */
  readonly find: () => Finding | undefined | Promise<Finding | undefined>;
  readonly scope: () => ListScope | Promise<ListScope>;
};

/** `user` is known for a wrong password of a user that exists; never what somebody typed for a name. */
export type Refused = { readonly user: string | undefined; readonly problem: Problem };

/** @param amount how many lookups it is */
type Admit = (
  request: Inquiry,
  question: Question | undefined,
  amount?: number,
) => Admitted | Refused | Promise<Admitted | Refused>;

/** Where callers are admitted, by whatever they have, and slowed down. */
export interface Entrance {
  readonly admit: Admit;
  /** So many more lookups than was known when they were admitted. */
  owe(admitted: Admitted, address: string, amount: number): void;
  /** For each lead id that is asked for without a question that comes along. */
  watchStep(admitted: Admitted, leadId: number): Problem | undefined;
}

const EVERY_LIST: ListScope = 'every list';

export function createEntrance(ports: LookupPorts): Entrance {
  const { leads, accounts, clock, meters = createAccessMeters() } = ports;
  const authenticate = createAuthenticate(accounts, clock, meters, ports.hashTurns);
  const openByKey = createOpenByKey(ports);
  const slowDown = createRefusalPace(clock);
  const { permit, owe, watchStep } = createPermit(ports, meters);

  const admit: Admit = (request, question, amount) => {
    const { door, asker, address } = request;
    const leadId = question?.by === 'lead_id' ? question.leadId : undefined;
    const asked = { address, leadId, amount };
    if (asker.kind === 'user') {
      return andThen(accounts.visit(asker.name, question), (visit) =>
        andThen(authenticate(visit, asker.password, address), (admission) => judge(admission, visit, asked)),
      );
    }
    if (asker.kind === 'operator') {
      const find = () => question && leads.find(question, EVERY_LIST);
      return { user: 'operator', accountId: undefined, find, scope: () => EVERY_LIST };
    }
    return openByKey(asker, { door, address }, question).then((holder) =>
      'problem' in holder ? slowDown().then(() => holder) : admitAccount(holder.account, asked, holder),
    );
  };

  function judge(admission: Admission, visit: Visit, asked: Asking): Admitted | Refused | Promise<Refused> {
    if ('problem' in admission) {
      return slowDown().then(() => ({ user: visit.account?.name, problem: admission.problem }));
    }
    return admitAccount(admission.account, asked, visit);
  }

  function admitAccount(
    account: KeyHolder['account'],
    asked: Asking,
    visit: Pick<Visit, 'find' | 'scope'>,
  ): Admitted | Refused {
    const problem = permit(account, asked);
    if (problem !== undefined) return { user: account.name, problem };
    return {
      user: account.name,
      accountId: account.id,
      find: () => visit.find(),
      scope: () => visit.scope(),
    };
  }

  return {
    admit,
    owe({ accountId }, address, amount) {
      if (accountId !== undefined) owe(accountId, address, amount);
    },
    watchStep: ({ accountId }, leadId) =>
      accountId === undefined ? undefined : watchStep(accountId, leadId),
  };
}

export function answer(question: Question, finding: Finding | undefined, store: LeadStore): LookupOutcome {
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

export function eventOf(
  domain: string,
  { door, requestId, address }: Inquiry,
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
