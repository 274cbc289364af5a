import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export interface FakeManagerOptions {
  readonly user?: string;
  readonly secret?: string;
  readonly tls?: TlsOptions;
  /** Actions that the user may do, as ListCommands answers; none: it may not ask. */
  readonly commands?: readonly string[];
  /** Before which everything it says is sent; `\r\n` as Asterisk, unless given. */
  readonly banner?: string;
}

/** A manager interface of Asterisk that says what a test wants. */
export interface FakeManager {
  readonly port: number;
  /** Actions that were sent to it, each as `Name: value` by its headers. */
  readonly actions: readonly Readonly<Record<string, string>>[];
  /** Connections until now. */
  readonly connections: number;
  /** Those that are logged in. */
  readonly sessions: number;
  /** Sends a text to everybody who is logged in, as it is. */
  say(text: string | Buffer): void;
  /** Ends every connection, as a restart of Asterisk does. */
  cut(): void;
  /** Answers nothing any more, on connections that stay open, or does so again. */
  stall(isStalled: boolean): void;
  /** Other accounts count for logins from now on. */
  setSecret(secret: string): void;
  close(): Promise<void>;
}

const END = '\r\n\r\n';

/** Listens on the loopback address. */
export async function startFakeManager({
  user = 'callercard',
  secret = 'fake-secret',
  banner = 'Asterisk Call Manager/11.0.0',
  tls,
  commands,
}: FakeManagerOptions = {}): Promise<FakeManager> {
  const sockets = new Set<Socket>();
  const loggedIn = new Set<Socket>();
  const actions: Readonly<Record<string, string>>[] = [];
  let [connections, isStalled, expected] = [0, false, secret];

  function act(socket: Socket, action: Readonly<Record<string, string>>): void {
    actions.push(action);
    if (isStalled) return;
    const answer = (text: string) => socket.write(`${text}\r\nActionID: ${action.ActionID ?? ''}${END}`);
    if (action.Action === 'Login') {
      const isRight = action.Username === user && action.Secret === expected;
      if (isRight) loggedIn.add(socket);
      answer(
        isRight
          ? 'Response: Success\r\nMessage: Authentication accepted'
          : 'Response: Error\r\nMessage: Authentication failed',
      );
      if (!isRight) socket.end();
    } else if (action.Action === 'Ping') answer('Response: Success\r\nPing: Pong');
    else if (action.Action === 'ListCommands' && commands !== undefined)
      answer(['Response: Success', ...commands.map((name) => `${name}: Does it.  (Priv: all)`)].join('\r\n'));
    else answer('Response: Error\r\nMessage: Permission denied');
  }

  function serve(socket: Socket): void {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => [sockets, loggedIn].forEach((all) => all.delete(socket)));
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const whole = text.split(END);
      text = whole.pop() ?? '';
      for (const action of whole)
        act(
          socket,
          Object.fromEntries(
            action.split('\r\n').map((line) => line.split(/: ?(.*)/s).slice(0, 2) as [string, string]),
          ),
        );
    });
    if (!isStalled) socket.write(`${banner}\r\n`);
  }

  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    actions,
    get connections() {
      return connections;
    },
    get sessions() {
      return loggedIn.size;
    },
    say: (said) => loggedIn.forEach((socket) => socket.write(said)),
    cut: () => sockets.forEach((socket) => socket.destroy()),
    stall(is) {
      isStalled = is;
    },
    setSecret(to) {
      expected = to;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
