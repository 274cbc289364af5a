import type { OpenChannel } from './call-channel.ts';

/**
 * A channel that is loaded first, so that only those who have one pay for its library; what is published waits for it.
 *
 * @param failed told once where there will be none: calls then reach the cards of this process alone
 */
export function lateChannel(load: () => Promise<OpenChannel>, failed: (cause: unknown) => void): OpenChannel {
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
