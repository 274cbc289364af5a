import { BoundedMap } from '../core/bounded-map.ts';
import { type CallSource, type ReportedAs, SAME_CALL_MS } from '../core/call-store.ts';
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
    const newCallId = shownIds.next(report);
    const outcome = await context.reportCall({
      ...{ endpoint: source, right: 'calls', requestId: `${source}-${report.callId}`, address: source },
      credentials: { kind: 'operator' },
      ...{ ...report, newCallId, source, query },
    });
    // What failed is in the log, as that of every request.
    if ('problem' in outcome) return MAY_PASS.has(outcome.problem.code) ? 'failed' : 'done';
    const { recipient, reported, unkept } = outcome;
    const isKeptHere = reported !== undefined || unkept !== undefined;
    const delivery: Delivery = unkept === undefined ? 'done' : 'shown';
    if (recipient === undefined || !(isKeptHere || context.isReadOnly())) return delivery;
    const id = isKeptHere ? shownIds.of(report, newCallId, reported) : undefined;
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

interface ShownId {
  readonly id: string;
  readonly isKept: boolean;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

/**
 * One id for a call, at the cards and in the store: what cards show while a call cannot be kept is the id under which it is kept
 * later.
 */
function createShownIds(clock: Clock) {
  const shown = new BoundedMap<string, ShownId>(MOST_SHOWN);
  const keyOf = ({ agent, callId }: ReportId) => `${agent}\0${callId}`;

  function knownAs(key: string): ShownId | undefined {
    const known = shown.get(key);
    return known !== undefined && clock.monotonic() - known.at < SAME_CALL_MS ? known : undefined;
  }

  return {
    /** For a call that begins: the id of the one that waits to be kept, else a new one. No two calls are kept under the same. */
    next(report: ReportId): string {
      const known = knownAs(keyOf(report));
      return known === undefined || known.isKept ? makeCallId() : known.id;
    },
    /**
     * @param next what `next` gave for this report
     * @param reported as the call is kept; undefined: it could not be
     */
    of(report: ReportId, next: string, reported: ReportedAs | undefined): string {
      const key = keyOf(report);
      const known = knownAs(key);
      // That of another call with the same id of its source is not this one's.
      const kept = reported?.news === 'call' ? reported.call.callId : (known?.id ?? reported?.call.callId);
      const id = kept ?? next;
      const isKept = reported !== undefined || known?.isKept === true;
      if (known?.id !== id || known.isKept !== isKept) shown.set(key, { id, isKept, at: clock.monotonic() });
      return id;
    },
  };
}

type ReportId = Pick<ReportedCall, 'agent' | 'callId'>;
