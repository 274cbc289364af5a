import { createTerminal } from '../terminal.ts';
import { serveByOrders } from './serve-by-orders.ts';

// The first file of a worker's process: src/cli/workers/worker-process.ts starts it.
process.exit(await serveByOrders(createTerminal(process.stdin, process.stdout, process.stderr)));
