import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { skipWithout } from './programs.ts';

const isLinux = process.platform === 'linux';

/** Why tests that look for a server's own processes are skipped; false where they run. */
export const processTreeSkip = skipWithout('/proc (Linux)', isLinux, 'linux-image-amd64');

/** The processes that a process has started, in the order in which it did. */
export function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Waits until none of these processes runs any more; a zombie does not run. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  for (let tries = 0; pids.some(isRunning); tries += 1) {
    if (tries > 500) throw new Error(`they go on: ${pids.filter(isRunning).join(', ')}`);
    await setTimeout(10);
  }
}

function isRunning(pid: number): boolean {
  try {
    // The name in brackets may hold anything; what follows is the state.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
