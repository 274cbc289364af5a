import type { Server as NetServer, Socket } from 'node:net';

/** Connections on which TLS is not spoken yet: they carry no request, and HTTP does not know them. */
export function watchHandshakes(server: NetServer) {
  const bare = new Map<string, Socket>();
  const nameOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress ?? ''} ${remotePort ?? ''}`;
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    bare.set(name, socket);
    socket.once('close', () => {
      if (bare.get(name) === socket) bare.delete(name);
    });
  });
  return {
    /** @param secured the connection that the handshake made */
    end: (secured: Socket) => void bare.delete(nameOf(secured)),
    /** Ends the connections. */
    drop() {
      for (const socket of bare.values()) socket.destroy();
    },
  };
}
