import { setTimeout as pause } from 'node:timers/promises';

import type { RunningServer } from './command.ts';

/** Longer than anything takes that a test waits for, on whatever machine. */
const NEVER_MS = 30_000;

/**
 * Waits for a condition, and not for ever.
 *
 * @throws {Error} it did not come within the limit, 30 s by default
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  everyMs = 10,
  limitMs = NEVER_MS,
): Promise<void> {
  const latest = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > latest) throw new Error(`this did not come: ${what}`);
    await pause(everyMs);
  }
}

/** How long something takes, in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** What a server said for people so far: its log is left out. */
export function wordsOf(server: Pick<RunningServer, 'said'>): string {
  const lines = server.said().split('\n');
  return lines.filter((line) => !line.startsWith('{')).join('\n');
}

/**
 * Waits until a server has said this to people so often.
 *
 * @param words looked for line by line
 * @returns everything that it said for people
 */
export async function untilSaid(server: RunningServer, words: RegExp, times = 1): Promise<string> {
  const pattern = new RegExp(words, 'gm');
  const isSaid = () => (wordsOf(server).match(pattern) ?? []).length >= times;
  await until(`said ${times} times: ${String(words)}`, isSaid, 5).catch((cause: unknown) => {
    throw new Error(`${String(cause)}\n${wordsOf(server)}`, { cause });
  });
  return wordsOf(server);
}
