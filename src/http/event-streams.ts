import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyReply } from 'fastify';

const TYPE = 'text/event-stream; charset=utf-8';
/** Bytes that may wait for a slow client; beyond them the stream is destroyed. */
const MAX_WAITING_BYTES = 64 * 1024;

/** An answer that stays open until one side ends it. */
export interface EventStream {
  write(text: string): void;
  end(): void;
}

export type EventStreams = ReturnType<typeof createEventStreams>;

/** The answers that stay open; `LIMITS.unreadMs` does not hold for them. */
export function createEventStreams() {
  const open = new Map<Socket, { readonly owner: string; readonly raw: ServerResponse }>();
  let isClosing = false;
  let endings = 0;

  return {
    /**
     * Begins one, with the headers that the reply has by now.
     *
     * @param owner the domain's name
     * @param ended called once, whoever ended it
     * @returns undefined: the server is about to end
     */
    begin(reply: FastifyReply, owner: string, ended: () => void): EventStream | undefined {
      const { raw } = reply;
      const { socket } = raw;
      if (isClosing || socket === null || socket.destroyed) return undefined;
      open.set(socket, { owner, raw });
      raw.once('close', () => {
        open.delete(socket);
        ended();
      });
      reply.hijack();
      // Keeps proxies from buffering the answer until its end.
      void reply.headers({ 'content-type': TYPE, 'x-accel-buffering': 'no' });
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value);
      }
      raw.flushHeaders();
      return {
        write(text) {
          if (raw.writableEnded) return;
          if (raw.writableLength > MAX_WAITING_BYTES) raw.destroy();
          else raw.write(text);
        },
        end: () => void raw.end(),
      };
    },
    /** Whether a connection carries one. Once ended, a stream is an answer like any other. */
    has: (socket: Socket) => open.get(socket)?.raw.writableEnded === false,
    get count() {
      return open.size;
    },
    /** How often `endOf` was called: a stream that was authorized before a call must not begin after it. */
    get endings() {
      return endings;
    },
    /** Ends the streams of these owners; their clients reconnect and find the new owner. */
    endOf(owners: readonly string[]): void {
      endings += 1;
      for (const { owner, raw } of open.values()) if (owners.includes(owner)) raw.end();
    },
    /** Ends them all, so that the server can end; no new one begins. */
    close(): void {
      isClosing = true;
      for (const { raw } of open.values()) raw.end();
    },
  };
}
