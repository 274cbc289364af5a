import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import type { Address } from './root-sql.ts';

/** A way to a server that can go dead: what was sent is lost in it, or comes late. */
export interface StallingProxy extends Address {
  /** From now on nothing goes through; connections are taken, and nothing is said on them. */
  stall(): void;
  /** The same, for connections on which a client sends this text, from then on. */
  stallAt(text: string): void;
  /** Everything goes through again, what was held as well. */
  resume(): void;
  close(): void;
}

/** Listens on the loopback address and passes on to a server there. */
export async function startProxy(target: Address): Promise<StallingProxy> {
  const pairs = new Set<{ hold(): void; release(): void; destroy(): void }>();
  let isStalled = false;
  let trigger: string | undefined;

  const listener = createServer((client) => {
    const server = connect({ host: target.host, port: target.port, noDelay: true });
    client.setNoDelay(true);
    const pair = joinSockets(client, server, (bytes) => trigger !== undefined && bytes.includes(trigger));
    pairs.add(pair);
    if (isStalled) pair.hold();
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.once('close', () => {
        pairs.delete(pair);
        pair.destroy();
      });
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;

  return {
    host: '127.0.0.1',
    port,
    stall() {
      isStalled = true;
      for (const pair of pairs) pair.hold();
    },
    stallAt(text) {
      trigger = text;
    },
    resume() {
      isStalled = false;
      trigger = undefined;
      for (const pair of pairs) pair.release();
    },
    close() {
      for (const pair of pairs) pair.destroy();
      listener.close();
    },
  };
}

function joinSockets(client: Socket, server: Socket, isTrigger: (bytes: Buffer) => boolean) {
  let held: (() => void)[] | undefined;
  const pass = (to: Socket, bytes: Buffer) => {
    if (held === undefined) to.write(bytes);
    else held.push(() => to.write(bytes));
  };
  const hold = () => {
    held ??= [];
  };
  client.on('data', (bytes) => {
    if (isTrigger(bytes)) hold();
    pass(server, bytes);
  });
  server.on('data', (bytes) => pass(client, bytes));
  return {
    hold,
    release() {
      const late = held ?? [];
      held = undefined;
      for (const write of late) write();
    },
    destroy() {
      client.destroy();
      server.destroy();
    },
  };
}
