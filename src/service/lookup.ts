import type { PhoneColumn } from '../core/lead.ts';
import { StoreFailure, type LookupResult, type LeadStore } from '../core/lead-store.ts';
import { phoneKey, type PhoneNumber } from '../core/phone.ts';
import { causeOf, type Problem } from '../core/problem.ts';
import { parseQuery, type LookupQuery, type QueryParameters } from '../core/query.ts';
import { AuditFailure, type AuditTrail } from '../core/audit-trail.ts';
import { createEntrance, type EntrancePorts, type RequestContext } from './pipeline.ts';
import type { AuditAction, LookupEvent } from '../core/lookup-event.ts';

export interface LookupRequest extends RequestContext {
  readonly parameters: QueryParameters;
}

/** How the number that came along compares with the lead; undefined when no number was sent. */
export type PhoneMatch = PhoneColumn | 'none' | undefined;

export type LookupOutcome =
  { readonly finding: LookupResult; readonly phoneMatch: PhoneMatch } | { readonly problem: Problem };

export type Lookup = (request: LookupRequest) => Promise<LookupOutcome>;

export interface LookupPorts extends EntrancePorts {
  /** Whose users and leads these are, for the event. */
  readonly domain: string;
  readonly audit: AuditTrail;
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
    const question = parseQuery(request.parameters, leads.country);
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
const TELLING: ReadonlySet<LookupEvent['result']> = new Set([
  'found',
  'lead_not_found',
  'phone_not_found',
  // And nobody gets in, or sends an agent a call, without a trace.
  'signed_in',
  'call_told',
]);

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

export function answer(
  question: LookupQuery,
  finding: LookupResult | undefined,
  store: LeadStore,
): LookupOutcome {
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
function comparePhone(phone: PhoneNumber | undefined, finding: LookupResult, store: LeadStore): PhoneMatch {
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
  { endpoint: door, requestId, address }: RequestContext,
  question: LookupQuery | undefined,
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

/** A deed of somebody who was admitted. */
export interface AuditedAction {
  readonly deed: AuditAction;
  readonly question?: LookupQuery;
  /** Undefined, too, where there is no such user: nothing that somebody typed for a name is written down. */
  readonly recipient?: string | undefined;
}

export function deedEventOf(
  domain: string,
  { endpoint: door, requestId, address }: RequestContext,
  user: string | undefined,
  { deed, question, recipient }: AuditedAction,
  times: Pick<LookupEvent, 'at' | 'durationMs'>,
): LookupEvent {
  const asked = { door, domain, requestId, address, user, question, recipient };
  return { ...asked, result: deed, leadId: undefined, foundBy: undefined, ...times, cause: undefined };
}

function walkOf(outcome: LookupOutcome): Pick<LookupEvent, 'walk'> {
  const problem = 'problem' in outcome ? outcome.problem : undefined;
  return problem?.code === 'rate_limited' && problem.walk !== undefined ? { walk: problem.walk } : {};
}
