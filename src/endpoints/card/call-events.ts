import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Call } from '../../events/call.ts';
import type { CallHub } from '../../events/call-hub.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { isCrossOrigin } from '../../http/request-context.ts';
import type { EventStreams } from '../../http/event-streams.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import type { Problem } from '../../core/problem.ts';
import { setStatus } from './answer.ts';
import { cardContextOf, readCookie } from './cookies.ts';

/** Proxies close connections that are silent for 60 s, some after 30. */
const HEARTBEAT_MS = 15_000;
/** What a browser waits before it connects again. */
const RETRY_MS = 2_000;
const FULL_RETRY_SECONDS = '10';
const NO_ORIGINS: ReadonlySet<string> = new Set();

/** What live pop needs beside the domain. */
export interface LivePop {
  readonly calls: CallHub;
  readonly streams: EventStreams;
  readonly heartbeatMs?: number | undefined;
}

/** `GET /card/events`: the calls of whoever is signed in, as server-sent events. */
export async function sendCallEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  live: LivePop,
): Promise<FastifyReply> {
  // Each stream takes one of the user's few places.
  if (isCrossOrigin(request, request.host, NO_ORIGINS)) return refuse(reply, 403);
  const secret = readCookie(request, 'session');
  if (secret === undefined) return refuse(reply, 401);
  const domain = domainContextOf(request);
  const { endings } = live.streams;
  const session = cardContextOf(request, secret);
  const caller = await domain.identify(session);
  if ('problem' in caller) {
    const { problem } = caller;
    // The session has ended: the page asks to sign in.
    if (problem.code === 'credentials_invalid') return refuse(reply, 401);
    setStatus(reply, problem);
    return reply.send();
  }
  // The settings were reloaded meanwhile, and this domain may be gone.
  if (live.streams.endings !== endings) return refuseForNow(reply);
  const recheck = async () => {
    // Not counted against the agent's rate limit: calls come as often as others send them.
    const again = await domain.identify(session, 0);
    return 'problem' in again ? again.problem : undefined;
  };
  const { identity: user, accountId: account } = caller;
  const target = { domain: domain.domain, user, account, store: domain.storeFile() };
  return stream(reply, target, lastSeen(request), recheck, live);
}

/** @param recheck gives the problem that keeps the user from receiving calls now */
function stream(
  reply: FastifyReply,
  target: Parameters<CallHub['subscribe']>[0],
  seen: string | undefined,
  recheck: () => Promise<Problem | undefined>,
  { calls, streams, heartbeatMs = HEARTBEAT_MS }: LivePop,
): FastifyReply {
  // Calls may come before the stream has begun. They are sent in order, each after a check of the session.
  const begun = Promise.withResolvers<boolean>();
  let queue: Promise<unknown> = begun.promise;
  const sendUnless = (text: string, ends: (problem: Problem) => boolean) => {
    queue = queue.then(recheck).then(
      (problem) => (problem === undefined || !ends(problem) ? opened?.write(text) : opened?.end()),
      () => opened?.end(),
    );
  };
  // Only a session that was checked hears of a call. None is lost: the browser connects again, and gets the last one.
  const subscribed = calls.subscribe(target, seen, (call, isLate) =>
    sendUnless(eventOf(call, isLate), () => true),
  );
  if ('refused' in subscribed) {
    void reply.header('retry-after', FULL_RETRY_SECONDS);
    return refuse(reply, subscribed.refused === 'of user' ? 429 : 503);
  }
  // A heartbeat reveals nothing, so a store that is away for a moment disconnects no cards.
  const endsHeartbeat = ({ code }: Problem) => code !== 'store_unavailable';
  const heartbeat = setInterval(() => sendUnless(':\n\n', endsHeartbeat), heartbeatMs).unref();
  const forget = () => {
    clearInterval(heartbeat);
    subscribed.close();
  };
  const opened = streams.begin(reply, target.domain, forget);
  begun.resolve(true);
  if (opened === undefined) {
    forget();
    return refuseForNow(reply);
  }
  opened.write(`retry: ${RETRY_MS}\n\n`);
  return reply;
}

/** A call as the page's script reads it: docs/live-pop.md. */
function eventOf({ id, phone, leadId, callId, direction, at }: Call, isLate: boolean): string {
  const data = { phone, lead_id: leadId, call_id: callId, direction, at, replayed: isLate };
  return `id: ${id}\nevent: call\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The last call that the page has shown: from the header of a browser that reconnects, or from the address. */
function lastSeen(request: FastifyRequest): string | undefined {
  const { 'last-event-id': repeated } = request.headers;
  if (typeof repeated === 'string' && repeated !== '') return repeated;
  return searchParamsOf(request).get('after') ?? undefined;
}

function refuseForNow(reply: FastifyReply): FastifyReply {
  return refuse(reply.header('retry-after', '1'), 503);
}

function refuse(reply: FastifyReply, status: number): FastifyReply {
  return reply.code(status).send();
}
