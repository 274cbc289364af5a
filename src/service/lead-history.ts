import type { Principal } from '../auth/principal.ts';
import type { DialerCall, LeadHistory } from '../core/lead-history.ts';
import type { LeadStore, LookupResult, Page } from '../core/lead-store.ts';
import { maskHistory, masksOfSeen } from '../core/masks.ts';

/**
 * A page of what a dialer keeps of the past of a lead that somebody has been shown, as far as they may see it.
 *
 * @returns undefined: calls and notes of this store are kept here
 */
export async function historyOf(
  leads: LeadStore,
  principal: Principal,
  result: LookupResult,
  page: Page,
): Promise<LeadHistory | undefined> {
  const history = await newestOf(leads, principal, result, page);
  return history && { ...history, entries: onPage(history.entries, page) };
}

/** The calls of it alone. */
export async function dialerCallsOf(
  leads: LeadStore,
  principal: Principal,
  result: LookupResult,
  page: Page,
): Promise<{ readonly total: number; readonly entries: readonly DialerCall[] } | undefined> {
  const history = await newestOf(leads, principal, result, page);
  if (history === undefined) return undefined;
  const calls = history.entries.filter((entry) => entry.type === 'call');
  return { total: history.calls, entries: onPage(calls, page) };
}

/** From whom a dialer may hide calls, by the user's name: what it hides from its agents is hidden here, too; tokens are the operator's. */
export function agentWhoReads({ viewer }: Principal): string | undefined {
  const isUser = typeof viewer === 'object' && 'identity' in viewer;
  return isUser ? (viewer.account?.name ?? '') : undefined;
}

/** As much of it as the pages up to this one have. */
async function newestOf(
  leads: LeadStore,
  principal: Principal,
  result: LookupResult,
  { offset, limit }: Page,
): Promise<LeadHistory | undefined> {
  if (leads.readHistory === undefined) return undefined;
  const history = await leads.readHistory(result.leadId, agentWhoReads(principal), offset + limit);
  return maskHistory(history, masksOfSeen(result));
}

function onPage<Entry>(entries: readonly Entry[], { offset, limit }: Page): readonly Entry[] {
  return entries.slice(offset, offset + limit);
}
