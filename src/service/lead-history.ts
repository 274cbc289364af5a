import type { Principal } from '../auth/principal.ts';
import type { DialerCall, LeadHistory } from '../core/lead-history.ts';
import type { LeadStore, LookupResult, Page } from '../core/lead-store.ts';
import { maskHistory, masksOfSeen } from '../core/masks.ts';

/** A page of what happened with a lead of a dialer. */
export interface HistoryPage extends LeadHistory {
  /** On all pages. */
  readonly total: number;
}

/**
 * What a dialer keeps of the past of a lead that somebody has been shown, as far as they may see it.
 *
 * @returns undefined: calls and notes of this store are kept here
 */
export async function historyOf(
  leads: LeadStore,
  principal: Principal,
  result: LookupResult,
  page: Page,
): Promise<HistoryPage | undefined> {
  const history = await wholeHistoryOf(leads, principal, result);
  return history && { ...history, ...pageOf(history.entries, page) };
}

/** The calls of it alone. */
export async function dialerCallsOf(
  leads: LeadStore,
  principal: Principal,
  result: LookupResult,
  page: Page,
): Promise<{ readonly total: number; readonly entries: readonly DialerCall[] } | undefined> {
  const history = await wholeHistoryOf(leads, principal, result);
  return (
    history &&
    pageOf(
      history.entries.filter((entry) => entry.type === 'call'),
      page,
    )
  );
}

/** From whom a dialer may hide calls, by the user's name: what it hides from its agents is hidden here, too; tokens are the operator's. */
export function agentWhoReads({ viewer }: Principal): string | undefined {
  const isUser = typeof viewer === 'object' && 'identity' in viewer;
  return isUser ? (viewer.account?.name ?? '') : undefined;
}

async function wholeHistoryOf(
  leads: LeadStore,
  principal: Principal,
  result: LookupResult,
): Promise<LeadHistory | undefined> {
  if (leads.readHistory === undefined) return undefined;
  const history = await leads.readHistory(result.leadId, agentWhoReads(principal));
  return maskHistory(history, masksOfSeen(result));
}

function pageOf<Entry>(entries: readonly Entry[], { offset, limit }: Page) {
  return { total: entries.length, entries: entries.slice(offset, offset + limit) };
}
