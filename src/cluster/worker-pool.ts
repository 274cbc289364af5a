import { setTimeout as sleep } from 'node:timers/promises';

import type { Reloaded } from '../app.ts';
import { CommandFailure, EXIT, type ExitCode } from '../process/exit-code.ts';
import type { ServedSettings } from '../process/serve-app.ts';
import { onReloadSignal, onStop } from '../process/signals.ts';
import type { Terminal } from '../process/terminal.ts';
import { PoolExchange } from './pool-exchange.ts';
import { PoolMetrics } from './pool-metrics.ts';
import { settingsBeside, shareOf } from './share.ts';
import { WorkerProcess } from './worker-process.ts';

/** By then a worker has answered what it accepted (src/http/listener.ts); one that is still there hangs. */
const STOP_MS = 9_500;

/**
 * Serves by several worker processes until a signal comes; a second signal ends all of them at once. This process opens
 * no store and answers no requests: it reads the settings, hands them out, and replaces workers that end.
 */
export async function servePrimary(
  settings: ServedSettings,
  terminal: Terminal,
  { read, onListening, onNoUsers }: PrimaryOptions,
): Promise<ExitCode> {
  const pool = new WorkerPool(settings, terminal, onNoUsers);
  // Workers end with this process, also after an error.
  process.once('exit', () => pool.kill());
  const stopped = onStop(terminal);
  const endReloading = onReloadSignal(terminal, read, (next) => pool.reload(next));
  const started = pool.start().then((url) => {
    if (url === undefined) return 'fault';
    onListening(url);
    return stopped;
  });
  const why = await Promise.race([stopped, started]);
  const isOrderly = await pool.stop();
  endReloading();
  return why !== 'fault' && isOrderly ? EXIT.ok : EXIT.failed;
}

interface PrimaryOptions {
  /** Gets the URL once every worker takes requests. */
  readonly onListening: (url: string) => void;
  /** Reads the settings again, for SIGHUP. */
  readonly read: () => ServedSettings;
  /** Gets the name of a domain that has no user, from each worker that sees it. */
  readonly onNoUsers: (domain: string) => void;
}

/** The place of one worker: it gets another one when its worker ends. */
interface WorkerSlot {
  readonly number: number;
  worker: WorkerProcess;
  /** Since when its worker takes requests, by the monotonic clock. */
  since: number | undefined;
}

/** The workers of one installation, as many as the settings say. */
class WorkerPool {
  readonly #terminal: Terminal;
  readonly #onNoUsers: (domain: string) => void;
  readonly #size: number;
  readonly #first: ServedSettings;
  /** What new workers serve by. */
  #settings: ServedSettings;
  /** None until every worker takes requests. */
  #slots: readonly WorkerSlot[] = [];
  readonly #running = new Set<WorkerProcess>();
  readonly #metrics = new PoolMetrics();
  readonly #exchange = new PoolExchange(this.#running);
  readonly #stopping = new AbortController();

  constructor(settings: ServedSettings, terminal: Terminal, onNoUsers: (domain: string) => void) {
    this.#terminal = terminal;
    this.#onNoUsers = onNoUsers;
    this.#size = settings.config.workers;
    this.#first = shareOf(settings, this.#size);
    this.#settings = this.#first;
  }

  /** @returns the URL once all take requests; undefined: one cannot serve, and has said why */
  async start(): Promise<string | undefined> {
    // The first alone: what is wrong is said once, and one process brings a store to its newest form.
    const workers = [this.#spawn()];
    const url = await workers[0]?.listening;
    if (url === undefined) return undefined;
    while (workers.length < this.#size) workers.push(this.#spawn());
    const urls = await Promise.all(workers.map(({ listening }) => listening));
    if (urls.includes(undefined)) return undefined;
    const since = performance.now();
    this.#slots = workers.map((worker, at) => ({ number: at + 1, worker, since }));
    for (const slot of this.#slots) void this.#keepRunning(slot);
    return url;
  }

  /**
   * Gives every worker new settings, one alone first: what it refuses, the others do not get.
   *
   * @throws {CommandFailure} they cannot be used; the former ones stay in use
   */
  async reload(settings: ServedSettings): Promise<Reloaded> {
    const share = shareOf(settings, this.#size);
    const [first, ...others] = this.#slots.filter(({ since }) => since !== undefined);
    if (first === undefined)
      throw new CommandFailure('no worker answers at the moment; send SIGHUP again when one does');
    const asked = Date.now();
    const result = await first.worker.reload(share);
    if ('problems' in result) throw new CommandFailure(result.problems.join('\ncallercard: '));
    this.#exchange.forget([...result.reloaded.changed, ...result.reloaded.removed], asked);
    this.#settings = settingsBeside(this.#first, share);
    await Promise.all(others.map((slot) => this.#applySettings(slot)));
    return result.reloaded;
  }

  /** Ends the workers once they have answered what they accepted. @returns false: one had to be killed */
  async stop(): Promise<boolean> {
    this.#stopping.abort();
    for (const worker of this.#running) worker.stop();
    const all = Promise.all([...this.#running].map(({ exited }) => exited));
    const isOrderly = await Promise.race([all.then(() => true), sleep(STOP_MS, false, { ref: false })]);
    if (isOrderly) return true;
    this.kill();
    await all;
    this.#terminal.err('callercard: a worker did not end in time, and was ended by force');
    return false;
  }

  /** Ends the workers at once. */
  kill(): void {
    for (const worker of this.#running) worker.kill();
  }

  #spawn(): WorkerProcess {
    const worker = new WorkerProcess(this.#settings, {
      writeMetrics: () => this.#metrics.write(this.#running, this.#size),
      measured: () => this.#exchange.noteMetrics(),
      ask: (request, from) => this.#exchange.take(request, from),
      noUsers: this.#onNoUsers,
    });
    this.#running.add(worker);
    this.#exchange.noteStart(worker);
    void worker.exited.then(() => {
      this.#running.delete(worker);
      this.#metrics.noteExit(worker);
      this.#exchange.noteExit(worker);
    });
    return worker;
  }

  async #keepRunning(slot: WorkerSlot): Promise<void> {
    const { signal } = this.#stopping;
    const backoff = new RestartBackoff();
    for (;;) {
      const reason = await slot.worker.gone;
      if (signal.aborted) return;
      const delayMs = backoff.delayAfter(slot.since === undefined ? 0 : performance.now() - slot.since);
      slot.since = undefined;
      this.#log(slot, `${reason}; another one starts ${delayMs === 0 ? 'now' : `in ${delayMs / 1000} s`}`);
      if (!(await sleep(delayMs, true, { signal }).catch(() => false))) return;
      slot.worker = this.#spawn();
      void slot.worker.listening.then((url) => url !== undefined && this.#onListening(slot, url));
    }
  }

  #onListening(slot: WorkerSlot, url: string): void {
    slot.since = performance.now();
    this.#log(slot, `answers at ${url}`);
    // The others got new settings while it started.
    if (slot.worker.settings !== this.#settings) void this.#applySettings(slot);
  }

  /** A worker that refuses what the others took is replaced. */
  async #applySettings(slot: WorkerSlot): Promise<void> {
    const { worker } = slot;
    const result = await worker.reload(this.#settings);
    if (!('problems' in result)) return;
    for (const problem of result.problems) this.#terminal.err(`callercard: ${problem}`);
    this.#log(slot, 'cannot take the settings that others took');
    worker.stop();
  }

  #log({ number, worker }: WorkerSlot, message: string): void {
    this.#terminal.err(`callercard: worker ${number} (process ${worker.pid ?? 0}) ${message}`);
  }
}

/** A worker that served this long before it ended was a good one. */
const STEADY_MS = 10_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before a worker is replaced: not at all, unless it follows another one shortly. Then each wait is twice
 * as long, because what ended both will most likely end the next, and a start takes a core for half a second.
 */
export class RestartBackoff {
  #quickExits = 0;

  /** @param servedMs how long the worker took requests; 0: it never did */
  delayAfter(servedMs: number): number {
    this.#quickExits = servedMs < STEADY_MS ? this.#quickExits + 1 : 0;
    return this.#quickExits < 2 ? 0 : Math.min(FIRST_MS * 2 ** (this.#quickExits - 2), LONGEST_MS);
  }
}
