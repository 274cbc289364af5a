/** One server of the benchmark, in a process of its own: `target.ts bare|callercard ADDRESS FOLDER`. */
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/observe/log.ts';
import { serveBenchmark } from '../lookups/target-process.ts';
import { serveBarePostgres } from './bare.ts';
import { benchConfig } from './config.ts';

const [, , kind, address = '', folder = ''] = process.argv;
const config = benchConfig(address, folder);

await serveBenchmark(() =>
  kind === 'bare' ? serveBarePostgres(config) : createApp(config, { log: createLog('info', 1) }).listen(),
);
