import { type Clock, withDeadline } from '../core/clock.ts';
import type { ReportedCall } from '../core/reported-call.ts';
import type { LogStoreEvent } from '../core/store.ts';

export const LATE_REPORTS = {
  /** Calls that wait at once: beyond that the next one is lost, and logged. */
  mostCalls: 2_000,
  /** Who has been on the phone for so long needs no card any more, and the log says what was not kept. */
  giveUpMs: 5 * 60_000,
  /** Between two tries, doubled with each that fails. */
  retryMs: 250,
  mostRetryMs: 2_000,
  /** For so long it is tried once more while this process ends. */
  lastTryMs: 1_500,
} as const;

/**
 * What came of a report: `shown`: cards have heard of it, but it is not kept; `failed`: neither. Both are tried again. `lost`: its domain is
 * not served any longer.
 */
export type Delivery = 'done' | 'shown' | 'failed' | 'lost';

/** @param isShown the cards hear of it. Never rejects */
export type DeliverReport = (call: ReportedCall, isShown: boolean) => Promise<Delivery>;

export interface LateReportsOptions {
  readonly deliver: DeliverReport;
  readonly clock: Clock;
  readonly log: LogStoreEvent;
  readonly limits?: Partial<Record<keyof typeof LATE_REPORTS, number>>;
}

/** What is waited with of one call: at most a report for each state, in their order. */
interface WaitingCall {
  readonly reports: ReportedCall[];
  readonly since: number;
}

/**
 * Reports of calls that could not be delivered because store or audit did not answer. They are delivered in their order as soon as that is
 * possible; cards hear of the newest of each call alone, so that none opens for a call that is over.
 */
export function createLateReports({ deliver, clock, log, ...options }: LateReportsOptions) {
  const limits = { ...LATE_REPORTS, ...options.limits };
  const waiting = createWaitingCalls(limits.mostCalls);
  const inOrder = createOrderedDelivery(deliver, waiting);
  let timer: NodeJS.Timeout | undefined;
  let trying: Promise<void> = Promise.resolve();
  let failures = 0;
  let lost = 0;
  let isClosed = false;

  function tryLater(): void {
    if (isClosed || timer !== undefined || waiting.count() === 0) return;
    const wait = Math.min(limits.mostRetryMs, limits.retryMs * 2 ** Math.min(failures, 10));
    timer = setTimeout(() => void (trying = tryNow()), wait).unref();
  }

  async function tryNow(): Promise<void> {
    const before = waiting.count();
    lost += waiting.forget(clock.monotonic() - limits.giveUpMs);
    failures = (await inOrder.deliverWaiting()) ? 0 : failures + 1;
    timer = undefined;
    sayGone();
    if (before > 0 && waiting.count() === 0) {
      logOver(log, lost);
      lost = 0;
    }
    tryLater();
  }

  const sayGone = () => logGone(log, inOrder.takeGone());

  return {
    /** Keeps a report and shows it, now or later. Never rejects. */
    async report(said: ReportedCall): Promise<void> {
      // However late it is kept, it happened when it was said.
      const call = { ...said, at: said.at ?? clock.wall() };
      const isDelivered = await inOrder.deliver(call);
      sayGone();
      if (isDelivered) return;
      if (isClosed) {
        logLost(log, 1);
        return;
      }
      const isFirst = waiting.count() === 0;
      if (!waiting.add(call, clock.monotonic())) lost += 1;
      else if (isFirst) logWaiting(log);
      tryLater();
    },
    /** Tries what waits once more; what cannot be delivered then is lost. Never rejects. */
    async close(): Promise<void> {
      isClosed = true;
      clearTimeout(timer);
      await withDeadline(
        trying.then(() => inOrder.deliverWaiting()),
        limits.lastTryMs,
        new Error('this process ends'),
      ).catch(() => undefined);
      inOrder.stop();
      sayGone();
      logLost(log, lost + waiting.count());
    },
  };
}

function logWaiting(log: LogStoreEvent): void {
  log({ level: 'warn', message: 'calls wait for the store or the audit, which cannot be used' });
}

function logGone(log: LogStoreEvent, reports: number): void {
  if (reports === 0) return;
  const message = `${reports} reports of calls are lost: their domain is not served any longer`;
  log({ level: 'warn', message });
}

function logOver(log: LogStoreEvent, lost: number): void {
  const message = 'no call waits any more for the store or the audit';
  if (lost === 0) log({ level: 'info', message });
  else log({ level: 'error', message: `${message}; lost: ${lost} that waited too long or were too many` });
}

function logLost(log: LogStoreEvent, calls: number): void {
  if (calls === 0) return;
  log({ level: 'error', message: `${calls} calls are lost that waited for the store or the audit` });
}

/** Delivers reports of one agent in their order. */
function createOrderedDelivery(deliver: DeliverReport, waiting: WaitingCalls) {
  let isStopped = false;
  /** Nothing can be kept, but the cards hear of it: then they need not wait. */
  let showsMeanwhile = false;
  let gone = 0;

  async function tryOnce(call: ReportedCall, isShown: boolean): Promise<Exclude<Delivery, 'lost'>> {
    const delivery = await deliver(call, isShown);
    showsMeanwhile = delivery === 'shown';
    if (delivery !== 'lost') return delivery;
    gone += 1;
    return 'done';
  }

  /** What waits of one agent. @returns whether nothing of it waits any more */
  async function deliverAllOf(agent: string): Promise<boolean> {
    for (let call = waiting.firstOf(agent); call !== undefined; call = waiting.firstOf(agent)) {
      const reports = [...call.reports];
      const newest = reports.at(-1);
      for (const report of reports) {
        if (isStopped) return false;
        const delivery = await tryOnce(report, report === newest);
        if (delivery === 'done') continue;
        // The cards need not wait until the ones before it can be kept.
        if (delivery === 'shown' && newest !== undefined && report !== newest) await deliver(newest, true);
        // The next try begins with somebody else: what is wrong may be wrong with this one.
        waiting.putLast(agent);
        return false;
      }
      waiting.remove(agent, call, reports.length);
    }
    return true;
  }

  return {
    /** How many were lost since it was asked last. */
    takeGone(): number {
      const taken = gone;
      gone = 0;
      return taken;
    },
    stop: (): void => void (isStopped = true),
    /** @returns false: it has to wait */
    async deliver(call: ReportedCall): Promise<boolean> {
      return (!waiting.has(call.agent) || showsMeanwhile) && (await tryOnce(call, true)) === 'done';
    },
    /** All that waits. @returns whether anything could be delivered */
    async deliverWaiting(): Promise<boolean> {
      // One agent first: while nothing can be delivered, one report fails and not all.
      const [first, ...others] = waiting.agents();
      const isWell = first === undefined || (await deliverAllOf(first));
      if (isWell) await Promise.all(others.map(deliverAllOf));
      return isWell;
    },
  };
}

type WaitingCalls = ReturnType<typeof createWaitingCalls>;

function createWaitingCalls(mostCalls: number) {
  /** By agent, then by the system's id of the call. */
  const agents = new Map<string, Map<string, WaitingCall>>();
  let count = 0;

  function drop(agent: string, callId: string): void {
    const calls = agents.get(agent);
    if (calls?.delete(callId) !== true) return;
    count -= 1;
    if (calls.size === 0) agents.delete(agent);
  }

  return {
    count: () => count,
    has: (agent: string) => agents.has(agent),
    agents: () => [...agents.keys()],
    firstOf: (agent: string) => agents.get(agent)?.values().next().value,
    putLast(agent: string): void {
      const calls = agents.get(agent);
      if (calls === undefined) return;
      agents.delete(agent);
      agents.set(agent, calls);
    },
    /** @returns false: too many wait */
    add(call: ReportedCall, now: number): boolean {
      const calls = agents.get(call.agent) ?? new Map<string, WaitingCall>();
      const known = calls.get(call.callId);
      if (known !== undefined) {
        // A state that is said twice is the same one.
        if (known.reports.every(({ state }) => state !== call.state)) known.reports.push(call);
        return true;
      }
      if (count >= mostCalls) return false;
      calls.set(call.callId, { reports: [call], since: now });
      agents.set(call.agent, calls);
      count += 1;
      return true;
    },
    /** Reports that were delivered; those that came meanwhile stay. */
    remove(agent: string, { reports }: WaitingCall, delivered: number): void {
      const [first] = reports.splice(0, delivered);
      if (first !== undefined && reports.length === 0) drop(agent, first.callId);
    },
    /** @returns how many */
    forget(before: number): number {
      const old = [...agents].flatMap(([agent, calls]) =>
        [...calls].filter(([, { since }]) => since < before).map(([callId]) => [agent, callId] as const),
      );
      for (const [agent, callId] of old) drop(agent, callId);
      return old.length;
    },
  };
}
