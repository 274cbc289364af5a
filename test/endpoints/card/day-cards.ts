import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import type { EventStream, SentEvent } from '../../support/event-stream.ts';
import { until } from '../../support/until.ts';
import { hearCalls } from './call-fixture.ts';
import { type CardClient, createCardClient } from './card-fixture.ts';

/** Browsers wait longer. */
const RECONNECT_MS = 100;
const SIGNED_IN_AT_ONCE = 4;

export type DayCards = Awaited<ReturnType<typeof openDayCards>>;

/**
 * The card of each agent, which connects again as a browser does when its stream ends, and says what it has shown last.
 *
 * @param urlNow where the server is at the moment
 */
export async function openDayCards(urlNow: () => string, users: readonly string[], password: string) {
  const cards = new Map<string, ReturnType<typeof keepOpen>>();
  const clients = new Map<string, CardClient>();
  for (let at = 0; at < users.length; at += SIGNED_IN_AT_ONCE)
    await Promise.all(
      users.slice(at, at + SIGNED_IN_AT_ONCE).map(async (user) => {
        const client = createCardClient(urlNow());
        // A machine that is busy may turn some away.
        await until(
          `${user} signs in`,
          async () => (await client.signIn(user, password)).status === 303,
          100,
        );
        clients.set(user, client);
      }),
    );
  for (const [user, client] of clients) cards.set(user, keepOpen(urlNow, client));
  await until('every card hears of calls', () => [...cards.values()].every(({ isOpen }) => isOpen()));
  return {
    /** Whether the agent's card has shown a call of the dialer. */
    hasShown: (user: string, callId: string) =>
      cards
        .get(user)
        ?.events()
        .some(({ data }) => data.call_id === callId) ?? false,
    /** The dialer's ids of the calls that popped up, in their order. */
    popsOf: (user: string) => pops(cards.get(user)?.events() ?? []),
    async close(): Promise<void> {
      await Promise.all([...cards.values()].map((card) => card.close()));
    },
  };
}

const pops = (events: readonly SentEvent[]) =>
  events.filter(({ event }) => event === 'call').map(({ data }) => String(data.call_id));

/** One card. */
function keepOpen(urlNow: () => string, client: CardClient) {
  const past: SentEvent[] = [];
  let stream: EventStream | undefined;
  const closing = new AbortController();
  const isClosed = () => closing.signal.aborted;
  let read = { length: 0, events: [] as readonly SentEvent[] };

  /** Of this connection; read again where more has come. */
  function present(): readonly SentEvent[] {
    if (stream === undefined) return [];
    if (stream.text.length !== read.length) read = { length: stream.text.length, events: stream.events };
    return read.events;
  }

  async function run(): Promise<void> {
    while (!isClosed()) {
      const shown = past.findLast(({ id }) => id !== '')?.id ?? '';
      const opened = await hearCalls(urlNow(), client, `?after=${shown}`).catch(() => undefined);
      if (opened !== undefined && opened.status < 500) {
        assert.equal(opened.status, 200);
        stream = opened;
        while (!opened.hasEnded && !isClosed()) await pause(RECONNECT_MS);
        past.push(...present());
        [stream, read] = [undefined, { length: 0, events: [] }];
      }
      opened?.close();
      await pause(RECONNECT_MS);
    }
  }

  const running = run();
  running.catch(() => undefined);
  return {
    isOpen: () => stream !== undefined,
    events: () => [...past, ...present()],
    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
}
