import type { AgentExtension, AsteriskAddress } from '../../config/asterisk-settings.ts';
import type { Clock } from '../../core/clock.ts';
import type { ReportCall, ReportedCall } from '../../core/reported-call.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import type { Connector } from '../run-connectors.ts';
import { createAgentDirectory, type FindAgent } from './find-agents.ts';
import { keepSession, type KeepTimes } from './keep-session.ts';
import type { SessionTimes } from './manager-session.ts';
import type { ManagerMessage } from './read-events.ts';
import { askedOf, CallTracker, isOfCalls } from './track-calls.ts';

/** Events that wait; with more of them nothing is read until there are half as many, and Asterisk waits. */
const MOST_WAITING = 1_000;
/** How often calls are looked for of which nothing is heard any more. */
const SWEEP_MS = 60_000;

export interface AsteriskOptions {
  readonly address: AsteriskAddress;
  readonly agents: readonly AgentExtension[];
  /** The agent who has an extension that `agents` does not name. */
  readonly findAgent: FindAgent;
  /** Whether a text is a telephone number that leads may have. */
  readonly isNumber: (text: string) => boolean;
  readonly report: ReportCall;
  readonly log: LogStoreEvent;
  readonly clock: Clock;
  readonly times?: Partial<KeepTimes & SessionTimes> | undefined;
}

/** What is known of the connector at this moment, for metrics. */
export interface AsteriskCounts {
  readonly isConnected: boolean;
  readonly reconnects: number;
  readonly events: number;
  readonly reports: number;
}

export interface AsteriskConnector extends Connector {
  counts(): AsteriskCounts;
}

/** Reports the calls of an Asterisk at the agents of one domain until it is closed. Never throws. */
export function startAsterisk(options: AsteriskOptions): AsteriskConnector {
  const { address, report, log, clock, times } = options;
  const agents = createAgentDirectory(options.agents, options.findAgent, clock, log);
  const tracker = new CallTracker({
    agentOf: (extension) => agents.agentOf(extension),
    isNumber: options.isNumber,
    now: () => clock.monotonic(),
  });
  const waiting = createWaitingEvents(async (next) => {
    if (typeof next === 'function') return reportAll(next());
    // Asked before, so that the tracker itself need not wait.
    await agents.load(askedOf(next));
    return reportAll(tracker.take(next));
  });
  let events = 0;
  let reports = 0;

  async function reportAll(calls: readonly ReportedCall[]): Promise<void> {
    reports += calls.length;
    for (const call of calls) await report(call);
  }

  const session = keepSession({
    ...{ address, log, times },
    take(event) {
      events += 1;
      // Most are of other kinds.
      if (isOfCalls(event) && waiting.add(event) >= MOST_WAITING) session.pause();
    },
    joined: () => void waiting.add(() => tracker.interrupt()),
  });
  waiting.onFew(() => session.resume());
  const sweeping = setInterval(() => waiting.add(() => tracker.sweep()), SWEEP_MS).unref();

  return {
    counts: () => ({ isConnected: session.isConnected, reconnects: session.reconnects, events, reports }),
    async close() {
      clearInterval(sweeping);
      await session.close();
      const left = await waiting.close();
      if (left > 0) log({ level: 'warn', message: `${left} events of Asterisk are not read any more` });
    },
  };
}

type Next = ManagerMessage | (() => readonly ReportedCall[]);

/** Events one after the other, as each may change what the next one means. */
function createWaitingEvents(work: (next: Next) => Promise<void>) {
  let items: Next[] = [];
  let running: Promise<void> | undefined;
  let isClosed = false;
  let left = 0;
  let notifyFew = (): void => undefined;

  async function run(): Promise<void> {
    let at = 0;
    for (; at < items.length && !isClosed; at += 1) {
      const next = items[at];
      if (next !== undefined) await work(next);
      if (at + 1 < MOST_WAITING / 2) continue;
      items = items.slice(at + 1);
      at = -1;
      if (items.length < MOST_WAITING / 2) notifyFew();
    }
    left = items.length - at;
    items = [];
    running = undefined;
    notifyFew();
  }

  return {
    /** @returns how many wait */
    add(next: Next): number {
      if (isClosed) return 0;
      items.push(next);
      running ??= run();
      return items.length;
    },
    /** @param notify called when few of many are left */
    onFew(notify: () => void): void {
      notifyFew = notify;
    },
    /** What waits is dropped, once what is worked on is done. @returns how much */
    async close(): Promise<number> {
      isClosed = true;
      await running;
      return left;
    },
  };
}
