import type { Principal } from '../auth/principal.ts';
import type { CallStore } from '../core/call-store.ts';
import type { LeadDetails } from '../core/lead-details.ts';
import type { LeadStore, LookupResult } from '../core/lead-store.ts';
import type { ListScope } from '../core/lead.ts';
import type { PhoneNumber } from '../core/phone.ts';
import {
  finishedCalls,
  type LastCall,
  lastCallIn,
  type PastEntry,
  type PastPorts,
  readPast,
} from './card-past.ts';
import { holderOf } from './number-holder.ts';

/** What a card says of a customer beside the lead's own values. */
export interface CardFacts {
  readonly lastCall?: LastCall | undefined;
  /** Hours by which clocks where the customer lives are ahead of UTC, as the dialer has it. */
  readonly gmtOffset?: number | undefined;
  /** A list of numbers that nobody may call has one of the customer's: the whole dialer's, or that of a campaign. */
  readonly doNotCall?: 'everywhere' | { readonly campaign: string } | undefined;
  /**
   * What happened before, the newest first: not the last call, unless something was noted of it. Undefined: nothing is known of
   * the past.
   */
  readonly earlier?: readonly PastEntry[] | undefined;
}

/** So many entries of the past a card shows. */
const EARLIER = 4;
/** Of a number that nobody has, or several have. */
const NEWEST_OF_NUMBER = { offset: 0, limit: 5 };

/**
 * What a store keeps beside the lead. Of a dialer's lead it is one history, whose statements run side by side
 * (docs/decisions/0058).
 */
export async function readFacts(
  ports: PastPorts,
  principal: Principal,
  result: LookupResult,
  now: number,
): Promise<CardFacts> {
  const leads = ports.leadsFor(principal);
  const [details, past] = await Promise.all([
    leads.readDetails(result.leadId),
    readPast(ports, principal, result, now),
  ]);
  const facts = factsIn(details);
  if (past === undefined) return facts;
  const { entries, doNotCall } = past;
  const newest = entries.find((entry) => entry.type === 'call');
  const lastCall = laterOf(facts.lastCall, newest, past.isOwn);
  const earlier = entries.filter(
    (entry) => entry !== lastCall || ('note' in entry && entry.note !== undefined),
  );
  return {
    ...facts,
    lastCall,
    doNotCall,
    ...(entries.length > 0 && { earlier: earlier.slice(0, EARLIER) }),
  };
}

/** A dialer writes `last_local_call_time` by the clock where the customer lives, the times of its logs by its own. */
const CLOCKS_APART_MS = 14 * 60 * 60 * 1000;

/** @param isOwn times of both are of one clock */
function laterOf(
  stored: LastCall | undefined,
  call: LastCall | undefined,
  isOwn: boolean,
): LastCall | undefined {
  if (stored === undefined || call === undefined) return call ?? stored;
  return call.at + (isOwn ? 0 : CLOCKS_APART_MS) >= stored.at ? call : stored;
}

/** A call of a number, and whose it was. */
export interface CallOfNumber extends LastCall {
  readonly leadId?: number | undefined;
}

/** The newest calls of a number with leads that somebody may see, and with nobody. */
export async function readCallsOf(
  phone: PhoneNumber,
  { leads, calls }: { readonly leads: LeadStore; readonly calls: CallStore | undefined },
  scope: ListScope,
  now: number,
): Promise<readonly CallOfNumber[]> {
  if (calls === undefined) return [];
  const isOthers = (await holderOf(leads, scope, phone)) === 'others';
  const kept = await calls.find({ numberKey: phone.key, scope, isOthers }, NEWEST_OF_NUMBER);
  return finishedCalls(kept.calls, now).map((call) => ({ ...lastCallIn(call), leadId: call.leadId }));
}

export function factsIn(details: LeadDetails): CardFacts {
  const at = timeIn(details.last_local_call_time);
  const offset = Number(details.gmt_offset_now ?? 0);
  return {
    ...(at !== undefined && { lastCall: { at } }),
    // The dialer writes 0 where it has not looked it up.
    ...(offset !== 0 && Math.abs(offset) <= MOST_HOURS && { gmtOffset: offset }),
  };
}

const MOST_HOURS = 14;

/** What the dialer's own import writes for a lead that was never called. */
const NEVER = '2008-01-01 00:00:00';

/** A time of the clock of this machine, as stores write it: `2026-06-01 10:00:00`. */
function timeIn(stored: string | number | null | undefined): number | undefined {
  if (typeof stored !== 'string' || stored === NEVER || !/^[1-9]\d{3}-/.test(stored)) return undefined;
  const at = new Date(stored.replace(' ', 'T')).getTime();
  return Number.isNaN(at) ? undefined : at;
}
