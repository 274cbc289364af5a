import { BoundedMap } from '../core/bounded-map.ts';
import { type CallSource, SAME_CALL_MS } from '../core/call-store.ts';
import type { Clock } from '../core/clock.ts';
import { parseQuery } from '../core/query.ts';
import type { ReportedCall } from '../core/reported-call.ts';
import type { CallHub } from '../events/call-hub.ts';
import { makeCallId } from '../events/call.ts';
import { publishReport } from '../events/publish-report.ts';
import type { DomainContext } from '../service/services.ts';
import type { Delivery, DeliverReport } from './late-reports.ts';

/** Calls of which it is remembered under which id cards know them. */
const MOST_SHOWN = 10_000;

/**
 * What becomes of a connector's reports, for one domain: each is recorded as if its operator had made it, kept where calls are
 * kept here, and shown on the agent's cards, also while it cannot be kept.
 *
 * @param domain as it is at that moment: a reload may bring another one
 */
export function deliverReportOf(
  domain: () => DomainContext | undefined,
  source: Exclude<CallSource, 'api'>,
  calls: CallHub,
  clock: Clock,
): DeliverReport {
  const shownIds = createShownIds(clock);
  return async ({ phone, leadId, ...report }, isShown) => {
    const context = domain();
    if (context === undefined) return 'lost';
    const query = queryOf(context, phone, leadId);
    const outcome = await context.reportCall({
      ...{ endpoint: source, right: 'calls', requestId: `${source}-${report.callId}`, address: source },
      credentials: { kind: 'operator' },
      ...{ ...report, source, query },
    });
    // What failed is in the log, as that of every request.
    if ('problem' in outcome) return MAY_PASS.has(outcome.problem.code) ? 'failed' : 'done';
    const { recipient, reported, unkept } = outcome;
    const isKeptHere = reported !== undefined || unkept !== undefined;
    const delivery: Delivery = unkept === undefined ? 'done' : 'shown';
    if (recipient === undefined || !(isKeptHere || context.isReadOnly())) return delivery;
    const id = isKeptHere ? shownIds.of(report, reported?.call.callId) : undefined;
    const target = { domain: context.domain, store: context.storeFile(), ...recipient };
    const { callId, state, direction, line, answeredBy, at } = report;
    const said = { source, callId, state, direction, line, answeredBy, at, id };
    if (isShown) publishReport(calls, target, { ...said, phone: query?.phone?.asSent, leadId }, reported);
    return delivery;
  };
}

/** Undefined: an anonymous caller has no number. Such a report is of a call that is known already. */
function queryOf(context: DomainContext, phoneNumber: string | undefined, leadId: number | undefined) {
  const { country, settings } = context.numbering();
  const asked = parseQuery({ leadId: leadId?.toString(), phoneNumber }, country, settings);
  return 'code' in asked ? undefined : asked;
}

/** What is over when store or audit answer again. */
const MAY_PASS: ReadonlySet<string> = new Set(['store_unavailable', 'audit_unavailable']);

/** One id for a call at the cards, though it may be kept under another one later. */
function createShownIds(clock: Clock) {
  const shown = new BoundedMap<string, { readonly id: string; readonly at: number }>(MOST_SHOWN);
  return {
    /** @param kept under which it is kept; undefined: it could not be */
    of({ agent, callId }: Pick<ReportedCall, 'agent' | 'callId'>, kept: string | undefined): string {
      const key = `${agent}\0${callId}`;
      const known = shown.get(key);
      if (known !== undefined && clock.monotonic() - known.at < SAME_CALL_MS) return known.id;
      const id = kept ?? makeCallId();
      shown.set(key, { id, at: clock.monotonic() });
      return id;
    },
  };
}
