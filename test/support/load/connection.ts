import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** One answer, as far as a load is interested; texts are latin1. */
export interface LoadAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

/** A kept-alive connection that carries one request at a time; much cheaper than a client of the library. */
export interface LoadConnection {
  /** The client's port. */
  readonly port: number | undefined;
  isOpen(): boolean;
  ask(target: string, done: (answer: LoadAnswer | Error) => void): void;
  end(): void;
}

export interface ConnectionOptions {
  /** The query of each target travels as the form of a POST. */
  readonly asForm?: boolean | undefined;
  /** For https: the certificate that is trusted. */
  readonly ca?: string | undefined;
}

/** @throws {Error} nobody listens there, or the certificate is another */
export async function openConnection(
  url: string,
  { asForm = false, ca }: ConnectionOptions = {},
): Promise<LoadConnection> {
  const { protocol, hostname: host, port } = new URL(url);
  const isTls = protocol === 'https:';
  const socket = isTls
    ? connectTls({ host, port: Number(port), ca })
    : connectPlain({ host, port: Number(port), noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once(isTls ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(hangUp()));
  });
  return talkOver(socket, asForm ? postOf : getOf);
}

function getOf(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

function postOf(target: string): string {
  const [path = '', form = ''] = target.split('?');
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`;
}

function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

function talkOver(socket: Socket, requestOf: (target: string) => string): LoadConnection {
  const port = socket.localPort;
  let waiting: ((answer: LoadAnswer | Error) => void) | undefined;
  let text = '';
  let closed: Error | undefined;
  const finish = (answer: LoadAnswer | Error) => {
    const done = waiting;
    waiting = undefined;
    done?.(answer);
  };
  const fail = (cause: Error) => finish((closed ??= cause));
  socket.on('error', fail);
  socket.on('end', () => fail(hangUp()));
  socket.on('close', () => fail(hangUp()));
  socket.on('data', (piece: Buffer) => {
    text += piece.toString('latin1');
    const answer = readAnswer(text);
    if (answer === undefined) return;
    text = '';
    finish(answer);
  });
  return {
    port,
    isOpen: () => closed === undefined,
    ask(target, done) {
      waiting = done;
      if (closed === undefined) socket.write(requestOf(target), 'latin1');
      else fail(closed);
    },
    end: () => socket.destroy(),
  };
}

const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/** @returns undefined while it is not there in full */
function readAnswer(text: string): LoadAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const length = Number(LENGTH.exec(text)?.[1]);
  if (text.length < end + 4 + length) return undefined;
  return { status: Number(text.slice(9, 12)), head: text.slice(0, end + 2), body: text.slice(end + 4) };
}

const RETRY_AFTER = /\r\nretry-after: [1-9]\d*\r\n/i;

/** Whether an answer says when to come again. */
export function hasRetryAfter({ head }: LoadAnswer): boolean {
  return RETRY_AFTER.test(head);
}
