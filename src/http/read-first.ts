import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { readWholeRequest } from './whole-request.ts';

/** Who answers requests before they are parsed. */
export interface First {
  /** Will answer the whole request that came; false: it will not. */
  answer(socket: Socket, bytes: Buffer): boolean;
  /** Answers at once what it has still to answer on a connection. */
  settle(socket: Socket): void;
}

/** What is known of a connection that is read before the server's parser gets it. */
interface Reading {
  unanswered: number;
  /** Of the bytes that the parser had last: how many requests began with them, and the last of these. */
  begun: number;
  latest: IncomingMessage | undefined;
  /** Whether the parser stands between two requests for sure. */
  isBetween: boolean;
}

/** Connections whose requests may be answered before they are parsed, which takes most of what a refusal costs. */
export interface FirstReader {
  /** To be told of every request, before it is answered. */
  note(request: IncomingMessage, response: ServerResponse): void;
  /** Reads the connection of this request first, once it is answered. */
  begin(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * Bytes are shown to `first` only where nothing is left to be answered and the parser stands between two requests: the
 * bytes that it had last were one whole request by our own reading, and it found the same one in them. So the two never
 * disagree about where a request ends, also behind a proxy that sends requests of several clients over one connection.
 */
export function createFirstReader(first: First): FirstReader {
  const readings = new WeakMap<Socket, Reading>();
  return {
    note(request, response) {
      const reading = readings.get(request.socket);
      if (reading === undefined) return;
      reading.begun += 1;
      reading.latest = request;
      reading.unanswered += 1;
      response.once('close', () => (reading.unanswered -= 1));
    },
    begin({ socket }, response) {
      if (readings.has(socket)) return;
      const reading: Reading = { unanswered: 0, begun: 0, latest: undefined, isBetween: false };
      readings.set(socket, reading);
      response.once('close', () => putFirst(socket, reading, first));
    },
  };
}

function putFirst(socket: Socket, reading: Reading, first: First): void {
  const [parse, ...others] = socket.listeners('data');
  // A paused one has its parser paused, too, which would not go on under another listener.
  if (socket.destroyed || socket.isPaused() || parse === undefined || others.length > 0) return;
  socket.removeListener('data', parse as (bytes: Buffer) => void);
  socket.on('data', (bytes: Buffer) => {
    const isFree = reading.isBetween && reading.unanswered === 0 && socket.writableLength === 0;
    if (isFree && first.answer(socket, bytes)) return;
    first.settle(socket);
    reading.begun = 0;
    reading.latest = undefined;
    parse.call(socket, bytes);
    const { begun, latest } = reading as Readonly<Reading>;
    reading.isBetween = begun === 1 && latest?.complete === true && latest.url === readWholeRequest(bytes);
  });
}
