import type { Principal, RequestContext } from '../auth/principal.ts';
import type { CallChoice, CallPage, CallStore, KeptCall } from '../core/call-store.ts';
import type { LeadStore, LookupResult, Page } from '../core/lead-store.ts';
import type { ListScope } from '../core/lead.ts';
import { maskCall, masksOfSeen } from '../core/masks.ts';
import { type LookupQuery, type ParameterValue, parseQuery } from '../core/query.ts';
import type { Store } from '../core/store.ts';
import { dialerCallsOf } from './lead-history.ts';
import type { LeadPorts } from './lookup.ts';
import { holderOf, type NumberHolder } from './number-holder.ts';
import type { Pipeline } from './pipeline.ts';
import { byLeadId, noLead } from './record-work.ts';
import type { ScopePort } from './search.ts';
import { costOfPage } from './timeline.ts';
import { type ActionRecord, refused, type Work } from './work.ts';

/** Whose calls: of a lead, of a number, at a user by name, or at whoever asks. */
export type AskedCalls =
  | { readonly leadId: number }
  | { readonly phone: ParameterValue }
  | { readonly user: string }
  | { readonly of: 'caller' };

export interface CallsRequest extends RequestContext {
  readonly asked: AskedCalls;
  readonly page: Page;
}

/**
 * A call, with its lead where the caller may see it. Of a lead that they may not see there is neither number nor note; nor of no
 * lead, where only leads that they may not see have the number.
 */
export interface SeenCall {
  readonly call: KeptCall;
  readonly lead: LookupResult | undefined;
}

export interface SeenCalls {
  /** On all pages. */
  readonly total: number;
  /** The newest first. */
  readonly calls: readonly SeenCall[];
}

export interface CallPorts extends LeadPorts, ScopePort {
  readonly store: () => Pick<Store, 'accounts' | 'calls'>;
  readonly hidesNumbers: (principal: Principal) => Promise<boolean>;
}

/** Calls of a lead, a number or a user, as somebody may see them. */
export function createReadCalls(pipeline: Pipeline, ports: CallPorts) {
  const { store, country, numbers, scopeOf } = ports;
  return ({ asked, page, ...context }: CallsRequest) => {
    const query = queryOf(asked);
    if (query !== undefined && 'code' in query) {
      // Only those hear of it to whom the API is open.
      return pipeline.run<SeenCalls>(context, {}, () => Promise.resolve(refused(query)));
    }
    return pipeline.run<SeenCalls>(
      context,
      { query, readsLead: query?.by === 'lead_id' },
      async (principal) => {
        const { calls } = store();
        if (calls === undefined) {
          const charge = (lookups: number) => pipeline.charge(principal, context.address, lookups);
          return readOfDialer({ leads: ports.leadsFor(principal), principal, charge }, query, page);
        }
        const scope = await scopeOf(principal);
        if (query?.by === 'lead_id' && !(await isThere(principal, scope, query))) {
          return refused(noLead(query.leadId), query);
        }
        const { choice, recipient } = await choiceOf(asked, query, principal, scope);
        const found = await readPage(calls, choice, page);
        pipeline.charge(principal, context.address, costOfPage(page, found.calls));
        const seen = await showCalls(ports, principal, scope, found.calls);
        return {
          records: recordsOf({ ...(query && { query }), recipient }, seen),
          answer: { total: found.total, calls: seen },
        };
      },
    );
  };

  function queryOf(asked: AskedCalls) {
    if ('leadId' in asked) return byLeadId(asked.leadId);
    return 'phone' in asked ? parseQuery({ phoneNumber: asked.phone }, country(), numbers) : undefined;
  }

  async function isThere(principal: Principal, scope: ListScope, query: LookupQuery): Promise<boolean> {
    return (await ports.leadsFor(principal).find(query, scope)) !== undefined;
  }

  /** @returns without a choice: there is no such user */
  async function choiceOf(
    asked: AskedCalls,
    query: LookupQuery | undefined,
    principal: Principal,
    scope: ListScope,
  ): Promise<{ readonly choice?: CallChoice; readonly recipient?: string }> {
    if ('leadId' in asked) return { choice: { leadId: asked.leadId } };
    if (query?.phone !== undefined) {
      const isOthers = (await holderOf(ports.leadsFor(principal), scope, query.phone)) === 'others';
      return { choice: { numberKey: query.phone.key, scope, isOthers } };
    }
    if ('user' in asked) {
      const { account, identity } = await store().accounts.read(asked.user);
      return account === undefined ? {} : { choice: { account: account.id }, recipient: identity };
    }
    const account = userOnly(principal.accountId);
    return account === undefined ? {} : { choice: { account } };
  }
}

interface DialerReader {
  readonly leads: LeadStore;
  readonly principal: Principal;
  readonly charge: (lookups: number) => void;
}

/** Of a lead, or of the one that a number leads to: others a dialer does not find by an index. */
async function readOfDialer(
  { leads, principal, charge }: DialerReader,
  query: LookupQuery | undefined,
  page: Page,
): Promise<Work<SeenCalls>> {
  if (query === undefined) return refused({ code: 'read_only_store' });
  const lead = await leads.find(query, principal.viewer);
  if (lead === undefined && query.by === 'lead_id') return refused(noLead(query.leadId), query);
  const found = lead && (await dialerCallsOf(leads, principal, lead, page));
  if (lead === undefined || found === undefined)
    return { records: [{ action: 'calls_read', query }], answer: { total: 0, calls: [] } };
  charge(costOfPage(page, found.entries));
  const calls = found.entries.map((call) => ({ call, lead }));
  return { records: recordsOf({ query }, calls), answer: { total: found.total, calls } };
}

/** A token has no calls. */
function userOnly(accountId: string | undefined): string | undefined {
  return accountId !== undefined && /^\d+$/.test(accountId) ? accountId : undefined;
}

function readPage(calls: CallStore, choice: CallChoice | undefined, page: Page): Promise<CallPage> {
  return choice === undefined ? Promise.resolve({ total: 0, calls: [] }) : calls.find(choice, page);
}

/** Each lead whose call is shown; or that nobody's was. @param about the number or the user that was asked for */
function recordsOf(
  { query, recipient }: Pick<ActionRecord, 'query' | 'recipient'>,
  seen: readonly SeenCall[],
): readonly ActionRecord[] {
  const asked = {
    action: 'calls_read',
    ...(query !== undefined && { query }),
    ...(recipient !== undefined && { recipient }),
  } as const;
  const leadIds = new Set(seen.flatMap(({ call: { leadId } }) => leadId ?? []));
  if (leadIds.size === 0) return [asked];
  return [...leadIds].map((leadId) => ({ ...asked, leadId }));
}

/** Of calls of no lead. A number that cannot be read any more may be anybody's. */
async function holdersOf(
  { country, numbers: settings }: CallPorts,
  leads: LeadStore,
  scope: ListScope,
  calls: readonly KeptCall[],
): Promise<ReadonlyMap<string, NumberHolder>> {
  const numbers = new Set(calls.flatMap(({ leadId, phone }) => (leadId === undefined ? (phone ?? []) : [])));
  const asked = [...numbers].map(async (phoneNumber): Promise<readonly [string, NumberHolder]> => {
    const { phone } = { phone: undefined, ...parseQuery({ phoneNumber }, country(), settings) };
    return [phoneNumber, phone === undefined ? 'others' : await holderOf(leads, scope, phone)];
  });
  return new Map(await Promise.all(asked));
}

/** What is masked of a number that is of no lead that somebody sees. */
const NUMBER_AND_NOTE: readonly string[] = ['numbers', 'notes'];

/** Calls as somebody may see them, with their leads. */
export async function showCalls(
  ports: CallPorts,
  principal: Principal,
  scope: ListScope,
  calls: readonly KeptCall[],
): Promise<readonly SeenCall[]> {
  const leads = ports.leadsFor(principal);
  const leadIds = [...new Set(calls.flatMap(({ leadId }) => leadId ?? []))];
  const [hides, holders, ...found] = await Promise.all([
    ports.hidesNumbers(principal),
    holdersOf(ports, leads, scope, calls),
    ...leadIds.map((leadId) => leads.find(byLeadId(leadId), scope)),
  ]);
  const byId = new Map(found.flatMap((lead) => (lead === undefined ? [] : [[lead.leadId, lead] as const])));
  const masksOf = (holder: NumberHolder) => [
    ...(hides ? NUMBER_AND_NOTE : []),
    ...(typeof holder === 'string' ? [] : masksOfSeen(holder)),
  ];
  return calls.map((call) => {
    const lead = call.leadId === undefined ? undefined : byId.get(call.leadId);
    if (lead !== undefined) return { call: maskCall(call, new Set(masksOfSeen(lead))), lead };
    // A lead that is not seen is in another list, or was removed from one that nobody knows any more.
    const holder = call.leadId === undefined ? (holders.get(call.phone ?? '') ?? 'nobody') : 'others';
    if (holder === 'others' && scope !== 'every list') return { call: withoutLead(call), lead };
    return { call: maskCall(call, new Set(masksOf(holder))), lead };
  });
}

/** Nor what was said of it, nor the sender's id: dialers write the lead's into it. */
const OF_LEAD = ['leadId', 'phone', 'note', 'outcome', 'sourceCallId'] satisfies (keyof KeptCall)[];

function withoutLead(call: KeptCall): KeptCall {
  const others = Object.entries(call).filter(([name]) => !OF_LEAD.some((hidden) => hidden === name));
  return Object.fromEntries(others) as unknown as KeptCall;
}
