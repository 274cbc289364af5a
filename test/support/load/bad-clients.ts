import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How a client holds a connection. */
export type Badness = 'slow headers' | 'slow body' | 'reads nothing' | 'idle';

/** Connections of bad clients, all in this process. */
export interface BadClients {
  readonly sockets: readonly Socket[];
  /**
   * Milliseconds after which each was closed by the server, from its beginning; for those that read nothing, from when the
   * server last took something of them. Those that still are open are not in it.
   */
  readonly closedAfter: readonly number[];
  end(): void;
}

/** How often each kind sends something more; those that read nothing must fill what the system keeps for them first. */
const DRIP_MS: Readonly<Record<Badness, number>> = {
  'slow headers': 500,
  'slow body': 500,
  'reads nothing': 250,
  idle: 60_000,
};
/** Requests of one that reads nothing: their answers must not fit into what the system keeps for it. */
const UNREAD_REQUESTS = 100;

const BEGINNINGS: Readonly<Record<Badness, (target: string) => string>> = {
  'slow headers': (target) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `,
  'slow body': (target) =>
    `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
  'reads nothing': (target) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(UNREAD_REQUESTS),
  idle: () => '',
};

/** Opens them; slow ones send a byte now and then, those that read nothing send requests for as long as the server reads. */
export async function openBadClients(
  url: string,
  badness: Badness,
  count: number,
  target: string,
): Promise<BadClients> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  const closedAfter: number[] = [];
  const takenAt = new Map<Socket, number>();
  for (let at = 0; at < count; at += 1) {
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    takenAt.set(socket, performance.now());
    socket.on('error', () => undefined);
    socket.on('close', () => closedAfter.push(performance.now() - (takenAt.get(socket) ?? 0)));
    if (badness === 'reads nothing') socket.pause();
    else socket.resume();
    socket.write(BEGINNINGS[badness](target));
    sockets.push(socket);
  }
  const drip = setInterval(() => {
    for (const socket of sockets) {
      if (!socket.writable || badness === 'idle') continue;
      if (badness !== 'reads nothing') {
        socket.write('x');
      } else if (socket.writableLength === 0) {
        takenAt.set(socket, performance.now());
        socket.write(BEGINNINGS[badness](target));
      }
    }
  }, DRIP_MS[badness]);
  return {
    sockets,
    closedAfter,
    end() {
      clearInterval(drip);
      for (const socket of sockets) socket.destroy();
    },
  };
}
