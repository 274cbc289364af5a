/** One server of the benchmark, in a process of its own: `target.ts SERVER FOLDER DOMAINS OPEN`, with at most OPEN domains open. */
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/observe/log.ts';
import { serveBenchmark } from '../lookups/target-process.ts';
import { benchConfig } from '../postgres/config.ts';
import { addressOf, domainConfig } from './domains.ts';

const [, , server = '', folder = '', domains = '', openStores = ''] = process.argv;
const config = {
  ...benchConfig(addressOf(server, 1), folder),
  domains: Array.from({ length: Number(domains) }, (_, at) => domainConfig(server, folder, at + 1)),
};
const limits = openStores === '' ? {} : { openStores: Number(openStores) };

await serveBenchmark(() => createApp(config, { log: createLog('info', 1), limits }).listen());
