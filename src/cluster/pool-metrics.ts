import {
  Collector,
  countersOf,
  mergeSnapshots,
  type Snapshot,
  writeExposition,
} from '../observe/exposition.ts';
import { createProcessMetrics } from '../observe/process-metrics.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The metrics of several workers as those of one server. */
export class PoolMetrics {
  readonly #own = createProcessMetrics();
  /** The totals of exited workers: a counter must not fall. */
  #exited: Snapshot = new Map();
  #exits = 0;

  /** To be called when the worker is removed from the running ones. */
  noteExit({ metrics }: WorkerProcess): void {
    this.#exited = mergeSnapshots([this.#exited, countersOf(metrics)]);
    this.#exits += 1;
  }

  /**
   * As text, in little more than a second, even if workers hang.
   *
   * @param size how many workers the settings ask for
   */
  async write(running: ReadonlySet<WorkerProcess>, size: number): Promise<string> {
    const asked = await Promise.all(
      [...running].map(async (worker) => ({ worker, hasAnswered: await worker.measure() })),
    );
    // Those that exited meanwhile are in the totals already.
    const present = asked.filter(({ worker }) => running.has(worker));
    // Of one that does not answer the counters stand as it sent them last: a sum must not fall.
    const parts = present.map(({ worker: { metrics }, hasAnswered }) =>
      hasAnswered ? metrics : countersOf(metrics),
    );
    const silent = present.filter(({ hasAnswered }) => !hasAnswered).length;
    const answering = parts.filter((part) => part.has('callercard_workers')).length;
    const collector = new Collector();
    this.#own.read(collector);
    collector.put('callercard_workers', silent, { state: 'silent' });
    collector.put('callercard_workers', Math.max(0, size - answering - silent), { state: 'missing' });
    collector.put('callercard_worker_exits_total', this.#exits);
    return writeExposition(mergeSnapshots([...parts, this.#exited, collector.snapshot]));
  }
}
