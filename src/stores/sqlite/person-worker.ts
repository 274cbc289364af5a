import { parentPort, workerData } from 'node:worker_threads';

import { doPersonTask } from '../../core/person-task.ts';
import { describeError } from '../../core/problem.ts';
import { openBeside } from './connection.ts';
import { createCountUnknown } from './calls.ts';
import { createPersonStore } from './erasure.ts';
import type { PersonAnswer, PersonErrand } from './person-thread.ts';

// The thread that `createRunPersonTask` starts, for one task.
parentPort?.postMessage(await answer(workerData as PersonErrand));

async function answer({ path, identity, erasedDays, task }: PersonErrand): Promise<PersonAnswer> {
  try {
    const connection = openBeside(path, identity);
    try {
      const persons = createPersonStore(connection, erasedDays);
      // Prepared when it is asked for: a state file has no table of calls.
      const countUnknown = (before: number) =>
        Promise.resolve(createCountUnknown(connection.database)(before));
      const calls = { countUnknown };
      return { done: await doPersonTask({ persons, calls }, task) };
    } finally {
      connection.database.close();
    }
  } catch (cause) {
    return { failure: describeError(cause) };
  }
}
