import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

import type { MachineClock } from '../core/clock.ts';

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/** So long the last reading of the time since the machine's start is gone on from. */
const READ_AGAIN_MS = 1_000;

/**
 * Milliseconds since the machine was started; they never go back. The system is asked once a second: it reads a file each time,
 * which took a quarter of a lookup. In between goes the process's own clock, which stands still while the machine sleeps.
 */
function createUptime(): MachineClock['uptime'] {
  let [read, readAt, latest] = [0, -Infinity, 0];
  return () => {
    const now = performance.now();
    if (now - readAt >= READ_AGAIN_MS) [read, readAt] = [uptime() * 1000, now];
    latest = Math.max(latest, read + now - readAt);
    return latest;
  };
}

export const systemMachineClock: MachineClock = {
  wall: () => Date.now(),
  boot() {
    try {
      return readFileSync(BOOT_ID_FILE, 'utf8').trim();
    } catch {
      return '';
    }
  },
  uptime: createUptime(),
};
