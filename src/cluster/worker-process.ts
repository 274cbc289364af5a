import cluster, { type Worker } from 'node:cluster';
import { extname, join } from 'node:path';

import type { Snapshot } from '../observe/exposition.ts';
import type { ServedSettings } from '../process/serve-app.ts';
import {
  type Command,
  PendingReplies,
  type PoolNews,
  type PoolRequest,
  type ReloadResult,
  type WorkerEvent,
} from './ipc.ts';

/** The only program that is ever started: this one, as it was built. */
const FIRST_FILE = join(import.meta.dirname, `serve-worker${extname(import.meta.filename)}`);

/** A worker that has not said by then what became of new settings hangs. */
const RELOAD_MS = 10_000;
/** The same for its metrics: a client waits for them. */
const MEASURE_MS = 1_000;

/** What a worker needs of the others. */
export interface PoolServices {
  /** The metrics of all workers, for a client of this one. */
  writeMetrics(): Promise<string>;
  /** Its metrics have come. */
  measured(): void;
  ask(request: PoolRequest, from: WorkerProcess): void;
  /** The store of a domain has no user. */
  noUsers(domain: string): void;
}

/** One worker, as the primary sees it. */
export class WorkerProcess {
  readonly #listening = Promise.withResolvers<string | undefined>();
  readonly #gone = Promise.withResolvers<string>();
  readonly #exited = Promise.withResolvers<undefined>();
  /** The URL once it takes requests; undefined: it ended before. */
  readonly listening = this.#listening.promise;
  /** Resolves, with the reason, when it takes no more requests and needs a replacement. */
  readonly gone = this.#gone.promise;
  readonly exited = this.#exited.promise;
  readonly pid: number | undefined;
  /** By which it serves. */
  settings: ServedSettings;
  /** As it sent them last. */
  metrics: Snapshot = new Map();
  readonly #worker: Worker;
  readonly #reloads = new PendingReplies<ReloadResult>();
  readonly #measurements = new PendingReplies<boolean>();

  /** Starts a process that serves by these settings, at the same address as the other workers. */
  constructor(settings: ServedSettings, services: PoolServices) {
    // JSON would drop what is undefined.
    cluster.setupPrimary({ exec: FIRST_FILE, args: [], serialization: 'advanced' });
    this.#worker = cluster.fork();
    this.settings = settings;
    this.pid = this.#worker.process.pid;
    this.#worker.on('message', (event: WorkerEvent) => this.#handle(event, services));
    this.#worker.on('exit', (code: number | null, signal: string | null) => {
      this.#end(
        signal === null || signal === '' ? `ended with code ${String(code)}` : `was ended by ${signal}`,
      );
    });
    this.#worker.on('error', (cause: NodeJS.ErrnoException) => {
      if (this.pid === undefined) this.#end(`could not be started (${cause.code ?? cause.name})`);
    });
    this.#send({ command: 'serve', settings });
  }

  /** Never rejects: a worker that ends meanwhile has refused the settings. */
  reload(settings: ServedSettings): Promise<ReloadResult> {
    this.settings = settings;
    const late = { problems: [`a worker (process ${this.pid ?? 0}) did not answer`] };
    return this.#reloads.request((id) => this.#send({ command: 'reload', id, settings }), RELOAD_MS, late);
  }

  /** Brings `metrics` up to date. @returns false: it did not answer in time */
  measure(): Promise<boolean> {
    return this.#measurements.request((id) => this.#send({ command: 'measure', id }), MEASURE_MS, false);
  }

  /** Has it answer what it accepted and end. */
  stop(): void {
    this.#gone.resolve('was stopped');
    this.#send({ command: 'stop' });
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  /**
   * Tells it of the others.
   *
   * @param taken called when its end has taken the message, or it is lost
   */
  send(news: PoolNews, taken: () => void): void {
    this.#send(news, taken);
  }

  #handle(event: WorkerEvent, services: PoolServices): void {
    if (event.event === 'listening') this.#listening.resolve(event.url);
    else if (event.event === 'no users') services.noUsers(event.domain);
    else if (event.event === 'failing') this.#gone.resolve('had an unexpected fault');
    else if (event.event === 'reloaded') this.#reloads.resolve(event.id, event);
    else if (event.event === 'measured') {
      this.metrics = event.metrics;
      this.#measurements.resolve(event.id, true);
      services.measured();
    } else if (event.event === 'metrics wanted') {
      void services.writeMetrics().then((text) => this.#send({ command: 'metrics', id: event.id, text }));
    } else services.ask(event, this);
  }

  #end(how: string): void {
    this.#gone.resolve(how);
    this.#listening.resolve(undefined);
    this.#reloads.resolveAll({ problems: [`a worker ${how} while it took them`] });
    this.#measurements.resolveAll(false);
    this.#exited.resolve(undefined);
  }

  /** A worker that cannot be reached has ended or is about to; its exit is handled. */
  #send(command: Command, taken: () => void = () => undefined): void {
    if (this.#worker.isConnected()) this.#worker.send(command, taken);
    else taken();
  }
}
