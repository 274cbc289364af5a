import { setTimeout } from 'node:timers/promises';

import type { Reloaded } from '../app.ts';
import { CommandFailure } from '../process/exit-code.ts';
import type { ServedSettings } from '../process/serve-app.ts';
import type { Terminal } from '../process/terminal.ts';
import { createPoolMetrics } from './pool-metrics.ts';
import { createWorkerSlot, type WorkerSlot } from './worker-slot.ts';
import { settingsBeside, shareOf } from './share.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

/** What was accepted is answered by then (src/http/connections.ts); a worker that is still there hangs. */
const STOP_MS = 9_500;

/** The workers of one installation. */
export interface WorkerPool {
  /** @returns the URL once all take requests; undefined: one cannot serve, and has said why */
  start(): Promise<string | undefined>;
  /**
   * Gives every worker other settings.
   *
   * @throws {CommandFailure} they cannot be used; all stays as it was
   */
  reload(settings: ServedSettings): Promise<Reloaded>;
  /** Ends the workers once they have answered what they accepted. False: one had to be ended by force. */
  stop(): Promise<boolean>;
  /** Ends them at once. */
  kill(): void;
}

/** Keeps as many workers as the settings say. */
export function createWorkerPool(settings: ServedSettings, terminal: Terminal): WorkerPool {
  const size = settings.config.workers;
  const places: WorkerSlot[] = [];
  const alive = new Set<WorkerProcess>();
  const stopping = new AbortController();
  const first = shareOf(settings, size);
  const metrics = createPoolMetrics(size);
  let current = first;
  let isUp = false;

  function hire(): WorkerProcess {
    const worker = startWorker(current, () => metrics.write(alive));
    alive.add(worker);
    void worker.ended.then(() => {
      alive.delete(worker);
      metrics.noteEnd(worker);
    });
    return worker;
  }

  function open(): WorkerSlot {
    const place = createWorkerSlot({
      number: places.length + 1,
      terminal,
      current: () => current,
      hire,
      isUp: () => isUp,
      stopping: stopping.signal,
    });
    places.push(place);
    return place;
  }

  return {
    async start() {
      // The first alone: what is wrong is told once, and a store is brought to its newest form by one process.
      const url = await open().listening;
      if (url === undefined) return undefined;
      while (places.length < size) open();
      const heard = await Promise.all(places.map(({ listening }) => listening));
      isUp = !heard.includes(undefined);
      return isUp ? url : undefined;
    },
    async reload(next) {
      const share = shareOf(next, size);
      const reloaded = await askOne(isUp ? places : [], share);
      current = settingsBeside(first, share);
      await Promise.all(places.filter(({ isListening }) => isListening).map((place) => place.followOthers()));
      return reloaded;
    },
    async stop() {
      stopping.abort();
      const isOrderly = await stopAll(alive);
      if (!isOrderly) terminal.err('callercard: a worker did not end in time, and was ended by force');
      return isOrderly;
    },
    kill() {
      for (const worker of alive) worker.kill();
    },
  };
}

/** One alone first: what it refuses, the others are not asked to take. */
async function askOne(places: readonly WorkerSlot[], settings: ServedSettings): Promise<Reloaded> {
  const answer = await places.find(({ isListening }) => isListening)?.reload(settings);
  if (answer === undefined) {
    throw new CommandFailure('no worker answers at the moment; send SIGHUP again when one does');
  }
  if ('problems' in answer) throw new CommandFailure(answer.problems.join('\ncallercard: '));
  return answer.reloaded;
}

async function stopAll(workers: ReadonlySet<WorkerProcess>): Promise<boolean> {
  for (const worker of workers) worker.stop();
  const all = Promise.all([...workers].map(({ ended }) => ended));
  const isOrderly = await Promise.race([all.then(() => true), setTimeout(STOP_MS, false, { ref: false })]);
  if (isOrderly) return true;
  for (const worker of workers) worker.kill();
  await all;
  return false;
}
