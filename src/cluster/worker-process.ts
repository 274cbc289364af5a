import cluster, { type Worker } from 'node:cluster';
import { extname, join } from 'node:path';

import type { Snapshot } from '../observe/exposition.ts';
import type { ServedSettings } from '../process/serve-app.ts';
import { createPendingReplies } from './pending-replies.ts';
import { trackHandoff } from './connection-handoff.ts';
import type { Command, ReloadAnswer, WorkerEvent } from './messages.ts';

/** The only program that is ever started: this one, as it was built. */
const FIRST_FILE = join(import.meta.dirname, `serve-worker${extname(import.meta.filename)}`);

/** A worker that has not said by then what became of other settings hangs. */
const ANSWER_MS = 10_000;
/** The same for what it has measured: somebody waits for the answer. */
const MEASURE_MS = 1_000;

/** One worker, as the primary sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** The URL once it takes requests; undefined: it ended before. */
  readonly listening: Promise<string | undefined>;
  /** Resolves, in words, when it will take no more requests, so that another one is needed. */
  readonly gone: Promise<string>;
  readonly ended: Promise<void>;
  /** Never rejects: a worker that ends meanwhile has refused. */
  reload(settings: ServedSettings): Promise<ReloadAnswer>;
  /** What it has measured, as it said last. */
  readonly measured: Snapshot;
  /** Has it measure anew; false: it did not in time. */
  measure(): Promise<boolean>;
  /** Tells it to answer what it accepted and to end. */
  stop(): void;
  kill(): void;
}

/**
 * Starts a process that serves by these settings, beside others that serve by the same.
 *
 * @param writeMetrics the metrics of all, for when somebody asks this one
 */
export function startWorker(settings: ServedSettings, writeMetrics: () => Promise<string>): WorkerProcess {
  // Not as JSON: what is undefined stays so.
  cluster.setupPrimary({ exec: FIRST_FILE, args: [], serialization: 'advanced' });
  const worker = cluster.fork();
  const closeHandover = trackHandoff(worker);
  const listening = Promise.withResolvers<string | undefined>();
  const gone = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<undefined>();
  const reloads = createPendingReplies<ReloadAnswer>();
  const measurements = createPendingReplies<boolean>();
  let measured: Snapshot = new Map();

  function end(how: string): void {
    closeHandover();
    gone.resolve(how);
    listening.resolve(undefined);
    reloads.takeForAll({ problems: [`a worker ${how} while it took them`] });
    measurements.takeForAll(false);
    ended.resolve(undefined);
  }

  worker.on('message', (report: WorkerEvent) => {
    if (report.report === 'listening') listening.resolve(report.url);
    else if (report.report === 'failing') gone.resolve('had an unexpected fault');
    else if (report.report === 'reloaded') reloads.take(report.id, report);
    else if (report.report === 'measured') {
      measured = report.measured;
      measurements.take(report.id, true);
    } else void writeMetrics().then((text) => send(worker, { order: 'metrics', id: report.id, text }));
  });
  worker.on('exit', (code: number | null, signal: string | null) => {
    end(signal === null || signal === '' ? `ended with code ${String(code)}` : `was ended by ${signal}`);
  });
  worker.on('error', (cause: NodeJS.ErrnoException) => {
    if (worker.process.pid === undefined) end(`could not be started (${cause.code ?? cause.name})`);
  });
  send(worker, { order: 'serve', settings });

  return {
    pid: worker.process.pid,
    listening: listening.promise,
    gone: gone.promise,
    ended: ended.promise,
    reload(next) {
      const problems = [`a worker (process ${worker.process.pid ?? 0}) did not answer`];
      const order = (id: number) => send(worker, { order: 'reload', id, settings: next });
      return reloads.ask(order, ANSWER_MS, { problems });
    },
    get measured() {
      return measured;
    },
    measure: () => measurements.ask((id) => send(worker, { order: 'measure', id }), MEASURE_MS, false),
    stop() {
      gone.resolve('was told to end');
      send(worker, { order: 'stop' });
    },
    kill: () => void worker.process.kill('SIGKILL'),
  };
}

/** One that cannot be reached has ended, or is about to: that is told by its end. */
function send(worker: Worker, order: Command): void {
  if (worker.isConnected()) worker.send(order, () => undefined);
}
