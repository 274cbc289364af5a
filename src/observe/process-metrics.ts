import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import type { Collector } from './exposition.ts';

/** The window of the event loop's delay: long enough for any scraper to see the maximum. */
const WINDOW_MS = 10_000;
const DELAY_RESOLUTION_MS = 20;
/** How often open files are counted at most, which reads a folder with an entry for each. */
const COUNT_FILES_MS = 5_000;
const PERCENTILES = [50, 99, 100] as const;

/** Metrics of this process: CPU, memory, files, event loop. */
export function createProcessMetrics() {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const readFiles = createFileCount();
  let previous = delaysOf(delay);
  let window: NodeJS.Timeout | undefined;

  return {
    read: (collector: Collector): void => {
      const { heapUsed, heapTotal, rss } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      collector.put('process_cpu_seconds_total', (user + system) / 1e6);
      collector.put('process_resident_memory_bytes', rss);
      collector.put('process_start_time_seconds', Math.round(performance.timeOrigin) / 1000);
      collector.put('callercard_heap_used_bytes', heapUsed);
      collector.put('callercard_heap_total_bytes', heapTotal);
      const { active } = performance.eventLoopUtilization();
      collector.put('callercard_event_loop_busy_seconds_total', active / 1000);
      const current = delaysOf(delay);
      for (const [at, percentile] of PERCENTILES.entries()) {
        const seconds = Math.max(previous[at] ?? 0, current[at] ?? 0);
        collector.put('callercard_event_loop_delay_seconds', seconds, { percentile: String(percentile) });
      }
      readFiles(collector);
    },
    /** Begins to watch the delay of the event loop. */
    start: (): void => {
      delay.enable();
      window ??= setInterval(() => {
        previous = delaysOf(delay);
        delay.reset();
      }, WINDOW_MS).unref();
    },
    stop: (): void => {
      clearInterval(window);
      window = undefined;
      delay.disable();
    },
  };
}

/** Seconds beyond the sampling interval, for each of PERCENTILES. */
function delaysOf(delay: ReturnType<typeof monitorEventLoopDelay>): readonly number[] {
  if (delay.count === 0) return [];
  return PERCENTILES.map((percentile) => {
    const nanoseconds = percentile === 100 ? delay.max : delay.percentile(percentile);
    return Math.max(0, nanoseconds / 1e9 - DELAY_RESOLUTION_MS / 1e3);
  });
}

/** Empty where the system has no /proc. */
function createFileCount() {
  const limit = /^Max open files\s+(\d+)/m.exec(readOrEmpty('/proc/self/limits'))?.[1];
  let count: number | undefined;
  let countedAt = -Infinity;
  return (collector: Collector): void => {
    if (limit === undefined) return;
    if (performance.now() - countedAt > COUNT_FILES_MS) {
      count = countFiles();
      countedAt = performance.now();
    }
    if (count !== undefined) collector.put('process_open_fds', count);
    collector.put('process_max_fds', Number(limit));
  };
}

/** @returns undefined when no descriptor is left to read the folder with */
function countFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
