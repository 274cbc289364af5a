import type { Call } from './call.ts';
import type { CallChannel, ChannelListener, OpenChannel } from './call-channel.ts';

/** The channel of one domain. */
export interface DomainChannel {
  /** As long as it is the same, the channel stays open. */
  readonly id: string;
  readonly open: OpenChannel;
}

export type DomainChannels = ReturnType<typeof createDomainChannels>;

/**
 * A channel for each domain that has one, such as the database in which its store is.
 *
 * @param openShared carries the calls of all other domains; without it they reach this process alone
 */
export function createDomainChannels(openShared?: OpenChannel) {
  const channels = new Map<string, { readonly id: string; readonly channel: CallChannel }>();
  let wanted: ReadonlyMap<string, DomainChannel> = new Map();
  let listener: ChannelListener | undefined;
  let shared: CallChannel | undefined;

  const channelOf = (domain: string) => (wanted.has(domain) ? channels.get(domain)?.channel : shared);

  async function closeOthers(): Promise<void> {
    const others = [...channels].filter(([domain, { id }]) => wanted.get(domain)?.id !== id);
    for (const [domain] of others) channels.delete(domain);
    await Promise.all(others.map(([, { channel }]) => channel.close()));
  }

  /** A channel brings calls of its own domain, whatever others write there. */
  function listenerOf(domain: string, to: ChannelListener): ChannelListener {
    const onCall = (call: Call) => {
      if (call.domain === domain) to.onCall(call);
    };
    return { onCall, onConnected: () => to.onConnected() };
  }

  function openWanted(): void {
    if (listener === undefined) return;
    for (const [domain, { id, open }] of wanted)
      if (!channels.has(domain)) channels.set(domain, { id, channel: open(listenerOf(domain, listener)) });
  }

  function openSharedFor(to: ChannelListener): void {
    const onCall = (call: Call) => {
      if (!wanted.has(call.domain)) to.onCall(call);
    };
    shared = openShared?.({ onCall, onConnected: () => to.onConnected() });
  }

  const open: OpenChannel = (to) => {
    listener = to;
    openSharedFor(to);
    openWanted();
    return {
      publish: (call) => channelOf(call.domain)?.publish(call),
      readLast: (target) => channelOf(target.domain)?.readLast(target) ?? Promise.resolve('no answer'),
      async close() {
        listener = undefined;
        wanted = new Map();
        const last = shared;
        shared = undefined;
        await Promise.all([closeOthers(), last?.close()]);
      },
    };
  };

  return {
    open,
    /** Takes the domains of another configuration. */
    take(domains: ReadonlyMap<string, DomainChannel>): void {
      wanted = domains;
      void closeOthers();
      openWanted();
    },
  };
}
