import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { openBadClients } from '../../test/support/load/bad-clients.ts';
import type { FloodRow } from './row.ts';
import type { FloodServer } from './server.ts';

const CONNECTIONS = 10_000;
const MiB = 1024 * 1024;
/** Descriptors that the processes open besides. */
const OTHER_FILES = 200;

/** 31: connections on which nothing happens, as many as the system allows one process. */
export async function idleRow(
  { url, residentBytes }: FloodServer,
  log: (progress: string) => void,
): Promise<FloodRow> {
  const count = Math.min(CONNECTIONS, mostFiles() - OTHER_FILES);
  log(`${count} idle connections`);
  const before = residentBytes();
  const idle = await openBadClients(url, 'idle', count, '');
  await pause(1_000);
  const open = count - idle.closedAfter.length;
  const grown = (residentBytes() - before) / MiB;
  idle.end();
  return {
    line: 31,
    what: `${open.toLocaleString('en')} idle connections`,
    asked: '10,000 with <= 100 MiB more',
    reached: `${grown.toFixed(0)} MiB more`,
    holds: open >= CONNECTIONS * 0.99 && grown <= 100,
  };
}

/** `ulimit -n`. */
function mostFiles(): number {
  const [, most] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(most ?? 1_024);
}
