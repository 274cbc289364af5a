import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyReply } from 'fastify';

/** So much may wait for a client that does not read; beyond it the stream is broken off. */
const MAX_WAITING_BYTES = 64 * 1024;

/** An answer that goes on until one of the two sides ends it. */
export interface OpenStream {
  write(text: string): void;
  end(): void;
}

/** The answers that stay open. Others must have left in `LIMITS.unreadMs`; these may take a working day. */
export interface OpenStreams {
  /**
   * Begins one, with the headers that the reply has by now.
   *
   * @param ended called once, whoever ended it
   * @returns undefined: the server is about to end
   */
  begin(reply: FastifyReply, type: string, ended: () => void): OpenStream | undefined;
  /** Whether a connection carries one. */
  has(socket: Socket): boolean;
  readonly count: number;
  /** Ends them all, so that the server can end; no new one begins. */
  close(): void;
}

export function createOpenStreams(): OpenStreams {
  const open = new Map<Socket, ServerResponse>();
  let isClosing = false;

  return {
    begin(reply, type, ended) {
      const { raw } = reply;
      const { socket } = raw;
      if (isClosing || socket === null || socket.destroyed) return undefined;
      open.set(socket, raw);
      raw.once('close', () => {
        open.delete(socket);
        ended();
      });
      reply.hijack();
      // A proxy that waits for the end before it passes anything on would wait all day.
      void reply.headers({ 'content-type': type, 'x-accel-buffering': 'no' });
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value);
      }
      raw.flushHeaders();
      return {
        write(text) {
          if (raw.writableLength > MAX_WAITING_BYTES) raw.destroy();
          else raw.write(text);
        },
        end: () => void raw.end(),
      };
    },
    has: (socket) => open.has(socket),
    get count() {
      return open.size;
    },
    close() {
      isClosing = true;
      for (const response of open.values()) response.end();
    },
  };
}
