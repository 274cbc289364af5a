import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Call } from '../../events/call.ts';
import type { CallHub } from '../../events/call-hub.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { isCrossOrigin } from '../../http/request-context.ts';
import type { EventStreams } from '../../http/event-streams.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import { maskLine } from '../../core/masks.ts';
import type { Problem } from '../../core/problem.ts';
import type { Caller } from '../../service/search.ts';
import type { Answer } from '../../service/work.ts';
import { setStatus } from '../pages/status.ts';
import { cardAddress } from './card-address.ts';
import { readCookie } from '../pages/cookies.ts';
import { cardContextOf } from './card-session.ts';

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
  // Not counted against the agent's rate limit: calls come as often as others send them.
  const recheck = () => domain.identify(session, 0);
  const { identity: user, accountId: account } = caller;
  const target = { domain: domain.domain, user, account, store: domain.storeFile() };
  return stream(reply, { target, secret, seen: lastSeen(request), recheck }, live);
}

/** Whose calls are sent. */
interface Listening {
  readonly target: Parameters<CallHub['subscribe']>[0];
  /** Of the session. */
  readonly secret: string;
  /** The last call that the page has shown. */
  readonly seen: string | undefined;
  /** Who the user is now, or what keeps them from receiving calls. */
  readonly recheck: () => Promise<Answer<Caller>>;
}

function stream(
  reply: FastifyReply,
  { target, secret, seen, recheck }: Listening,
  { calls, streams, heartbeatMs = HEARTBEAT_MS }: LivePop,
): FastifyReply {
  // Calls may come before the stream has begun. They are sent in order, each after a check of the session.
  const begun = Promise.withResolvers<boolean>();
  let queue: Promise<unknown> = begun.promise;
  const sendUnless = (write: (caller?: Caller) => string, ends: (problem: Problem) => boolean) => {
    queue = queue.then(recheck).then(
      (again) => {
        if (!('problem' in again)) opened?.write(write(again));
        else if (ends(again.problem)) opened?.end();
        else opened?.write(write());
      },
      () => opened?.end(),
    );
  };
  // Only a session that was checked hears of a call. None is lost: the browser connects again, and gets the last one.
  const subscribed = calls.subscribe(target, seen, (call, isLate, isUpdate) =>
    sendUnless(
      (caller) => eventOf(call, { isLate, isUpdate }, caller?.hidesNumbers === true ? secret : undefined),
      () => true,
    ),
  );
  if ('refused' in subscribed) {
    void reply.header('retry-after', FULL_RETRY_SECONDS);
    return refuse(reply, subscribed.refused === 'of user' ? 429 : 503);
  }
  // A heartbeat reveals nothing, so a store that is away for a moment disconnects no cards.
  const endsHeartbeat = ({ code }: Problem) => code !== 'store_unavailable';
  const heartbeat = setInterval(() => sendUnless(() => ':\n\n', endsHeartbeat), heartbeatMs).unref();
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

/**
 * A call as the page's script reads it, or what is new of one that it has shown: docs/live-pop.md.
 *
 * @param secret of the session of a user from whom numbers are hidden: the number is in an address that says nothing
 */
function eventOf(
  { id, phone, leadId, callId, direction, at, ...call }: Call,
  { isLate, isUpdate }: { readonly isLate: boolean; readonly isUpdate: boolean },
  secret: string | undefined,
): string {
  const lead = leadId === undefined ? undefined : String(leadId);
  const whose =
    secret === undefined
      ? { phone, lead_id: leadId }
      : { address: cardAddress({ wanted: { phone, lead } }, secret) };
  const { state = 'ringing', line, answeredBy, answeredAt, endedAt } = call;
  const shown = secret === undefined || line === undefined ? line : maskLine(line);
  const about = {
    ...{ call_id: callId, direction, at, replayed: isLate, state, line: shown },
    ...{ started_at: at, answered_at: answeredAt, ended_at: endedAt, answered_by: answeredBy },
  };
  // An id with an update would be taken for the last call that the page has shown.
  const head = isUpdate ? 'event: update' : `id: ${id}\nevent: call`;
  return `${head}\ndata: ${JSON.stringify({ ...whose, ...about, ...(isUpdate && { call: id }) })}\n\n`;
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
