import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { openSocket } from '../../http/raw-socket.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { readAnswers, type WireAnswers } from './wire-answer.ts';

/** Longer than any answer takes on a busy machine, and than the server waits for a request. */
const NO_ANSWER_MS = 20_000;
/** So long may a server say nothing before the client takes it that it waits for more. */
const QUIET_MS = 120;

/** What was said on a connection, and whether the server hung. */
export interface Talk extends WireAnswers {
  readonly hung: boolean;
  /** Whether the connection was reset, so that answers may be lost that the server had sent. */
  readonly wasReset: boolean;
}

/**
 * Sends the bytes of a case on a connection of its own. The client ends it when every answer that must come is there and
 * the server says no more.
 */
export async function talk(url: string, { pieces, found, isWhole }: FuzzCase): Promise<Talk> {
  const socket = await openSocket(url).catch(() => undefined);
  if (socket === undefined) return { answers: [], fault: 'no connection', hung: false, wasReset: false };
  const heard = listen(socket);
  try {
    for (const piece of pieces) {
      if (!socket.writable) break;
      socket.write(piece);
      await setImmediate();
    }
    const least = Math.max(found.length, isWhole ? 1 : 0);
    const late = performance.now() + NO_ANSWER_MS;
    const isLate = () => performance.now() > late;
    // Taking the bytes apart costs time: only once the server says no more.
    for (;;) {
      await heard.quiet(QUIET_MS);
      if (heard.isOver() || isLate() || readAnswers(heard.bytes()).answers.length >= least) break;
    }
    socket.end();
    while (!heard.isOver() && !isLate()) await heard.quiet(QUIET_MS);
    return { ...readAnswers(heard.bytes()), hung: !heard.isOver(), wasReset: heard.wasReset() };
  } finally {
    socket.destroy();
  }
}

function listen(socket: Socket) {
  const chunks: Buffer[] = [];
  let [isOver, wasReset] = [false, false];
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  // A server that closes while bytes are still on their way to it resets the connection: that is its right.
  socket.on('error', () => (wasReset = true));
  socket.once('close', () => {
    isOver = true;
    wake();
  });
  return {
    bytes: () => Buffer.concat(chunks),
    isOver: () => isOver,
    wasReset: () => wasReset,
    /** Resolves when nothing has come for so long, or the connection is closed. */
    async quiet(ms: number): Promise<void> {
      let isQuiet = false;
      while (!isQuiet && !isOver) {
        isQuiet = await new Promise<boolean>((resolve) => {
          const timer = setTimeout(() => resolve(true), ms);
          wake = () => {
            clearTimeout(timer);
            resolve(false);
          };
        });
      }
    },
  };
}
