import { BoundedMap } from '../../core/bounded-map.ts';
import type { FloorCall, FloorSnapshot } from '../../core/floor.ts';
import type { ReportedCall } from '../../core/reported-call.ts';

/** A call that was there before anybody looked is reported if it is younger. */
export const YOUNG_MS = 30_000;
/** Calls that have ended, which are not taken for new ones if they are seen again. */
const ENDED_LIMIT = 20_000;
const AGENTS_LIMIT = 5_000;
const NO_LEAD = 0;

/** A call that is at an agent. */
interface LiveCall {
  readonly reported: ReportedCall;
  /** It was there before anybody looked: its agent has seen it, and nothing is said of it but its end. */
  readonly isSilent: boolean;
}

/**
 * Makes reports of calls out of what the floor of a dialer looks like from time to time. A call is known by its agent and its id:
 * each is reported once, whatever was missed in between or is seen twice.
 */
export function createFloorTracker() {
  const live = new Map<string, LiveCall>();
  const news = createNews();
  let lookedAt: number | undefined;

  function begin(key: string, call: FloorCall, now: number): readonly ReportedCall[] {
    if (!isShowable(call) || !news.isNew(key, call)) return [];
    const at = beganAt(call, now, lookedAt);
    const reported = { ...reportOf(call, call.callId ?? `${PREVIEW}${call.leadId} ${at}`), at };
    const isSilent = lookedAt === undefined && !isYoung(call);
    live.set(key, { reported, isSilent });
    return isSilent ? [] : [reported];
  }

  function goOn(key: string, { reported, isSilent }: LiveCall, call: FloorCall, now: number) {
    if (reported.state !== 'ringing' || call.state !== 'answered' || call.isStale) return [];
    const answered = { ...reportOf(call, reported.callId), at: beganAt(call, now, lookedAt) };
    live.set(key, { reported: answered, isSilent });
    return isSilent ? [] : [answered];
  }

  function end(key: string, { reported }: LiveCall, now: number, present: ReadonlyMap<string, FloorCall>) {
    live.delete(key);
    news.noteEnd(key, reported);
    const answeredBy = reported.state === 'ringing' ? answererOf(reported.callId, present) : undefined;
    return { ...reported, state: 'ended', at: now, ...(answeredBy !== undefined && { answeredBy }) } as const;
  }

  return {
    /** @param now milliseconds since 1970, UTC @returns in the order in which it happened at each agent */
    take(calls: FloorSnapshot, now: number): readonly ReportedCall[] {
      const present = new Map<string, FloorCall>();
      for (const call of calls) if (!present.has(keyOf(call))) present.set(keyOf(call), call);
      const gone = [...live].filter(([key]) => !present.has(key));
      const reports: ReportedCall[] = gone.map(([key, call]) => end(key, call, now, present));
      for (const [key, call] of present) {
        const known = live.get(key);
        reports.push(...(known === undefined ? begin(key, call, now) : goOn(key, known, call, now)));
      }
      lookedAt = now;
      return reports;
    },
  };
}

const PREVIEW = 'preview ';

/** Remembers what was there, so that it is not taken for new when it is seen again. */
function createNews() {
  const ended = new BoundedMap<string, true>(ENDED_LIMIT);
  /** The lead that an agent looked at last, if there was no call since. */
  const previewed = new BoundedMap<string, number>(AGENTS_LIMIT);
  return {
    isNew(key: string, { agent, callId, leadId = NO_LEAD }: FloorCall): boolean {
      if (callId !== undefined && ended.get(key) === true) return false;
      if (callId === undefined && previewed.get(agent) === leadId) return false;
      previewed.set(agent, callId === undefined ? leadId : NO_LEAD);
      return true;
    },
    /** A lead may be looked at again, after another one. */
    noteEnd(key: string, { callId }: ReportedCall): void {
      if (!callId.startsWith(PREVIEW)) ended.set(key, true);
    },
  };
}

function keyOf({ agent, callId, leadId }: FloorCall): string {
  return callId === undefined ? `${agent}\0${PREVIEW}${leadId}` : `${agent}\0${callId}`;
}

/** Until there is something to show, and it is known to be there still, it is not taken up. */
function isShowable({ isStale, phone, leadId }: FloorCall): boolean {
  return !isStale && (phone !== undefined || leadId !== undefined);
}

function isYoung({ ageMs }: FloorCall): boolean {
  return ageMs !== undefined && ageMs >= 0 && ageMs < YOUNG_MS;
}

/** When something new came to be: not before the floor was looked at last. */
function beganAt({ ageMs = 0 }: FloorCall, now: number, lookedAt = now - YOUNG_MS): number {
  return Math.round(now - Math.min(Math.max(0, ageMs), Math.max(0, now - lookedAt)));
}

/** Who has a call. */
function answererOf(callId: string, present: ReadonlyMap<string, FloorCall>): string | undefined {
  return [...present.values()].find((call) => call.callId === callId && call.state === 'answered')?.agent;
}

function reportOf({ agent, state, direction, phone, leadId, line }: FloorCall, callId: string): ReportedCall {
  return { callId, agent, state, direction, phone, leadId, line };
}
