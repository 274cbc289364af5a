import { BoundedMap } from '../core/bounded-map.ts';
import { isFurther, SAME_CALL_MS } from '../core/call-store.ts';
import type { Clock } from '../core/clock.ts';
import type { CallState } from '../core/reported-call.ts';
import { isNews, keyOf, makeCallId, type Call, type CallTarget, type CallNotification } from './call.ts';
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

/**
 * @param isLate the call was published before, and this card missed it or was not open then
 * @param isUpdate it is a call that was shown before, or over before it could be: nothing pops up
 */
export type Subscriber = (call: Call, isLate: boolean, isUpdate: boolean) => void;

/** A call to be shown. `id` and `at`: those of its first report, where the publisher knows them. */
export type PublishedCall = CallNotification & { readonly id?: string; readonly at?: number | undefined };

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
  const seenCalls = new BoundedMap<string, Call>(most.seenCalls);
  const open = createOpenCards();
  /** By domain, whose names come from the configuration. */
  const notified = new Map<string, number>();

  function deliver(call: Call, isLate: boolean): void {
    const known = seenCalls.get(call.id);
    // The channel brings this process' own calls back, and reports of a call may come twice or late.
    if (known !== undefined && !isNews(call, known)) return;
    const whole = known === undefined ? call : { ...known, ...call };
    seenCalls.set(call.id, whole);
    lastCalls.take(whole, known === undefined);
    for (const notify of open.of(call)) notify(whole, isLate, known !== undefined);
  }

  /** Delivers a missed call, unless a newer one came meanwhile. */
  async function catchUp(target: CallTarget): Promise<void> {
    const call = await channel?.readLast(target);
    if (typeof call !== 'object' || !lastCalls.isOf(target, call)) return;
    const known = lastCalls.get(target);
    if (known === undefined || call.at > known.at || isNews(call, known)) deliver(call, true);
  }

  const channel = openChannel?.({
    onCall: (call) => deliver(call, false),
    onConnected() {
      for (const target of open.targets()) void catchUp(target);
    },
  });

  return {
    /** Sends a call to every open card of a user, wherever it is, and to those that open later (`LAST_CALL_MS`). */
    publish(target: CallTarget, about: PublishedCall): Call {
      const call = callOf(target, about, seenCalls.get(about.id ?? ''), clock.wall());
      const known = seenCalls.get(call.id);
      if (known !== undefined && !isNews(call, known)) return known;
      // Of a call that is not known here, without what a card could ask for.
      if (call.phone === undefined && call.leadId === undefined) return call;
      if (known === undefined) notified.set(call.domain, (notified.get(call.domain) ?? 0) + 1);
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
      const show = showTo(notify, seen);
      const close = open.add(target, show);
      const last = lastCalls.get(target);
      if (last !== undefined) show(last, true, false);
      void catchUp(target);
      return { close };
    },
    /** The calls until now of these domains are shown to nobody who opens a card later: their users may be others now. */
    forget: (domains: readonly string[]): void => domains.forEach(lastCalls.forget),
    /** Cards that are open in this process, in all or of one domain, and calls of each domain that it was notified of. */
    counts: (domain?: string) => ({ cards: open.count(domain), notified }),
    close: async (): Promise<void> => channel?.close(),
  };
}

/** @param seen the call of that id, if it is known */
function callOf(
  { domain, user, account, store }: CallTarget,
  about: PublishedCall,
  seen: Call | undefined,
  now: number,
): Call {
  const known = seen !== undefined && now - seen.at < SAME_CALL_MS ? seen : undefined;
  // A sender that counts anew comes to an id again: that is another call.
  const id = about.id === undefined || seen !== known ? makeCallId() : about.id;
  const at = known?.at ?? about.at ?? now;
  return { ...known, domain, user, account, store, ...definedOf(about), id, at };
}

/** What is undefined says nothing. */
function definedOf(about: PublishedCall): PublishedCall {
  return Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
}

/** Shows each call to a card once, then what is new of it. @param seen the last call that it has shown */
function showTo(notify: Subscriber, seen: string | undefined): Subscriber {
  let shown = seen;
  let state: CallState = 'ringing';
  return (call, isLate, isUpdate) => {
    const { state: now = 'ringing' } = call;
    if (call.id === shown) {
      if (!isFurther(now, state)) return;
      state = now;
      notify(call, isLate, true);
    } else if (isUpdate || (now === 'ended' && !isLate)) {
      notify(call, isLate, true);
    } else {
      [shown, state] = [call.id, now];
      notify(call, isLate, false);
    }
  };
}

/** The open cards of each user. */
function createOpenCards() {
  const users = new Map<string, { readonly target: CallTarget; readonly cards: Set<Subscriber> }>();
  const byDomain = new Map<string, number>();
  let count = 0;

  /** @param more cards that were opened, or closed where it is negative */
  function note(domain: string, more: number): void {
    count += more;
    const now = (byDomain.get(domain) ?? 0) + more;
    if (now === 0) byDomain.delete(domain);
    else byDomain.set(domain, now);
  }

  return {
    count: (domain?: string) => (domain === undefined ? count : (byDomain.get(domain) ?? 0)),
    of: (target: CallTarget): ReadonlySet<Subscriber> => users.get(keyOf(target))?.cards ?? new Set(),
    targets: () => [...users.values()].map(({ target }) => target),
    /** @returns a function that removes the card */
    add(target: CallTarget, notify: Subscriber): () => void {
      const key = keyOf(target);
      const user = users.get(key) ?? { target, cards: new Set() };
      users.set(key, user);
      user.cards.add(notify);
      note(target.domain, 1);
      return () => {
        if (!user.cards.delete(notify)) return;
        note(target.domain, -1);
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

  function get(target: CallTarget): Call | undefined {
    const entry = calls.get(keyOf(target));
    if (entry === undefined || !isOf(target, entry.call)) return undefined;
    return clock.monotonic() - entry.shownAt < LAST_CALL_MS ? entry.call : undefined;
  }

  return {
    isOf,
    get,
    forget: (domain: string): void => void forgotten.set(domain, clock.wall()),
    /** @param isFirst nothing was known of the call before */
    take(call: Call, isFirst: boolean): void {
      const last = get(call);
      // What is new of a call, or that one is over, says nothing of one that came after it.
      const isLast = isFirst && (call.state !== 'ended' || last === undefined || last.at <= call.at);
      if (!isLast && last?.id !== call.id) return;
      // Kept from its own time on, even if it came late. Clocks of other machines may be ahead.
      const age = Math.max(0, clock.wall() - call.at);
      calls.set(keyOf(call), { call, shownAt: clock.monotonic() - age });
    },
  };
}
