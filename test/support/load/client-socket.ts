import { connect, type Socket } from 'node:net';

/** One answer, as far as a load is interested. */
export interface LoadAnswer {
  readonly status: number;
  readonly hasRetryAfter: boolean;
  /** As latin1. */
  readonly body: string;
}

/** A kept-alive connection that carries one request at a time; much cheaper than a client of the library. */
export interface ClientSocket {
  ask(target: string, done: (answer: LoadAnswer | Error) => void): void;
  end(): void;
}

/** @param asForm whether the query of each target travels as the form of a POST */
export async function openClientSocket(url: string, asForm = false): Promise<ClientSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
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

function talkOver(socket: Socket, requestOf: (target: string) => string): ClientSocket {
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
  socket.on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (piece: Buffer) => {
    text += piece.toString('latin1');
    const answer = readAnswer(text);
    if (answer === undefined) return;
    text = '';
    finish(answer);
  });
  return {
    ask(target, done) {
      waiting = done;
      if (closed === undefined) socket.write(requestOf(target), 'latin1');
      else fail(closed);
    },
    end: () => socket.destroy(),
  };
}

const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const RETRY_AFTER = /\r\nretry-after: \d+\r\n/i;

/** @returns undefined while it is not there in full */
function readAnswer(text: string): LoadAnswer | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  const length = Number(LENGTH.exec(text)?.[1]);
  if (text.length < head + 4 + length) return undefined;
  const status = Number(text.slice(9, 12));
  return { status, hasRetryAfter: status !== 200 && RETRY_AFTER.test(text), body: text.slice(head + 4) };
}
