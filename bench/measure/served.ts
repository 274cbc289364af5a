import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';

import { plainEnvironment, ROOT, watchServer } from '../../test/support/command.ts';
import { childrenOf } from '../../test/support/process-tree.ts';
import { RAISED_LIMITS } from '../lookups/store.ts';
import type { RunningServer } from './servers.ts';

/** `callercard serve`, with all processes that it starts. */
export interface ServedServer extends RunningServer {
  readonly pid: number;
}

const LIMITS = [
  '--rate-limit',
  String(RAISED_LIMITS.rateLimit),
  '--enumeration-limit',
  String(RAISED_LIMITS.enumerationLimit),
];

/** The command itself, as an operator starts it. Its log goes nowhere. */
export async function startServe(
  store: string,
  { workers = 1 }: { readonly workers?: number } = {},
): Promise<ServedServer> {
  const flags = ['--database', `sqlite:${store}`, '--port', '0', '--workers', String(workers), ...LIMITS];
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'callercard'), 'serve', ...flags], {
    env: plainEnvironment(),
    stdio: ['ignore', openSync(devNull, 'w'), 'pipe'],
  });
  const server = await watchServer(child);
  const { url, pid } = server;
  return {
    url,
    pid,
    cpuMicroseconds: () => Promise.resolve(cpuOf([pid, ...childrenOf(pid)])),
    async stop() {
      server.kill('SIGTERM');
      await server.ended();
    },
  };
}

/** The kernel counts in hundredths of a second (USER_HZ). */
const MICROSECONDS_PER_TICK = 10_000;

/** Microseconds of these processes, without those that they have started. */
export function cpuOf(pids: readonly number[]): number {
  const ticks = pids.flatMap((pid) => {
    // The name in brackets may hold anything; user and system time are the 12th and 13th words behind it.
    const words = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return [Number(words[11]), Number(words[12])];
  });
  return ticks.reduce((sum, one) => sum + one, 0) * MICROSECONDS_PER_TICK;
}

/** Memory that is the process's own, in bytes: what is resident beyond files, which are the system's page cache. */
export function ownMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
