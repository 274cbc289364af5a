import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { extname } from 'node:path';

import type { ImportErrand } from '../config/import-errand.ts';

/** In the published package it is JavaScript. */
const WORKER_FILE = new URL(`../cli/import-worker${extname(import.meta.filename)}`, import.meta.url);

/** What it says for the log: what went wrong that nobody expected. */
export interface ImportReport {
  readonly failure: string;
}

/** A tenth of what others get where all want the processor (nice). */
const LOW_PRIORITY = 10;
/** Of JavaScript's heap; a workbook of 200,000 rows needs less. Beyond it the process ends, and no other. */
const MOST_MEGABYTES = 512;

/** A server that ends waits for them so long. */
const STOPPING_MS = 5_000;

/** The processes that import, of this process. */
export type ImportProcesses = ReturnType<typeof createImportProcesses>;

/** Starts processes of this program that do what takes long with a file, and ends them with this one. */
export function createImportProcesses() {
  const running = new Map<ChildProcess, Promise<undefined>>();
  return {
    /**
     * @param onReport gets what is for the log
     * @param onEnd is called with its id once the process is gone, however it went
     * @returns its id; undefined: it could not be started, and `onEnd` follows
     */
    start(
      errand: ImportErrand,
      onReport: (report: ImportReport) => void,
      onEnd: (pid: number | undefined) => void,
    ): number | undefined {
      const child = fork(WORKER_FILE, {
        // Not those of this process: some would keep it from starting.
        execArgv: [`--max-old-space-size=${MOST_MEGABYTES}`],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      const ended = Promise.withResolvers<undefined>();
      running.set(child, ended.promise);
      child.on('message', (report: ImportReport) => onReport(report));
      const end = () => {
        if (!running.delete(child)) return;
        onEnd(child.pid);
        ended.resolve(undefined);
      };
      child.once('exit', end);
      child.on('error', (cause) => {
        onReport({ failure: cause.message });
        if (child.pid === undefined) end();
      });
      if (child.pid === undefined) return undefined;
      slowDown(child.pid);
      child.send(errand);
      return child.pid;
    },

    /** Asks all of them to stop, which they do between two batches; one that takes longer ends later. */
    async close(): Promise<void> {
      for (const child of running.keys()) if (child.connected) child.disconnect();
      const { promise: late, resolve } = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => resolve(undefined), STOPPING_MS);
      await Promise.race([Promise.all(running.values()), late]);
      clearTimeout(timer);
    },
  };
}

function slowDown(pid: number): void {
  try {
    setPriority(pid, LOW_PRIORITY);
  } catch {
    // It has ended already.
  }
}
