import type { RedisClientType } from '@redis/client';

/** Between two tries where Redis refuses: until its operator has allowed the channel. */
const PAUSE_MS = 2_000;

export interface Subscriber {
  /** Takes a message. Always this very function: the library adds each other one. */
  readonly take: (text: string) => void;
  readonly joined: () => void;
  readonly refused: (cause: unknown) => void;
}

/** A connection that hears a channel, however often it is made anew. */
export interface Subscription {
  isOn(): boolean;
  end(): void;
}

/** Subscribes at each connection, and again after a pause where Redis did not let it. */
export function keepSubscribed(
  client: RedisClientType,
  channel: string,
  { take, joined, refused }: Subscriber,
): Subscription {
  let isSubscribed = false;
  let again: NodeJS.Timeout | undefined;

  async function subscribe(): Promise<void> {
    clearTimeout(again);
    if (!client.isReady) return;
    try {
      // What the library has subscribed again by itself is not asked for twice.
      await client.subscribe(channel, take);
      isSubscribed = true;
      joined();
    } catch (cause) {
      refused(cause);
      again = setTimeout(() => void subscribe(), PAUSE_MS).unref();
    }
  }

  client.on('ready', () => {
    isSubscribed = false;
    void subscribe();
  });
  return {
    isOn: () => client.isReady && isSubscribed,
    end: () => clearTimeout(again),
  };
}
