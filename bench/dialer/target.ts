/** One server of the benchmark, in a process of its own: `target.ts bare|callercard HOST PORT LEADS`. */
import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/observe/log.ts';
import { dialerConfig } from '../../test/support/dialer-config.ts';
import { RAISED_LIMITS } from '../lookups/store.ts';
import { serveBenchmark } from '../lookups/target-process.ts';
import { serveBareDialer } from './bare.ts';
import { READER } from './data.ts';

const [, , kind, host = '', port = '', leads = ''] = process.argv;
const address = { host, port: Number(port) };

/** As it is served: every check on, a log line for each lookup; the limits on a caller's rate raised. */
function callercard(): Promise<string> {
  const config = dialerConfig(address, READER, { ...RAISED_LIMITS, logLevel: 'info' });
  return createApp(config, { log: createLog('info', 1) }).listen();
}

await serveBenchmark(() => (kind === 'bare' ? serveBareDialer(address, Number(leads)) : callercard()));
