import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A free port of this machine alone. */
export async function listenOnLoopback(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Tells the benchmark where this process answers and, when asked, its CPU time; ends with the benchmark. */
export async function serveBenchmark(start: () => Promise<string>): Promise<void> {
  process.send?.({ url: await start() });
  process.on('message', (message) => {
    if (message === 'cpu') process.send?.({ cpu: process.cpuUsage() });
  });
  process.on('disconnect', () => process.exit(0));
}
