import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyReply } from 'fastify';

import type { Clock } from '../core/clock.ts';
import type { DomainResolver } from '../service/services.ts';
import { createRateLimit, networkOf } from '../throttle/throttle.ts';
import { resolveDomain } from './domain-context.ts';
import { LIMITS } from './limits.ts';
import { ANSWER_HEADERS } from './problem-answer.ts';
import { requestProblem, type ClientReader } from './request-context.ts';

/** A page that is the same for everybody who asks. */
export interface StaticPage {
  /** Its headers beyond those of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether it is there only on hosts that a domain has. */
  readonly isOfDomain?: boolean;
}

interface PreparedPage extends StaticPage {
  /** Names and values alternate, as Node takes them. */
  readonly head: string[];
}

interface StaticPagesOptions {
  readonly domains: DomainResolver;
  readonly clients: ClientReader;
  readonly exceedsPipelining: (socket: Socket) => boolean;
  readonly clock: Clock;
  /** Answers 503. */
  readonly shedRequest: (request: IncomingMessage, response: ServerResponse) => void;
}

export type StaticPages = ReturnType<typeof createStaticPages>;

/**
 * Pages that are prepared once. A GET for one is answered without Fastify, because it costs next to nothing then: strangers
 * may ask for it often. What costs is the system's memory for answers that nobody reads: beyond its bytes a second a network
 * gets 503. Everything else about its path (other methods, refused requests) is Fastify's.
 */
export function createStaticPages(options: StaticPagesOptions) {
  const { domains, clients, exceedsPipelining, shedRequest } = options;
  const takeBytes = createRateLimit(LIMITS.networkPageBytes, options.clock);
  const pages = new Map<string, PreparedPage>();
  return {
    /** Answers a request that came through Fastify. @param path where `answer` finds the page from now on */
    send(reply: FastifyReply, path: string, page: StaticPage): FastifyReply {
      if (!pages.has(path)) pages.set(path, prepare(page));
      return reply.headers(page.headers).send(page.body);
    },
    /** @returns false: there is no such page yet, or this request may not have it; then nothing was answered */
    answer(request: IncomingMessage, response: ServerResponse): boolean {
      const page = request.method === 'GET' ? pages.get(pathOf(request.url ?? '')) : undefined;
      if (page === undefined) return false;
      if (requestProblem(request, exceedsPipelining(request.socket)) !== undefined) return false;
      if (page.isOfDomain === true && 'code' in resolveDomain(domains, request, clients.hostOf(request))) {
        return false;
      }
      if (takeBytes(networkOf(clients.addressOf(request)), page.body.length) === 0) {
        response.writeHead(200, page.head).end(page.body);
      } else {
        shedRequest(request, response);
      }
      return true;
    },
  };
}

function prepare(page: StaticPage): PreparedPage {
  const headers = { ...ANSWER_HEADERS, ...page.headers, 'content-length': String(page.body.length) };
  return { ...page, head: Object.entries(headers).flat() };
}

function pathOf(target: string): string {
  const end = target.indexOf('?');
  return end === -1 ? target : target.slice(0, end);
}
