import type { Principal } from '../auth/principal.ts';
import type { CallStore, KeptCall } from '../core/call-store.ts';
import type { Clock } from '../core/clock.ts';
import type { PhoneNumber } from '../core/phone.ts';
import { parseQuery } from '../core/query.ts';
import type { LeadPorts } from './lookup.ts';
import { holderOf } from './number-holder.ts';
import type { ScopePort } from './search.ts';

export interface OwnCallPorts extends LeadPorts, ScopePort {
  /** Undefined: the store keeps no calls. */
  readonly calls: () => CallStore | undefined;
  readonly clock: Clock;
}

/** What was said yesterday, nobody writes down any more. */
const NOTED_MS = 24 * 60 * 60 * 1000;
/** So many of somebody's calls are looked through: nobody goes back further to write something down. */
const NEWEST = { offset: 0, limit: 20 };

interface Shown {
  /** Undefined: nobody is shown. */
  readonly leadId?: number;
  /** The number that was asked for. */
  readonly phone: PhoneNumber | undefined;
}

/**
 * The last call that somebody had with whom a card shows: one of the lead's, or of no lead and with the number that was asked for.
 *
 * @returns undefined: there is none of the last day
 */
export async function readOwnCall(
  ports: OwnCallPorts,
  principal: Principal,
  { leadId, phone }: Shown,
): Promise<KeptCall | undefined> {
  const { accountId: account } = principal;
  const calls = ports.calls();
  if (calls === undefined || account === undefined) return undefined;
  const since = ports.clock.wall() - NOTED_MS;
  const newest = await calls.find({ account }, NEWEST);
  const isWithNumber = (sent: string | undefined) => {
    const { phone: read } = {
      phone: undefined,
      ...parseQuery({ phoneNumber: sent }, ports.country(), ports.numbers),
    };
    return phone !== undefined && read?.key === phone.key;
  };
  const own = newest.calls.find(
    (call) =>
      call.startedAt > since &&
      (call.leadId === undefined ? isWithNumber(call.phone) : call.leadId === leadId),
  );
  if (own === undefined || leadId !== undefined || phone === undefined) return own;
  // Of several leads that they may not see: what was said of it is not for them.
  const holder = await holderOf(ports.leadsFor(principal), await ports.scopeOf(principal), phone);
  return holder === 'others' ? undefined : own;
}
