import { type Call, type CallTarget, keyOf } from './call.ts';

/** How long a user's last call is shown again: a shift. */
export const LAST_CALL_MS = 8 * 3_600_000;

/** Carries calls between the processes of an installation. */
export interface CallChannel {
  /** Passes a call on. Never throws: the cards of this process have it already. */
  publish(call: Call): void;
  /** The user's last call in any process; `no answer`: it cannot be read now. */
  readLast(target: CallTarget): Promise<Call | 'nothing' | 'no answer'>;
  close(): Promise<void>;
}

/** What a channel reports to the process it works for. */
export interface ChannelListener {
  /** A call came, this process' own among them. */
  onCall(call: Call): void;
  /** Calls may have been missed until now. */
  onConnected(): void;
}

export type OpenChannel = (listener: ChannelListener) => CallChannel;

/**
 * A channel that loads its library when it is opened; calls wait for it.
 *
 * @param failed called once if it cannot be opened: calls then reach the cards of this process alone
 */
export function lazyChannel(load: () => Promise<OpenChannel>, failed: (cause: unknown) => void): OpenChannel {
  return (listener) => {
    const channel = load()
      .then((open) => open(listener))
      .catch((cause: unknown) => {
        failed(cause);
        return undefined;
      });
    return {
      publish: (call) => void channel.then((ready) => ready?.publish(call)),
      readLast: (target) => channel.then((ready) => ready?.readLast(target) ?? 'no answer'),
      close: async () => (await channel)?.close(),
    };
  };
}

/**
 * The last call of each user that could not be passed on.
 *
 * @param most users; of one more nothing is kept, of each of them always the newest
 */
export function createUnsentCalls(most: number) {
  const calls = new Map<string, Call>();
  return {
    keep(call: Call): void {
      const before = calls.get(keyOf(call));
      if (before === undefined ? calls.size < most : before.at <= call.at) calls.set(keyOf(call), call);
    },
    /** Returns the calls and forgets them. */
    takeAll(): readonly Call[] {
      const all = [...calls.values()];
      calls.clear();
      return all;
    },
    size: () => calls.size,
  };
}
