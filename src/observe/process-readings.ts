import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import type { Sheet, Source } from './measured.ts';

/** Over so long the delay of the event loop is looked at: long enough for any scraper to see the worst. */
const WINDOW_MS = 10_000;
const DELAY_RESOLUTION_MS = 20;
/** Counting open files reads a folder with an entry for each: not more often than this. */
const COUNT_FILES_MS = 5_000;
const PERCENTILES = [50, 99, 100] as const;

export interface ProcessReadings {
  readonly read: Source;
  /** Begins to watch the event loop. */
  start(): void;
  stop(): void;
}

/** What the system and the engine know about this process. */
export function createProcessReadings(): ProcessReadings {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const files = createFileCount();
  let worst = delaysOf(delay);
  let window: NodeJS.Timeout | undefined;

  return {
    read(sheet) {
      const { heapUsed, heapTotal, rss } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      sheet.put('process_cpu_seconds_total', (user + system) / 1e6);
      sheet.put('process_resident_memory_bytes', rss);
      sheet.put('process_start_time_seconds', Math.round(performance.timeOrigin) / 1000);
      sheet.put('callercard_heap_used_bytes', heapUsed);
      sheet.put('callercard_heap_total_bytes', heapTotal);
      sheet.put('callercard_event_loop_busy_seconds_total', performance.eventLoopUtilization().active / 1000);
      const current = delaysOf(delay);
      for (const [at, percentile] of PERCENTILES.entries()) {
        const seconds = Math.max(worst[at] ?? 0, current[at] ?? 0);
        sheet.put('callercard_event_loop_delay_seconds', seconds, { percentile: String(percentile) });
      }
      files.read(sheet);
    },
    start() {
      delay.enable();
      window ??= setInterval(() => {
        worst = delaysOf(delay);
        delay.reset();
      }, WINDOW_MS).unref();
    },
    stop() {
      clearInterval(window);
      window = undefined;
      delay.disable();
    },
  };
}

/** Seconds beyond the time between two looks, for each of PERCENTILES. */
function delaysOf(delay: ReturnType<typeof monitorEventLoopDelay>): readonly number[] {
  if (delay.count === 0) return [];
  return PERCENTILES.map((percentile) => {
    const nanoseconds = percentile === 100 ? delay.max : delay.percentile(percentile);
    return Math.max(0, nanoseconds / 1e9 - DELAY_RESOLUTION_MS / 1e3);
  });
}

/** Where the system does not tell, nothing is told. */
function createFileCount(): { read(sheet: Sheet): void } {
  const most = /^Max open files\s+(\d+)/m.exec(readOrNothing('/proc/self/limits'))?.[1];
  let count: number | undefined;
  let countedAt = -Infinity;
  return {
    read(sheet) {
      if (most === undefined) return;
      if (performance.now() - countedAt > COUNT_FILES_MS) {
        count = countFiles();
        countedAt = performance.now();
      }
      if (count !== undefined) sheet.put('process_open_fds', count);
      sheet.put('process_max_fds', Number(most));
    },
  };
}

/** @returns undefined when there is no descriptor left to look with */
function countFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
