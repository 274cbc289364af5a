import { setTimeout as delay } from 'node:timers/promises';

import type { CallRelay, OpenRelay } from '../core/call-relay.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { createUnsentCalls, LAST_CALL_MS, type OpenChannel } from './call-channel.ts';
import { type Call, type CallTarget, isNews, keyOf, readCall } from './call.ts';

/** A relay answers in milliseconds; after this time the card shows what this process knows. */
const ANSWER_MS = 500;
/** Users whose call waits for a relay that does not answer, or is away. */
export const MAX_WAITING = 10_000;

/** What happens to the connections, in words that hold no secret. */
export interface ChannelEvent {
  readonly level: 'info' | 'warn';
  readonly message: string;
  /** The kind of error: a code such as ECONNREFUSED or WRONGPASS. */
  readonly reason?: string;
}

/**
 * Calls through a server that all processes share: passed on to every process, and each user's last one kept for those that
 * come later. While the server is away nothing here fails.
 *
 * @param server its name, for the log
 */
export function openRelayChannel(
  openRelay: OpenRelay,
  server: string,
  log: (event: ChannelEvent) => void,
  clock: Clock = systemClock,
): OpenChannel {
  return (listener) => {
    const state = watchState(server, () => relay.isJoined(), log);
    const relay: CallRelay = openRelay({
      take(text) {
        const call = readCall(text, clock.wall());
        if (call !== undefined) listener.onCall(call);
      },
      canSend: () => void channel.publishUnsent(),
      joined() {
        state.back();
        listener.onConnected();
      },
      fault: (reason) => state.fault(reason),
    });
    const channel = channelOver(relay, state, clock);
    return {
      publish: (call) => channel.publish(call),
      readLast: channel.readLast,
      async close() {
        state.end();
        await relay.close();
      },
    };
  };
}

function channelOver(relay: CallRelay, state: ReturnType<typeof watchState>, clock: Clock) {
  const unsent = createUnsentCalls(MAX_WAITING);

  async function send(call: Call): Promise<boolean> {
    const keptMs = LAST_CALL_MS - Math.max(0, clock.wall() - call.at);
    if (keptMs <= 0) return true;
    try {
      await relay.send({ key: keyOf(call), text: JSON.stringify(call), at: call.at, keptMs });
      state.back();
      return true;
    } catch {
      // The relay reports why.
      unsent.keep(call);
      return false;
    }
  }

  async function readLast(target: CallTarget): Promise<Call | 'nothing' | 'no answer'> {
    const reading = relay.read(keyOf(target)).catch(() => 'no answer' as const);
    const text = await Promise.race([reading, delay(ANSWER_MS, 'no answer' as const, { ref: false })]);
    if (text === 'no answer') return text;
    const call = text === undefined ? undefined : readCall(text, clock.wall());
    // What is under a user's name is for that user, or it is not ours.
    return call !== undefined && keyOf(call) === keyOf(target) ? call : 'nothing';
  }

  async function publishUnsent(): Promise<void> {
    for (const call of unsent.takeAll()) {
      const stored = await readLast(call);
      // It may be newer than this one.
      if (stored === 'no answer') unsent.keep(call);
      else if (stored === 'nothing' || stored.at < call.at || isNews(call, stored)) await send(call);
    }
  }

  return {
    publish(call: Call) {
      void send(call).then((isSent) => {
        // The server took nothing for a while, without having been away.
        if (isSent && unsent.size() > 0) void publishUnsent();
      });
    },
    readLast,
    publishUnsent,
  };
}

/** One line when it goes, one when it is back, whatever happens in between. */
function watchState(server: string, isJoined: () => boolean, log: (event: ChannelEvent) => void) {
  let isAway = false;
  let hasEnded = false;
  return {
    fault(reason: string): void {
      if (hasEnded || isAway) return;
      isAway = true;
      const message = `${server} does not answer: calls reach only cards of this process until it does`;
      log({ level: 'warn', message, reason });
    },
    back(): void {
      if (hasEnded || !isAway || !isJoined()) return;
      isAway = false;
      log({ level: 'info', message: `${server} is back: calls reach the cards of every process` });
    },
    end(): void {
      hasEnded = true;
    },
  };
}
