import { Session } from 'node:inspector/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Microseconds between two looks of the profiler. */
const PROFILE_INTERVAL = 200;

/** A free port of this machine alone. */
export async function listenOnLoopback(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * Tells the benchmark where this process answers and, when asked, its CPU time or where that goes; ends with the
 * benchmark. `bench/measure/servers.ts` is the other side.
 */
export async function serveBenchmark(start: () => Promise<string>): Promise<void> {
  const send = (answer: object) => process.send?.(answer);
  const session = new Session();
  process.on('disconnect', () => process.exit(0));
  send({ url: await start() });
  process.on('message', (message) => {
    if (message === 'cpu') send({ cpu: process.cpuUsage() });
    else if (message === 'profile') void startProfile(session).then(() => send({}));
    else if (message === 'end profile') void session.post('Profiler.stop').then(send);
  });
}

async function startProfile(session: Session): Promise<void> {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: PROFILE_INTERVAL });
  await session.post('Profiler.start');
}
