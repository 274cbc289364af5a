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

/** The answers that stay open; `LIMITS.unreadMs` does not hold for them. */
export interface EventStreams {
  /**
   * Begins one, with the headers that the reply has by now.
   *
   * @param owner the domain's name
   * @param ended called once, whoever ended it
   * @returns undefined: the server is about to end
   */
  begin(reply: FastifyReply, owner: string, ended: () => void): EventStream | undefined;
  /** Whether a connection carries one. */
  has(socket: Socket): boolean;
  readonly count: number;
  /** Ends the streams of these owners; their clients reconnect and find the new owner. */
  endOf(owners: readonly string[]): void;
  /** How often `endOf` was called: a stream that was authorized before a call must not begin after it. */
  readonly endings: number;
  /** Ends them all, so that the server can end; no new one begins. */
  close(): void;
}

export function createEventStreams(): EventStreams {
  const open = new Map<Socket, { readonly owner: string; readonly raw: ServerResponse }>();
  let isClosing = false;
  let endings = 0;

  return {
    begin(reply, owner, ended) {
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
    // Once ended, a stream is an answer like any other.
    has: (socket) => open.get(socket)?.raw.writableEnded === false,
    get count() {
      return open.size;
    },
    get endings() {
      return endings;
    },
    endOf(owners) {
      endings += 1;
      for (const { owner, raw } of open.values()) if (owners.includes(owner)) raw.end();
    },
    close() {
      isClosing = true;
      for (const { raw } of open.values()) raw.end();
    },
  };
}
