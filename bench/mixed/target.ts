/** A server for which each second is another day, in a process of its own: `target.ts STORE`. The audit begins a file each day. */
import { createApp } from '../../src/app.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createLog } from '../../src/observe/log.ts';
import { benchConfig } from '../lookups/store.ts';
import { serveBenchmark } from '../lookups/target-process.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SECOND_MS = 1_000;

const [, , path] = process.argv;
if (path === undefined) throw new Error('usage: target.ts STORE');

const began = systemClock.monotonic();
const daysSince = () => Math.floor((systemClock.monotonic() - began) / SECOND_MS);
const clock = { ...systemClock, wall: () => systemClock.wall() + daysSince() * DAY_MS };
await serveBenchmark(() => createApp(benchConfig(path), { log: createLog('info', 1), clock }).listen());
