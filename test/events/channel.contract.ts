import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { systemClock, type Clock } from '../../src/core/clock.ts';
import type { CallTarget } from '../../src/events/call.ts';
import type { OpenChannel } from '../../src/events/call-channel.ts';
import { createCallHub, type CallHub } from '../../src/events/call-hub.ts';
import type { ChannelEvent } from '../../src/events/relay-channel.ts';
import { until } from '../support/until.ts';

export const ANA: CallTarget = { domain: 'acme', user: 'ana' };

/** A server that carries calls, as the contract needs it. */
export interface ChannelServer {
  open(log: (event: ChannelEvent) => void, clock: Clock): OpenChannel;
  /** Channels that can never work, each with the reasons that the log may say. */
  readonly unusable: readonly {
    open(log: (event: ChannelEvent) => void): OpenChannel;
    readonly reason: RegExp;
  }[];
  /** How many processes hear calls. */
  listeners(): Promise<number>;
  /** How long the last call of Ana is kept, in milliseconds; 0: none is. */
  keptMs(): Promise<number>;
  /** Sends a text to all processes. */
  sendRaw(text: string): Promise<void>;
  /** Keeps a text as Ana's last call. */
  keepRaw(text: string): Promise<void>;
  /** Forgets all calls. */
  clear(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** One process of an installation. */
interface Instance {
  readonly hub: CallHub;
  readonly events: readonly ChannelEvent[];
  /** Leads that an open card of Ana received, in order. */
  readonly received: readonly string[];
}

/** What a card that opens now receives. */
export function openCard(hub: CallHub, target = ANA, seen?: string): readonly string[] {
  const received: string[] = [];
  hub.subscribe(target, seen, ({ leadId, phone }, isLate) => {
    received.push(`${isLate ? 'late ' : ''}${String(leadId ?? phone)}`);
  });
  return received;
}

/**
 * The calls, whether they were late or not: the last one is read at the very moment that a process has subscribed, so a call
 * that is published just then may be read before it is heard.
 */
const callsOf = (received: readonly string[]) => received.map((call) => call.replace(/^late /, ''));

/** What every channel does. */
export function channelContract(
  name: string,
  skip: string | false,
  startServer: () => Promise<ChannelServer>,
): void {
  describe(`calls through ${name}`, { skip }, () => {
    let server: ChannelServer;
    const open: Instance[] = [];

    before(async () => {
      server = await startServer();
    });
    after(async () => {
      for (const { hub, events } of open) {
        await hub.close();
        assert.ok(!JSON.stringify(events).includes('planted-secret'), 'the password was logged');
      }
      await server.stop();
    });

    function startOver(
      openChannel: (log: (event: ChannelEvent) => void, clock: Clock) => OpenChannel,
      seen?: string,
      clock: Clock = systemClock,
    ): Instance {
      const events: ChannelEvent[] = [];
      const hub = createCallHub(
        clock,
        openChannel((event) => events.push(event), clock),
      );
      const instance = { hub, events, received: openCard(hub, ANA, seen) };
      open.push(instance);
      return instance;
    }

    const start = (seen?: string) => startOver((log, clock) => server.open(log, clock), seen);

    /** Until calls of one reach the other. */
    async function untilJoined(...instances: readonly Instance[]): Promise<void> {
      await until('all have subscribed', async () => (await server.listeners()) === instances.length, 50);
    }

    /** Ends instances, so that the next test has the server for itself. */
    async function leave(...instances: readonly Instance[]): Promise<void> {
      for (const { hub } of instances) await hub.close();
      await untilJoined();
      await server.clear();
    }

    it('reach the cards of every process, once each, and of no other domain', async () => {
      const [one, other] = [start(), start()];
      await untilJoined(one, other);
      const elsewhere = openCard(other.hub, { domain: 'beta', user: 'ana' });
      one.hub.publish(ANA, { leadId: 1 });
      other.hub.publish(ANA, { phone: '5512345678', callId: 'c-1', direction: 'outbound' });
      one.hub.publish(ANA, { leadId: 3 });
      await until('both have all of them', () => [one, other].every(({ received }) => received.length >= 3));
      for (const { received } of [one, other])
        assert.deepEqual(callsOf(received).sort(), ['1', '3', '5512345678']);
      assert.deepEqual(elsewhere, []);
      await leave(one, other);
    });

    it('reach them however large they are', async () => {
      const [one, other] = [start(), start()];
      await untilJoined(one, other);
      // The largest that a process reads: a control character is six bytes of JSON.
      const large = { domain: 'acme', user: '\u0001'.repeat(300), account: '\u0002'.repeat(300) };
      const received: unknown[] = [];
      other.hub.subscribe(large, undefined, ({ phone, callId }) => received.push([phone, callId]));
      const [phone, callId] = ['\u0003'.repeat(300), '\u{1f600}'.repeat(150)];
      const ids = Array.from({ length: 3 }, (_, at) => one.hub.publish(large, { phone, callId, leadId: at }));
      await until('all are heard', () => received.length === 3);
      assert.deepEqual(received, Array(3).fill([phone, callId]));
      const late: unknown[] = [];
      const third = start();
      third.hub.subscribe(large, undefined, ({ id }) => late.push(id));
      await until('the last is read', () => late.includes(ids.at(-1)?.id));
      await leave(one, other, third);
    });

    it('are kept for a process that starts later, for a shift', async () => {
      const one = start();
      await untilJoined(one);
      const { id } = one.hub.publish(ANA, { leadId: 4, callId: 'c-4', direction: 'inbound' });
      await until('it is kept', async () => (await server.keptMs()) > 0);
      const left = await server.keptMs();
      assert.ok(left > 7.9 * 3_600_000 && left <= 8 * 3_600_000, `${left} ms`);
      const [later, informed] = [start(), start(id)];
      await until('it is received', () => later.received.length > 0);
      assert.deepEqual(later.received, ['late 4']);
      const elsewhere = openCard(informed.hub, { domain: 'beta', user: 'ana' });
      await untilJoined(one, later, informed);
      one.hub.publish(ANA, { leadId: 5 });
      await until('it is received', () => callsOf(informed.received).includes('5'));
      assert.deepEqual(callsOf(informed.received), ['5'], 'who has shown it does not receive it again');
      assert.deepEqual(elsewhere, []);
      await leave(one, later, informed);
    });

    it('still reach the cards of their own process while it is away, and what was missed comes once it is back', async () => {
      const [one, other] = [start(), start()];
      await untilJoined(one, other);
      await server.kill();
      await until('it is logged', () => one.events.length > 0 && other.events.length > 0);
      one.hub.publish(ANA, { leadId: 5 });
      assert.deepEqual(one.received, ['5']);
      assert.deepEqual(openCard(one.hub), ['late 5']);
      await server.restart();
      await untilJoined(one, other);
      await until('it is logged', () => one.events.length > 1 && other.events.length > 1);
      await until('the other has it', () => other.received.some((received) => received.endsWith('5')));
      one.hub.publish(ANA, { leadId: 6 });
      await until('the other has it', () => callsOf(other.received).includes('6'));
      assert.equal(other.received.length, 2);
      assert.deepEqual(one.received, ['5', '6']);
      for (const { events } of [one, other]) {
        // On a busy machine it may seem to be away once more.
        const levels = events.map(({ level }) => level);
        const inTurn = levels.map((_level, at) => (at % 2 === 0 ? 'warn' : 'info'));
        assert.deepEqual(levels, inTurn, 'one line when it goes, one when it is back');
      }
      await leave(one, other);
    });

    it('wait for nobody while it is frozen', async () => {
      const one = start();
      await untilJoined(one);
      server.freeze();
      try {
        const started = performance.now();
        one.hub.publish(ANA, { leadId: 8 });
        assert.deepEqual(one.received, ['8']);
        assert.deepEqual(openCard(one.hub), ['late 8']);
        const ms = performance.now() - started;
        assert.ok(ms < 5_000, `${ms} ms`);
      } finally {
        server.thaw();
      }
      await leave(one);
    });

    it('work without a server that was never there, or whose password is wrong', async () => {
      for (const unusable of server.unusable) {
        const { hub, received, events } = startOver((log) => unusable.open(log));
        await until('it is logged', () => events.length > 0);
        hub.publish(ANA, { leadId: 9 });
        assert.deepEqual(received, ['9']);
        assert.equal(events.length, 1);
        assert.match(events[0]?.reason ?? '', unusable.reason);
      }
    });

    it('take nothing that none of them wrote', async () => {
      const one = start();
      await untilJoined(one);
      for (const text of ['', 'x', '[]', 'row 0', '{"id":1}', '{"id":"a","domain":"acme","user":"ana"}'])
        await server.sendRaw(text);
      await server.keepRaw('{"id":"a","domain":"beta","user":"ana","at":1}');
      const other = start();
      await untilJoined(one, other);
      one.hub.publish(ANA, { leadId: 10 });
      await until('it is received', () => other.received.length > 0 && one.received.length > 0);
      for (const { received } of [one, other]) assert.deepEqual(callsOf(received), ['10']);
      await leave(one, other);
    });
  });
}
