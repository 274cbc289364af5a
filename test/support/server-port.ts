import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A free port of the loopback address for a server that goes and comes back: below the ports that the system gives to
 * outgoing connections, so that it is still free when the server returns. A client that keeps trying such a port
 * while its server is away could even connect to itself.
 */
export async function findServerPort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
