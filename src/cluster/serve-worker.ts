import { createTerminal } from '../process/terminal.ts';
import { serveAsWorker } from './worker.ts';

// The first file of a worker's process: src/cluster/worker-process.ts starts it.
process.exit(await serveAsWorker(createTerminal(process.stdin, process.stdout, process.stderr)));
