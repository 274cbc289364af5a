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
    await Promise.all(started.map(({ child, plan }) => tell(child, plan)));
    const told = await Promise.all(started.map(({ child }) => tell(child, 'go')));
    return told.map(({ figures }) => figures) as { readonly [At in keyof Plans]: LoadFigures };
  } finally {
    for (const { child } of started) if (child.connected) child.disconnect();
    await Promise.all(ends);
  }
}

interface Told {
  readonly figures?: LoadFigures;
  readonly failed?: string;
}

/** @returns what a process says to it */
async function tell(child: ChildProcess, message: LoadPlan | 'go'): Promise<Told> {
  const gone = once(child, 'exit').then((): Told => ({ failed: 'the clients ended early' }));
  const answer = once(child, 'message').then(([said]) => said as Told);
  child.send(message);
  const told = await Promise.race([answer, gone]);
  if (told.failed !== undefined) throw new Error(told.failed);
  return told;
}
