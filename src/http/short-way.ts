import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { countHosts } from './query-params.ts';
import { LIMITS } from './limits.ts';

/** @returns whether it answers the request; false: nothing of it was touched */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * A way past the server's library for requests about which there is nothing to decide: the library's objects and hooks for
 * each request cost as much as the lookup (docs/decisions/0020-speed.md). Whatever is unusual in a request goes the long
 * way, which knows everything; both give the same answer, to the byte (test/endpoints/goapi/short-way.test.ts).
 */
export interface ShortWay {
  /** Puts itself before the library. */
  guard(library: RequestListener): RequestListener;
  /** From now on plain requests are shown to `take`. */
  open(take: TakeRequest): void;
  /** From now on the library sees every request, and ends their connections in order. */
  close(): void;
}

export function createShortWay(): ShortWay {
  let take: TakeRequest | undefined;
  return {
    guard: (library) => (request, response) => {
      if (take !== undefined && isPlain(request) && take(request, response)) return;
      library(request, response);
    },
    open(taker) {
      take = taker;
    },
    close() {
      take = undefined;
    },
  };
}

const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i;

/** A GET without a body, or a POST of a form whose length is known and small; with nothing that a server must look at. */
function isPlain({ httpVersion, method, url = '', headers, rawHeaders }: IncomingMessage): boolean {
  if (httpVersion !== '1.1' || url.length > LIMITS.urlBytes || countHosts(rawHeaders) !== 1) return false;
  const length = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined) return false;
  if (method === 'GET') return length === undefined;
  if (method !== 'POST' || length === undefined || !FORM.test(headers['content-type'] ?? '')) return false;
  return Number(length) > 0 && Number(length) <= LIMITS.bodyBytes;
}
