import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

import { StoreFailure } from '../../core/lead-store.ts';
import type { PersonTask, PersonTaskResults, RunPersonTask } from '../../core/person-task.ts';

/** In the published package this file and the worker's are JavaScript. */
const WORKER_FILE = new URL(`./person-worker${extname(import.meta.filename)}`, import.meta.url);

/** The file of a store that this process has open. */
interface PersonFile {
  readonly path: string;
  /** `OwnFile.identity` */
  readonly identity: string;
  readonly erasedDays: number;
}

/** What the thread is told. */
export interface PersonErrand extends PersonFile {
  readonly task: PersonTask;
}

export type PersonAnswer =
  { readonly done: PersonTaskResults[PersonTask['what']] } | { readonly failure: string };

/**
 * @returns does with people in a store what takes long, on a thread of its own: all changes, notes and comments are read for a
 *   number, and the file is written anew after an erasure. Requests are answered meanwhile.
 */
export function createRunPersonTask({ path, identity, erasedDays }: PersonFile): RunPersonTask {
  return <What extends PersonTask['what']>(task: Extract<PersonTask, { readonly what: What }>) => {
    const { promise, resolve, reject } = Promise.withResolvers<PersonTaskResults[What]>();
    // Without the options of this process: some, such as --input-type, would keep the thread from starting.
    const worker = new Worker(WORKER_FILE, {
      workerData: { path, identity, erasedDays, task } satisfies PersonErrand,
      execArgv: [],
    });
    worker.once('message', (answer: PersonAnswer) => {
      if ('failure' in answer) reject(new StoreFailure(new Error(answer.failure)));
      else resolve(answer.done as PersonTaskResults[What]);
    });
    worker.once('error', (cause) => reject(new StoreFailure(cause)));
    worker.once('exit', () => reject(new StoreFailure(new Error('the thread ended'))));
    return promise;
  };
}
