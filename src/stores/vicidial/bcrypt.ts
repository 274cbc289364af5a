import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { BcryptAnswer, BcryptTask } from './bcrypt-worker.ts';

/** In the published package this file and the worker's are JavaScript. */
const WORKER_FILE = new URL(`./bcrypt-worker${extname(import.meta.filename)}`, import.meta.url);

export type Bcrypt = ReturnType<typeof createBcrypt>;

/** bcrypt on one thread, which the first password starts. It keeps the process alive only while somebody waits for it. */
export function createBcrypt() {
  let thread: ReturnType<typeof startThread> | undefined;
  let isClosed = false;
  return {
    /**
     * The last 31 characters of a bcrypt string. Rejects when the salt or the cost is none, and when the thread ends;
     * the next one gets a new thread.
     */
    async digest(password: string, salt: Uint8Array, cost: number): Promise<string> {
      if (isClosed) throw new Error('bcrypt is closed');
      if (thread === undefined || thread.isOver()) thread = startThread();
      // A copy: a small Buffer would take the whole pool along in which it lies.
      return thread.ask({ password, salt: Uint8Array.from(salt), cost });
    },
    /** Ends the thread; what is under way is rejected. */
    async close(): Promise<void> {
      isClosed = true;
      await thread?.end();
    },
  };
}

function startThread() {
  // Without the options of this process: some, such as --input-type, would keep the thread from starting.
  const worker = new Worker(WORKER_FILE, { execArgv: [] });
  worker.unref();
  /** In the order in which the thread answers. */
  let waiting: PromiseWithResolvers<string>[] = [];
  let isOver = false;

  function lose(cause: Error): void {
    isOver = true;
    for (const { reject } of waiting) reject(cause);
    waiting = [];
  }

  worker.on('message', (answer: BcryptAnswer) => {
    const first = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if ('digest' in answer) first?.resolve(answer.digest);
    else first?.reject(answer.failure);
  });
  worker.on('error', (cause) => lose(new Error('the bcrypt thread failed', { cause })));
  worker.on('exit', () => lose(new Error('the bcrypt thread ended')));

  return {
    isOver: () => isOver,
    ask(task: BcryptTask): Promise<string> {
      const mine = Promise.withResolvers<string>();
      waiting.push(mine);
      worker.ref();
      worker.postMessage(task);
      return mine.promise;
    },
    end: () => worker.terminate(),
  };
}
