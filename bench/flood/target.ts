/** The server of the flood, in a process of its own: `target.ts STORE`. */
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/observe/log.ts';
import { benchConfig } from '../lookups/store.ts';
import { serveBenchmark } from '../lookups/target-process.ts';
import { createMovedClock } from './moved-clock.ts';

const [, , path] = process.argv;
if (path === undefined) throw new Error('usage: target.ts STORE');

// As it is served: every check on, a log line for each lookup, the audit beside the store.
await serveBenchmark(() =>
  createApp(benchConfig(path), { clock: createMovedClock(), log: createLog('info', 1) }).listen(),
);
