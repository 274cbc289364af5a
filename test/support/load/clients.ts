import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { LoadFigures, LoadPlan } from './plan.ts';

const FILE = join(import.meta.dirname, 'client-process.ts');

/**
 * Does plans, each in a process of its own, so that clients and server do not wait for each other's event loop. They begin
 * together, once all are connected.
 */
export async function runClients<const Plans extends readonly LoadPlan[]>(
  ...plans: Plans
): Promise<{ readonly [At in keyof Plans]: LoadFigures }> {
  const started = plans.map((plan) => ({
    plan,
    child: fork(FILE, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] }),
  }));
  const ends = started.map(({ child }) => once(child, 'exit'));
  try {
    await Promise.all(started.map(({ child, plan }) => exchange(child, plan)));
    const replies = await Promise.all(started.map(({ child }) => exchange(child, 'go')));
    return replies.map(({ figures }) => figures) as { readonly [At in keyof Plans]: LoadFigures };
  } finally {
    for (const { child } of started) if (child.connected) child.disconnect();
    await Promise.all(ends);
  }
}

interface Reply {
  readonly figures?: LoadFigures;
  readonly failed?: string;
}

/** Sends a message to a process, and waits for its reply. */
async function exchange(child: ChildProcess, message: LoadPlan | 'go'): Promise<Reply> {
  const gone = once(child, 'exit').then((): Reply => ({ failed: 'the clients ended early' }));
  const answer = once(child, 'message').then(([reply]) => reply as Reply);
  child.send(message);
  const reply = await Promise.race([answer, gone]);
  if (reply.failed !== undefined) throw new Error(reply.failed);
  return reply;
}
