import type { Principal, RequestContext } from '../auth/principal.ts';
import type { CallStore } from '../core/call-store.ts';
import type { Clock } from '../core/clock.ts';
import type { LeadStore, LookupResult } from '../core/lead-store.ts';
import type { LiveAgent } from '../core/live-agent.ts';
import { maskNumber, maskNumbersOf, masksOfSeen } from '../core/masks.ts';
import type { Store } from '../core/store.ts';
import { finishedCalls } from './card-past.ts';
import type { Pipeline } from './pipeline.ts';
import { type CallPorts, showCalls } from './read-calls.ts';
import { byLeadId } from './record-work.ts';
import type { Work } from './work.ts';

interface AgentRequest extends RequestContext {
  /** The agent's user name. */
  readonly agent: string;
}

/** What an agent does, as somebody may see it: of a lead beyond their lists neither id nor number. */
export interface SeenAgent {
  /** Undefined: nobody of this name is logged in; `denied`: that is not known. */
  readonly agent: LiveAgent | 'denied' | undefined;
  /** The dialer's own number of the lead at the customer; undefined: there is none. */
  readonly vendorLeadCode?: string | undefined;
}

interface AgentPorts extends Omit<CallPorts, 'store'> {
  readonly store: () => Pick<Store, 'accounts' | 'calls' | 'readLiveAgent'>;
  readonly clock: Clock;
}

/** Of somebody's newest calls, one of these may go on. */
const NEWEST = { offset: 0, limit: 8 };

/**
 * What an agent does at this moment: by the live tables of a dialer, else by the calls that are kept here, which do not know who is
 * logged in.
 */
export function createReadAgent(pipeline: Pipeline, ports: AgentPorts) {
  return ({ agent, ...context }: AgentRequest) =>
    pipeline.run<SeenAgent>(context, {}, async (principal) => {
      const { accounts, calls, readLiveAgent } = ports.store();
      const { account, identity } = await accounts.read(agent);
      const asked = { action: 'calls_read', recipient: identity } as const;
      const nobody: Work<SeenAgent> = { records: [asked], answer: { agent: undefined } };
      if (account?.active !== true) return nobody;
      if (readLiveAgent === undefined) {
        if (calls === undefined) return nobody;
        const { seen, lead } = await agentOfCalls(ports, calls, principal, account.id);
        return workOf(ports.leadsFor(principal), asked, seen, lead);
      }
      const live = await readLiveAgent(account.name);
      if (live === undefined || live === 'denied') return { records: [asked], answer: { agent: live } };
      const leads = ports.leadsFor(principal);
      const { leadId } = live;
      const lead = leadId === undefined ? undefined : await leads.find(byLeadId(leadId), principal.viewer);
      return workOf(leads, asked, shownTo(live, lead), lead);
    });
}

async function workOf(
  leads: LeadStore,
  asked: { readonly action: 'calls_read'; readonly recipient: string },
  agent: LiveAgent,
  lead: LookupResult | undefined,
): Promise<Work<SeenAgent>> {
  if (lead === undefined) return { records: [asked], answer: { agent } };
  const { vendor_lead_code: code } = await leads.readDetails(lead.leadId);
  const vendorLeadCode = code === undefined || code === null ? undefined : String(code);
  return { records: [{ ...asked, leadId: lead.leadId }], answer: { agent, vendorLeadCode } };
}

/** An agent of a dialer, whose every call is of a lead. */
function shownTo(live: LiveAgent, lead: LookupResult | undefined): LiveAgent {
  const { leadId, phone, ...rest } = live;
  if (leadId === undefined || lead === undefined) return rest;
  const hasCall = live.direction !== undefined;
  const number = phone ?? lead.lead.phone_number ?? '';
  const shown = maskNumbersOf(masksOfSeen(lead)) && phone !== undefined ? maskNumber(number) : number;
  return { ...rest, leadId, ...(hasCall && { phone: shown }) };
}

async function agentOfCalls(
  ports: AgentPorts,
  calls: CallStore,
  principal: Principal,
  account: string,
): Promise<{ readonly seen: LiveAgent; readonly lead?: LookupResult | undefined }> {
  const newest = (await calls.find({ account }, NEWEST)).calls;
  const over = new Set(finishedCalls(newest, ports.clock.wall()));
  const current = newest.filter((call) => !over.has(call));
  // Whoever speaks may be called meanwhile.
  const own = current.find(({ state }) => state === 'answered') ?? current[0];
  if (own === undefined) return { seen: { state: 'ready' } };
  const [shown] = await showCalls(ports, principal, await ports.scopeOf(principal), [own]);
  if (shown === undefined) return { seen: { state: 'ready' } };
  const { call, lead } = shown;
  const { phone, direction, line } = call;
  const seen: LiveAgent = {
    state: call.state === 'answered' ? 'in call' : 'ringing',
    ...(lead !== undefined && { leadId: lead.leadId }),
    ...(phone !== undefined && { phone }),
    ...(direction !== undefined && { direction, isManual: direction === 'outbound' }),
    ...(line !== undefined && { campaign: { id: line, name: line } }),
  };
  return { seen, lead };
}
