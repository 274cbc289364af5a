/** One command over an audit, in a process of its own: `reading.ts ARGS...`. Tells its time and the most memory it had. */
import { Writable } from 'node:stream';

import { runCommand } from '../../src/cli/run-command.ts';

const nowhere = () => new Writable({ write: (_piece, _encoding, done) => done() });
const began = performance.now();
const code = await runCommand(process.argv.slice(2), process.stdin, nowhere(), nowhere());
const seconds = (performance.now() - began) / 1000;
process.send?.({ code, seconds, memoryMib: process.resourceUsage().maxRSS / 1024 });
process.disconnect();
