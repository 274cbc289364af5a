/** One server of the audit's benchmark, in a process of its own: `target.ts STORE off|written|synced FOLDER`. */
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/observe/log.ts';
import { benchConfig } from '../lookups/store.ts';
import { serveBenchmark } from '../lookups/target-process.ts';

const [, , path, kind, folder] = process.argv;
if (
  path === undefined ||
  folder === undefined ||
  !(kind === 'off' || kind === 'written' || kind === 'synced')
)
  throw new Error('usage: target.ts STORE off|written|synced FOLDER');

const config = {
  ...benchConfig(path),
  audit: kind === 'off' ? 'off' : folder,
  auditDurability: kind === 'synced' ? 'synced' : 'written',
} as const;
await serveBenchmark(() => createApp(config, { log: createLog('info', 1) }).listen());
