/** The server of the flood, in a process of its own: `target.ts STORE`. */
import { systemClock } from '../../src/access/clock.ts';
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/http/log.ts';
import { benchConfig } from '../lookups/store.ts';
import { serveBenchmark } from '../lookups/target-process.ts';

const [, , path] = process.argv;
if (path === undefined) throw new Error('usage: target.ts STORE');

/** How far this process is ahead: so that what is remembered of logins ages without anybody waiting for it. */
let aheadMs = 0;
const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs };
process.on('message', (message: unknown) => {
  const { passMs } = message as { passMs?: number };
  if (passMs === undefined) return;
  aheadMs += passMs;
  process.send?.({ aheadMs });
});

// As it is served: every check on, a log line for each lookup, the audit beside the store.
await serveBenchmark(() => createApp(benchConfig(path), { clock, log: createLog('info', 1) }).listen());
