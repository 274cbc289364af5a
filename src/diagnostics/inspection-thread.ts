import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/store.ts';

/** In the published package this file and the worker's are JavaScript. */
const WORKER_FILE = new URL(`./inspection-worker${extname(import.meta.filename)}`, import.meta.url);
/** The sound check of a store of many millions of leads takes minutes. */
const LONGEST_MS = 10 * 60 * 1000;

/** What the thread is told. */
export interface InspectionErrand {
  readonly config: Config;
  /** The domain is the only one: what belongs to the whole installation is its admins' matter, too. */
  readonly isAlone: boolean;
}

/**
 * Inspects a domain on a thread of its own: a store is read as a whole. Requests are answered meanwhile.
 *
 * @returns what is not as it should be; rejects where the thread fails
 */
export function runInspection(errand: InspectionErrand): Promise<readonly Inspection[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Inspection[]>();
  const worker = new Worker(WORKER_FILE, { workerData: errand, execArgv: [] });
  const timer = setTimeout(() => {
    reject(new Error(`the inspection took longer than ${LONGEST_MS / 60_000} minutes`));
    void worker.terminate();
  }, LONGEST_MS).unref();
  worker.unref();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => {
    clearTimeout(timer);
    reject(new Error('the thread of the inspection ended'));
  });
  return promise;
}
