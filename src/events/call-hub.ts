import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import { keyOf, makeCallId, type Call, type CallTarget, type CallNotification } from './call.ts';
import { LAST_CALL_MS, type OpenChannel } from './call-channel.ts';

/** Limits of one process. */
export const CALL_LIMITS = {
  /** Cards open at once, in all; each is a connection. */
  cards: 2_000,
  /** Of one user: more tabs than anybody needs. */
  cardsOfUser: 8,
  /** Users whose last call is kept. */
  users: 10_000,
  /** Calls that are recognised when they come back through the channel. */
  seenCalls: 10_000,
} as const;

/** @param isLate the call was published before, and this card missed it or was not open then */
export type Subscriber = (call: Call, isLate: boolean) => void;

export type CallHub = ReturnType<typeof createCallHub>;

/**
 * Brings calls to the open cards of the user whom they are for.
 *
 * @param openChannel without it calls reach the cards of this process alone
 */
export function createCallHub(
  clock: Clock,
  openChannel?: OpenChannel,
  limits: Partial<Record<keyof typeof CALL_LIMITS, number>> = {},
) {
  const most = { ...CALL_LIMITS, ...limits };
  const lastCalls = createLastCalls(clock, most.users);
  const seenCalls = new BoundedMap<string, true>(most.seenCalls);
  const open = createOpenCards();
  let notified = 0;

  function deliver(call: Call, isLate: boolean): void {
    // The channel brings this process' own calls back.
    if (seenCalls.get(call.id) === true) return;
    seenCalls.set(call.id, true);
    lastCalls.set(call);
    for (const notify of open.of(call)) notify(call, isLate);
  }

  /** Delivers a missed call, unless a newer one came meanwhile. */
  async function catchUp(target: CallTarget): Promise<void> {
    const call = await channel?.readLast(target);
    if (typeof call !== 'object' || !lastCalls.isOf(target, call)) return;
    const known = lastCalls.get(target);
    if (known === undefined || call.at > known.at) deliver(call, true);
  }

  const channel = openChannel?.({
    onCall: (call) => deliver(call, false),
    onConnected() {
      for (const target of open.targets()) void catchUp(target);
    },
  });

  return {
    /** Sends a call to every open card of a user, wherever it is, and to those that open later (`LAST_CALL_MS`). */
    publish({ domain, user, account, store }: CallTarget, about: CallNotification): Call {
      notified += 1;
      const call = { id: makeCallId(), domain, user, account, store, at: clock.wall(), ...about };
      deliver(call, false);
      channel?.publish(call);
      return call;
    },
    /**
     * Adds an open card. If the last call is another than the one it has seen, it gets it at once.
     *
     * @param seen id of the last call that it has shown; empty or undefined: none
     * @returns why the card is refused, or how it is closed
     */
    subscribe(target: CallTarget, seen: string | undefined, notify: Subscriber) {
      if (open.count() >= most.cards) return { refused: 'in all' } as const;
      if (open.of(target).size >= most.cardsOfUser) return { refused: 'of user' } as const;
      let shown = seen;
      const show: Subscriber = (call, isLate) => {
        if (call.id === shown) return;
        shown = call.id;
        notify(call, isLate);
      };
      const close = open.add(target, show);
      const last = lastCalls.get(target);
      if (last !== undefined) show(last, true);
      void catchUp(target);
      return { close };
    },
    /** The calls until now of these domains are shown to nobody who opens a card later: their users may be others now. */
    forget: (domains: readonly string[]): void => domains.forEach(lastCalls.forget),
    /** Cards that are open in this process, and calls that it was notified of. */
    counts: () => ({ cards: open.count(), notified }),
    close: async (): Promise<void> => channel?.close(),
  };
}

/** The open cards of each user. */
function createOpenCards() {
  const users = new Map<string, { readonly target: CallTarget; readonly cards: Set<Subscriber> }>();
  let count = 0;

  return {
    count: () => count,
    of: (target: CallTarget): ReadonlySet<Subscriber> => users.get(keyOf(target))?.cards ?? new Set(),
    targets: () => [...users.values()].map(({ target }) => target),
    /** @returns a function that removes the card */
    add(target: CallTarget, notify: Subscriber): () => void {
      const key = keyOf(target);
      const user = users.get(key) ?? { target, cards: new Set() };
      users.set(key, user);
      user.cards.add(notify);
      count += 1;
      return () => {
        if (!user.cards.delete(notify)) return;
        count -= 1;
        if (user.cards.size === 0) users.delete(key);
      };
    },
  };
}

/** The last call of each user, for as long as it may be shown again. */
function createLastCalls(clock: Clock, users: number) {
  const calls = new BoundedMap<string, { readonly call: Call; readonly shownAt: number }>(users);
  /** When the calls of a domain were forgotten; by the wall clock, as calls have it. */
  const forgotten = new Map<string, number>();

  /** Whether a call is of this very user: in the same store, and not of a time before the domain changed. */
  const isOf = ({ domain, store }: CallTarget, call: Call) =>
    call.store === store && call.at > (forgotten.get(domain) ?? -Infinity);

  return {
    isOf,
    forget: (domain: string): void => void forgotten.set(domain, clock.wall()),
    get(target: CallTarget): Call | undefined {
      const entry = calls.get(keyOf(target));
      if (entry === undefined || !isOf(target, entry.call)) return undefined;
      return clock.monotonic() - entry.shownAt < LAST_CALL_MS ? entry.call : undefined;
    },
    set(call: Call): void {
      // Kept from its own time on, even if it came late. Clocks of other machines may be ahead.
      const age = Math.max(0, clock.wall() - call.at);
      calls.set(keyOf(call), { call, shownAt: clock.monotonic() - age });
    },
  };
}
