import cluster, { type Worker } from 'node:cluster';
import { extname, join } from 'node:path';

import type { ServedSettings } from '../served-settings.ts';
import type { Order, ReloadAnswer, Report } from './messages.ts';

/** The only program that is ever started: this one, as it was built. */
const FIRST_FILE = join(import.meta.dirname, `serve-worker${extname(import.meta.filename)}`);

/** A worker that has not said by then what became of other settings hangs. */
const ANSWER_MS = 10_000;

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
  /** Tells it to answer what it accepted and to end. */
  stop(): void;
  kill(): void;
}

/** Starts a process that serves by these settings, beside others that serve by the same. */
export function startWorker(settings: ServedSettings): WorkerProcess {
  // Not as JSON: what is undefined stays so.
  cluster.setupPrimary({ exec: FIRST_FILE, args: [], serialization: 'advanced' });
  const worker = cluster.fork();
  const listening = Promise.withResolvers<string | undefined>();
  const gone = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<undefined>();
  const asked = new Map<number, (answer: ReloadAnswer) => void>();
  let asks = 0;

  function end(how: string): void {
    gone.resolve(how);
    listening.resolve(undefined);
    for (const answer of asked.values()) answer({ problems: [`a worker ${how} while it took them`] });
    ended.resolve(undefined);
  }

  worker.on('message', (report: Report) => {
    if (report.report === 'listening') listening.resolve(report.url);
    else if (report.report === 'failing') gone.resolve('had an unexpected fault');
    else asked.get(report.id)?.(report);
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
    async reload(next) {
      const id = (asks += 1);
      const answer = Promise.withResolvers<ReloadAnswer>();
      asked.set(id, answer.resolve);
      const problems = [`a worker (process ${worker.process.pid ?? 0}) did not answer`];
      const late = setTimeout(() => answer.resolve({ problems }), ANSWER_MS);
      if (!worker.isDead()) send(worker, { order: 'reload', id, settings: next });
      try {
        return await answer.promise;
      } finally {
        clearTimeout(late);
        asked.delete(id);
      }
    },
    stop() {
      gone.resolve('was told to end');
      send(worker, { order: 'stop' });
    },
    kill: () => void worker.process.kill('SIGKILL'),
  };
}

/** One that cannot be reached has ended, or is about to: that is told by its end. */
function send(worker: Worker, order: Order): void {
  if (worker.isConnected()) worker.send(order, () => undefined);
}
