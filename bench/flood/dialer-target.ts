/** The server of the flood over a dialer, in a process of its own: `dialer-target.ts HOST PORT`. */
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/observe/log.ts';
import { dialerConfig } from '../../test/support/dialer-config.ts';
import { READER } from '../dialer/data.ts';
import { serveBenchmark } from '../lookups/target-process.ts';
import { createMovedClock } from './moved-clock.ts';

const [, , host = '', port = ''] = process.argv;
const config = dialerConfig({ host, port: Number(port) }, READER, { rateLimit: 1_000_000, logLevel: 'info' });

await serveBenchmark(() =>
  createApp(config, { clock: createMovedClock(), log: createLog('info', 1) }).listen(),
);
