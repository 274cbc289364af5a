import type { CallRelay, OpenRelay, RelayListener } from '../core/call-relay.ts';
import type { LeaseListener, OpenLease } from '../core/lease.ts';
import { PendingReplies, type PoolNews, type PoolRequest } from './ipc.ts';

/** Calls on their way to a primary that takes none; of more the channel keeps each user's last one. */
const MOST_WAITING = 1_000;
/** A primary answers in milliseconds. */
const ANSWER_MS = 1_000;

/** Sends a message to the primary; calls back with an error where it is lost. */
export type SendToPrimary = (request: PoolRequest, done: (lost: Error | null) => void) => void;

/** What a worker shares with the other workers, through the primary. */
export interface PrimaryLink {
  /** Carries calls to the cards of the other workers. */
  readonly openRelay: OpenRelay;
  /** What one of the workers does, and no other. */
  readonly openLease: OpenLease;
  /** Whether another worker, or this one, had an open card about a second ago. */
  cardsOpen(): boolean;
  /** Takes what the primary sends. */
  take(news: PoolNews): void;
  /** The primary has ended, and so does this process. */
  end(): void;
}

export function createPrimaryLink(send: SendToPrimary): PrimaryLink {
  const calls = createCalls(send);
  const leases = createLeases(send);
  let areCardsOpen = false;

  return {
    openRelay: calls.open,
    openLease: leases.open,
    cardsOpen: () => areCardsOpen,
    take(news) {
      if (news.command === 'cards') areCardsOpen = news.areOpen;
      else if (news.command === 'lease granted') leases.take(news.id);
      else calls.take(news);
    },
    end: () => leases.end(),
  };
}

type CallNews = Extract<PoolNews, { command: 'call' | 'calls missed' | 'last call' }>;

function createCalls(send: SendToPrimary) {
  const reads = new PendingReplies<{ readonly text: string | undefined } | 'no answer'>();
  const listeners = new Set<RelayListener>();
  let waiting = 0;

  function publish(request: PoolRequest): Promise<void> {
    if (waiting >= MOST_WAITING) return Promise.reject(new Error('the primary takes no calls'));
    waiting += 1;
    return new Promise((resolve, reject) => {
      send(request, (lost) => {
        waiting -= 1;
        if (lost === null) resolve();
        else reject(lost);
      });
    });
  }

  const open: OpenRelay = (listener): CallRelay => {
    listeners.add(listener);
    return {
      isJoined: () => waiting < MOST_WAITING,
      async send(call) {
        try {
          await publish({ event: 'call', call });
        } catch (cause) {
          listener.fault('no answer');
          throw cause;
        }
      },
      async read(key) {
        const ask = (id: number) => send({ event: 'last call wanted', id, key }, () => undefined);
        const answer = await reads.request(ask, ANSWER_MS, 'no answer');
        if (answer === 'no answer') throw new Error('the primary does not answer');
        return answer.text;
      },
      close() {
        listeners.delete(listener);
        return Promise.resolve();
      },
    };
  };

  return {
    open,
    take(news: CallNews): void {
      if (news.command === 'last call') reads.resolve(news.id, { text: news.text });
      else if (news.command === 'call') for (const listener of listeners) listener.take(news.text);
      else for (const listener of listeners) listener.joined();
    },
  };
}

function createLeases(send: SendToPrimary) {
  /** Those that are wanted or held, by the id of the wish: a lease that is closed and opened again is another one. */
  const leases = new Map<number, LeaseListener & { isHeld: boolean }>();
  let lastId = 0;

  const open: OpenLease = (name, listener) => {
    const id = (lastId += 1);
    leases.set(id, { taken: () => listener.taken(), lost: () => listener.lost(), isHeld: false });
    send({ event: 'lease wanted', id, name }, () => undefined);
    return {
      isHeld: () => leases.get(id)?.isHeld === true,
      close() {
        const lease = leases.get(id);
        if (lease === undefined) return Promise.resolve();
        leases.delete(id);
        if (lease.isHeld) lease.lost();
        send({ event: 'lease given up', id }, () => undefined);
        return Promise.resolve();
      },
    };
  };

  return {
    open,
    take(id: number): void {
      const lease = leases.get(id);
      if (lease === undefined) return;
      lease.isHeld = true;
      lease.taken();
    },
    end(): void {
      const held = [...leases.values()].filter(({ isHeld }) => isHeld);
      leases.clear();
      for (const lease of held) lease.lost();
    },
  };
}
