import { parentPort, workerData } from 'node:worker_threads';

import { doPersonTask } from '../../core/person-task.ts';
import { describeError } from '../../core/problem.ts';
import { openBeside } from './connection.ts';
import { createPersonStore } from './erasure.ts';
import type { PersonAnswer, PersonErrand } from './person-thread.ts';

// The thread that `createRunPersonTask` starts, for one task.
parentPort?.postMessage(await answer(workerData as PersonErrand));

async function answer({ path, identity, erasedDays, task }: PersonErrand): Promise<PersonAnswer> {
  try {
    const connection = openBeside(path, identity);
    try {
      return { done: await doPersonTask(createPersonStore(connection, erasedDays), task) };
    } finally {
      connection.database.close();
    }
  } catch (cause) {
    return { failure: describeError(cause) };
  }
}
