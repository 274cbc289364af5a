import {
  Collector,
  countersOf,
  mergeSnapshots,
  type Snapshot,
  writeExposition,
} from '../observe/exposition.ts';
import { createProcessMetrics } from '../observe/process-metrics.ts';
import type { WorkerProcess } from './worker-process.ts';

type Measuring = Pick<WorkerProcess, 'measure' | 'measured'>;

/** The metrics of several workers as those of one server. */
export interface PoolMetrics {
  /** As text; in little more than a second, whatever the workers do. */
  write(workers: Iterable<Measuring>): Promise<string>;
  /** What a worker counted stays counted after its end. */
  noteEnd(worker: Measuring): void;
}

/** @param size how many workers there are to be */
export function createPoolMetrics(size: number): PoolMetrics {
  const own = createProcessMetrics();
  let departed: Snapshot = new Map();
  const ended = new WeakSet<Measuring>();
  let ends = 0;

  return {
    async write(workers) {
      const asked = await Promise.all(
        [...workers].map(async (worker) => ({ worker, isDone: await worker.measure() })),
      );
      // What those that ended meanwhile counted is among the departed already.
      const present = asked.filter(({ worker }) => !ended.has(worker));
      // One that says nothing has counted all the same what it said before: a sum must not fall.
      const parts = present.map(({ worker: { measured }, isDone }) =>
        isDone ? measured : countersOf(measured),
      );
      const silent = present.filter(({ isDone }) => !isDone).length;
      const answering = parts.filter((part) => part.has('callercard_workers')).length;
      const collector = new Collector();
      own.read(collector);
      collector.put('callercard_workers', silent, { state: 'silent' });
      collector.put('callercard_workers', Math.max(0, size - answering - silent), { state: 'missing' });
      collector.put('callercard_worker_exits_total', ends);
      return writeExposition(mergeSnapshots([...parts, departed, collector.snapshot]));
    },
    noteEnd(worker) {
      departed = mergeSnapshots([departed, countersOf(worker.measured)]);
      ended.add(worker);
      ends += 1;
    },
  };
}
