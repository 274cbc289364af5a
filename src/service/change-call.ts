import type { Principal, RequestContext } from '../auth/principal.ts';
import type { CallAmendment, KeptCall, ReportedAs } from '../core/call-store.ts';
import type { Clock } from '../core/clock.ts';
import type { NumberSettings } from '../core/phone.ts';
import { parseQuery } from '../core/query.ts';
import { RIGHT_BIT } from '../core/rights.ts';
import { NOT_YET } from './change-lead.ts';
import { type LeadPorts, outcomeOf } from './lookup.ts';
import type { Pipeline } from './pipeline.ts';
import type { CallPorts, Recipient } from './report-call.ts';
import type { ScopePort } from './search.ts';
import { type Answer, refused } from './work.ts';

export interface ChangeCallRequest extends RequestContext, Omit<CallAmendment, 'at'> {
  readonly callId: string;
}

/** A call after somebody has said something of it, and at whose card it is. */
export interface ChangedCall {
  readonly call: KeptCall;
  readonly news: ReportedAs['news'];
  readonly recipient: Recipient;
}

interface ChangeCallPorts extends LeadPorts, ScopePort {
  readonly store: CallPorts;
  readonly clock: Clock;
}

/**
 * Says how far a call has come, how it ended, or what it was about. The agent whose call it is may do so with the right `edit`. A lead
 * that is named becomes that of a call of none, where whoever names it may see it and the number of the call is its.
 */
export function createChangeCall({ run }: Pipeline, ports: ChangeCallPorts) {
  const { store, clock } = ports;
  return (request: ChangeCallRequest): Promise<Answer<ChangedCall>> => {
    const { callId, state, outcome, note, isAsRead } = request;
    return run<ChangedCall>(request, { orRight: 'edit' }, async (principal) => {
      const { accounts, calls } = store();
      if (calls === undefined) return refused({ code: 'read_only_store' });
      const call = await calls.read(callId);
      // Before it is said that there is no such call.
      const isOwn = call !== undefined && call.account === principal.accountId && state === undefined;
      if ((principal.rights & RIGHT_BIT.calls) === 0 && !isOwn)
        return refused({ code: 'api_not_allowed', user: principal.user, right: 'calls' });
      if (call === undefined) return refused({ code: 'call_not_found', asked: callId });
      const [{ identity }, leadId] = await Promise.all([
        accounts.read(call.user),
        leadFor(ports, principal, call, request.leadId),
      ]);
      const said = Object.entries({ state, outcome, note, lead_id: leadId });
      const fields = said.filter(([, value]) => value !== undefined).map(([field]) => field);
      const about = { recipient: identity, fields, ...(leadId !== undefined && { leadId }) };
      return {
        records: [{ action: 'call_changed', ...about } as const],
        answer: NOT_YET,
        async commit() {
          const amendment = { state, outcome, note, leadId, isAsRead, at: clock.wall() };
          const changed = await calls.amend(callId, amendment);
          if (changed === undefined) return { problem: { code: 'call_not_found', asked: callId } };
          if (changed === 'changed') return { problem: { code: 'changed_meanwhile' } };
          return { ...changed, recipient: { user: identity, account: call.account } };
        },
      };
    });
  };
}

/** @returns undefined: the call is not, or stays, of the lead that is named */
async function leadFor(
  ports: ChangeCallPorts,
  principal: Principal,
  { leadId: known, phone }: KeptCall,
  named: number | undefined,
): Promise<number | undefined> {
  if (named === undefined || known !== undefined || phone === undefined) return undefined;
  const leads = ports.leadsFor(principal);
  const numbers: NumberSettings = ports.numbers;
  const query = parseQuery({ leadId: String(named), phoneNumber: phone }, ports.country(), numbers);
  if ('code' in query) return undefined;
  const found = outcomeOf(query, await leads.find(query, await ports.scopeOf(principal)), leads, numbers);
  return 'result' in found && found.phoneMatch !== 'none' ? found.result.leadId : undefined;
}
