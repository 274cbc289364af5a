import type { Clock } from '../core/clock.ts';
import type { Source } from './exposition.ts';
import type { Log } from './log.ts';
import {
  type ConnectorState,
  createMetrics,
  type DomainState,
  readCalls,
  readConnectors,
  readDomains,
} from './metrics.ts';
import { createTrafficHistory } from './traffic-history.ts';

/** What the parts of a server say of themselves at any moment. */
interface ServerParts {
  /** Names of the domains at the start. */
  readonly names: readonly string[];
  readonly states: () => readonly DomainState[];
  readonly connectors: () => readonly ConnectorState[];
  readonly listener: { readonly shed: number; readonly unread: number };
  readonly log: Pick<Log, 'lines'>;
  readonly calls: {
    readonly counts: () => { readonly cards: number; readonly notified: ReadonlyMap<string, number> };
  };
}

interface ServerMetricsOptions {
  readonly clock: Pick<Clock, 'wall'>;
  /** The metrics of all workers, where this process is one of several. */
  readonly writeMetrics: (() => Promise<string>) | undefined;
  /** Whether anybody may read them. */
  readonly isOpen: boolean;
}

/** The metrics of a server, and what is kept of them for the console. */
export function createServerMetrics(parts: ServerParts, options: ServerMetricsOptions) {
  const { names, states, calls } = parts;
  const metrics = createMetrics(names, {
    traffic: [readCalls(() => calls.counts().notified, states)],
    others: [readDomains(states), readShared(parts), readConnectors(parts.connectors)],
  });
  const traffic = createTrafficHistory(metrics.trafficSamples, options.writeMetrics, options.clock);
  return {
    ...metrics,
    traffic,
    start(): void {
      if (options.isOpen) metrics.start();
      traffic.start();
    },
    stop(): void {
      metrics.stop();
      traffic.stop();
    },
  };
}

/** Metrics of what the domains share. */
function readShared({ listener, log: { lines }, calls }: ServerParts): Source {
  return (collector) => {
    collector.put('callercard_overload_refused_total', listener.shed);
    collector.put('callercard_slow_connections_closed_total', listener.unread);
    collector.put('callercard_log_lines_dropped_total', lines.droppedLines);
    collector.put('callercard_log_buffered_bytes', lines.bufferedBytes);
    collector.put('callercard_cards_open', calls.counts().cards);
  };
}
