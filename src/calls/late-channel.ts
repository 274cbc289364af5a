import type { OpenChannel } from './call-channel.ts';

/** A channel that is loaded first, so that only those who have one pay for its library; what is published waits for it. */
export function lateChannel(load: () => Promise<OpenChannel>): OpenChannel {
  return (listener) => {
    const channel = load().then((open) => open(listener));
    return {
      publish: (call) => void channel.then((ready) => ready.publish(call)),
      readLast: (target) => channel.then((ready) => ready.readLast(target)),
      close: async () => (await channel).close(),
    };
  };
}
