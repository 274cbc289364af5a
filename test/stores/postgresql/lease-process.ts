/** A process that wants a lease, `lease-process.ts PORT SCHEMA HOW`: a line with the time for each moment at which it holds it. */
import { writeSync } from 'node:fs';

import { openTestLeases, TEST_LEASE } from './test-leases.ts';

const [, , port = '', schema = '', how = ''] = process.argv;
const lease = openTestLeases(
  { host: '127.0.0.1', port: Number(port) },
  schema,
  how === 'pooled',
)(TEST_LEASE, {
  taken: () => undefined,
  lost: () => undefined,
});
const STDOUT = 1;

setInterval(() => {
  // The time of the system, which all processes have alike; taken before it is asked.
  const at = process.hrtime.bigint();
  if (lease.isHeld()) writeSync(STDOUT, `${at}\n`);
}, 10);
