import type { Principal, RequestContext } from '../auth/principal.ts';
import type { LeadState } from '../core/lead-state.ts';
import type { LookupResult } from '../core/lead-store.ts';
import type { ListScope } from '../core/lead.ts';
import type { ParameterFault, Problem } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import type {
  Actor,
  IdempotencyKey,
  RecordStore,
  StoredRecord,
  WriteRefusal,
  Written,
} from '../core/record-store.ts';
import type { Pipeline } from './pipeline.ts';
import type { ScopePort } from './search.ts';
import { type Answer, type LookupRecord, refused, type Work } from './work.ts';

export interface RecordPorts extends ScopePort {
  /**
   * Records as somebody sees them; undefined: of leads that are changed elsewhere.
   *
   * @throws {StoreFailure} the store cannot be opened
   */
  readonly recordsFor: (principal: Principal) => RecordStore | undefined;
}

/** What a request does with leads: who asks, what they may see, and where it is written. */
export interface RecordAccess {
  readonly records: RecordStore;
  readonly scope: ListScope;
  readonly by: Actor;
  readonly principal: Principal;
  /** Charges lookups that were not known of before. */
  readonly charge: (lookups: number) => void;
}

/** A lead as it is after a change. */
export interface Changed {
  readonly result: LookupResult;
  /** By which it is undone; undefined: nothing was changed. */
  readonly changeId?: number;
  /** The lead is gone; `result` is what it was. */
  readonly isRemoved?: true;
  /** The request was sent before, and was done then. */
  readonly isRepeated?: true;
}

/** Whether the lead is as the caller has read it. */
export type IsAsRead = (current: LookupResult) => boolean;

/**
 * Runs work on records, of callers who may, in stores that can be changed.
 *
 * @param query the lead that is concerned; undefined: none that is there
 * @param elsewhere what is done instead where leads are changed elsewhere; undefined: nothing can be
 */
export type OnRecords = <Result>(
  context: RequestContext,
  query: LookupQuery | undefined,
  work: (access: RecordAccess) => Promise<Work<Result>>,
  elsewhere?: (access: Pick<RecordAccess, 'principal' | 'charge'>) => Promise<Work<Result>>,
) => Promise<Answer<Result>>;

export function createOnRecords(pipeline: Pipeline, { recordsFor, scopeOf }: RecordPorts): OnRecords {
  return (context, query, work, elsewhere) =>
    pipeline.run(context, { query, readsLead: query !== undefined }, async (principal) => {
      const records = recordsFor(principal);
      const charge = (lookups: number) => pipeline.charge(principal, context.address, lookups);
      if (records === undefined)
        return elsewhere?.({ principal, charge }) ?? refused({ code: 'read_only_store' }, query);
      const { endpoint, requestId } = context;
      const by = { user: principal.user, endpoint, requestId };
      return work({ records, scope: await scopeOf(principal), by, principal, charge });
    });
}

/** What changes a lead shows it, too: its record counts and is audited like that of a lookup. */
export function readRecord(query: LookupQuery, result: LookupResult): LookupRecord {
  return { query, outcome: { result, phoneMatch: undefined } };
}

export function byLeadId(leadId: number): LookupQuery & { readonly by: 'lead_id' } {
  return { by: 'lead_id', leadId, asSent: String(leadId), phone: undefined };
}

/** Nobody reads more of them, and a body may have thousands. */
const MOST_FAULTS = 20;

/** The key of a request, which is its caller's alone. */
export function idempotencyOf(
  { accountId = '' }: Principal,
  sent: Omit<IdempotencyKey, 'account'> | undefined,
): IdempotencyKey | undefined {
  return sent && { ...sent, account: accountId };
}

export function malformed(...faults: readonly ParameterFault[]): Problem {
  return { code: 'parameter_malformed', faults: faults.slice(0, MOST_FAULTS) };
}

export function noLead(leadId: number): Problem {
  return { code: 'lead_not_found', asked: String(leadId) };
}

export function problemOfRefusal(refusal: WriteRefusal): Problem {
  switch (refusal.refused) {
    case 'changed':
      return { code: 'changed_meanwhile' };
    case 'shared':
      return { code: 'number_taken', number: refusal.number, leadId: refusal.leadId };
    case 'key reused':
      return { code: 'idempotency_key_reused' };
  }
}

export function isVisible(scope: ListScope, listId: number): boolean {
  return scope === 'every list' || scope.includes(listId);
}

/** What is to become of a lead as it is now; or why nothing. */
export type Decide = (
  stored: StoredRecord,
) => Promise<{ readonly to: LeadState } | { readonly problem: Problem }>;

/** Where somebody else's change comes between, it is decided anew, so often at most. */
const TRIES = 5;

/** Decides what becomes of a lead, and writes it where the lead is still as it was then. */
export async function changeStored(
  { records, scope }: RecordAccess,
  leadId: number,
  decide: Decide,
  write: (stored: StoredRecord, to: LeadState) => Promise<Written>,
): Promise<Answer<Changed>> {
  let problem: Problem = { code: 'changed_meanwhile' };
  for (let tried = 0; tried < TRIES; tried += 1) {
    const stored = await records.read(leadId, scope);
    if (stored === undefined) return { problem: noLead(leadId) };
    const decided = await decide(stored);
    if ('problem' in decided) return decided;
    const written = await write(stored, decided.to);
    if ('id' in written) {
      const after = await records.read(leadId, scope);
      if (after === undefined) return { result: stored.customer, changeId: written.id, isRemoved: true };
      return { result: after.customer, changeId: written.id };
    }
    problem = problemOfRefusal(written);
    if (written.refused !== 'changed') break;
  }
  return { problem };
}
