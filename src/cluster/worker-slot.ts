import { setTimeout } from 'node:timers/promises';

import type { ServedSettings } from '../process/serve-app.ts';
import type { Terminal } from '../process/terminal.ts';
import type { ReloadAnswer } from './messages.ts';
import { createRestartDelay } from './restart-delay.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A place for one worker, which is filled again when it becomes empty. */
export interface WorkerSlot {
  /** The URL of the first worker here, once it takes requests; undefined: it could not. */
  readonly listening: Promise<string | undefined>;
  readonly isListening: boolean;
  /** Asks the worker to take other settings. */
  reload(settings: ServedSettings): Promise<ReloadAnswer>;
  /** Has the worker follow the others; one that cannot is replaced by one that begins where they are. */
  followOthers(): Promise<void>;
}

export interface WorkerSlotOptions {
  readonly number: number;
  readonly terminal: Terminal;
  /** What workers are to serve by, shared out. */
  readonly current: () => ServedSettings;
  /** Starts a worker that serves by these. */
  readonly hire: () => WorkerProcess;
  /** Whether all have begun: until then one that cannot begin is not replaced. */
  readonly isUp: () => boolean;
  /** Aborted: nobody is replaced any more. */
  readonly stopping: AbortSignal;
}

export function createWorkerSlot({
  number,
  terminal,
  current,
  hire,
  isUp,
  stopping,
}: WorkerSlotOptions): WorkerSlot {
  const pauses = createRestartDelay();
  let worker = hire();
  /** By which it serves. */
  let settings = current();
  /** Since when it takes requests; monotonic. */
  let since: number | undefined;
  const say = (words: string) =>
    terminal.err(`callercard: worker ${number} (process ${worker.pid ?? 0}) ${words}`);

  async function keepFilled(): Promise<void> {
    for (;;) {
      void worker.listening.then((url) => url !== undefined && welcome(url));
      const why = await worker.gone;
      const hasBegun = isUp() || since !== undefined;
      if (stopping.aborted || !hasBegun) return;
      const pauseMs = pauses.after(since === undefined ? 0 : performance.now() - since);
      since = undefined;
      say(`${why}; another one starts ${pauseMs === 0 ? 'now' : `in ${pauseMs / 1000} s`}`);
      if (!(await isPast(pauseMs, stopping))) return;
      [worker, settings] = [hire(), current()];
    }
  }

  function welcome(url: string): void {
    since = performance.now();
    if (isUp()) say(`answers at ${url}`);
    if (settings !== current()) void followOthers();
  }

  async function followOthers(): Promise<void> {
    const asked = worker;
    settings = current();
    const answer = await asked.reload(settings);
    if (!('problems' in answer)) return;
    for (const problem of answer.problems) terminal.err(`callercard: ${problem}`);
    say('cannot take the settings that others took');
    asked.stop();
  }

  void keepFilled();
  return {
    listening: worker.listening,
    get isListening() {
      return since !== undefined;
    },
    reload: (next) => worker.reload(next),
    followOthers,
  };
}

/** @returns false when it was not waited for */
async function isPast(ms: number, stopping: AbortSignal): Promise<boolean> {
  await setTimeout(ms, undefined, { signal: stopping }).catch(() => undefined);
  return !stopping.aborted;
}
