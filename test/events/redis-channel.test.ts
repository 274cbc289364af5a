import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { systemClock, type Clock } from '../../src/core/clock.ts';
import type { CallTarget } from '../../src/events/call.ts';
import { createCallHub, type CallHub } from '../../src/events/call-hub.ts';
import { openRedisChannel, type ChannelEvent } from '../../src/events/redis-channel.ts';
import { redisSkip, startRedis, type RedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'planted-secret :/@?#%';
const ANA: CallTarget = { domain: 'acme', user: 'ana' };

/** One process of an installation. */
interface Instance {
  readonly hub: CallHub;
  readonly events: readonly ChannelEvent[];
  /** Leads that an open card of Ana was received, in order. */
  readonly received: readonly string[];
}

/** What a card that opens now is received. */
function openCard(hub: CallHub, target = ANA, seen?: string): readonly string[] {
  const received: string[] = [];
  hub.subscribe(target, seen, ({ leadId, phone }, isLate) => {
    received.push(`${isLate ? 'late ' : ''}${String(leadId ?? phone)}`);
  });
  return received;
}

describe('calls through Redis', { skip: redisSkip }, () => {
  let redis: RedisServer;
  const open: Instance[] = [];

  before(async () => {
    redis = await startRedis(PASSWORD);
  });
  after(async () => {
    for (const { hub, events } of open) {
      await hub.close();
      assert.ok(!JSON.stringify(events).includes('planted-secret'), 'the password was received');
    }
    await redis.kill();
  });

  function start(url = redis.url, seen?: string, clock: Clock = systemClock): Instance {
    const events: ChannelEvent[] = [];
    const openChannel = openRedisChannel(url, (event) => events.push(event), clock);
    const hub = createCallHub(clock, openChannel);
    const instance = { hub, events, received: openCard(hub, ANA, seen) };
    open.push(instance);
    return instance;
  }

  /** Until calls of one reach the other. */
  async function untilJoined(...instances: readonly Instance[]): Promise<void> {
    const wanted = String(instances.length);
    const count = () => redis.ask('PUBSUB', 'NUMSUB', 'callercard:calls:0');
    await until('all have subscribed', async () => String(await count()).endsWith(`,${wanted}`));
  }

  /** Ends instances, so that the next test has the server for itself. */
  async function leave(...instances: readonly Instance[]): Promise<void> {
    for (const { hub } of instances) await hub.close();
    await until('nobody subscribes', async () =>
      String(await redis.ask('PUBSUB', 'NUMSUB', 'callercard:calls:0')).endsWith(',0'),
    );
    await redis.ask('FLUSHALL');
  }

  it('reach the cards of every process, once each, and of no other domain', async () => {
    const [one, other] = [start(), start()];
    await untilJoined(one, other);
    const elsewhere = openCard(other.hub, { domain: 'beta', user: 'ana' });
    one.hub.publish(ANA, { leadId: 1 });
    other.hub.publish(ANA, { phone: '5512345678', callId: 'c-1', direction: 'outbound' });
    one.hub.publish(ANA, { leadId: 3 });
    await until('both have the last one', () => [one, other].every(({ received }) => received.includes('3')));
    assert.deepEqual([...one.received].sort(), ['1', '3', '5512345678']);
    assert.deepEqual([...other.received].sort(), ['1', '3', '5512345678']);
    assert.deepEqual(elsewhere, []);
    await leave(one, other);
  });

  it('are kept for a process that starts later, for a shift', async () => {
    const one = start();
    await untilJoined(one);
    const { id } = one.hub.publish(ANA, { leadId: 4, callId: 'c-4', direction: 'inbound' });
    await until(
      'it is kept',
      async () => Number(await redis.ask('EXISTS', 'callercard:last:acme ana')) === 1,
    );
    const left = Number(await redis.ask('PTTL', 'callercard:last:acme ana'));
    assert.ok(left > 7.9 * 3_600_000 && left <= 8 * 3_600_000, `${left} ms`);
    const [later, informed] = [start(), start(redis.url, id)];
    await until('it is received', () => later.received.length > 0);
    assert.deepEqual(later.received, ['late 4']);
    const elsewhere = openCard(informed.hub, { domain: 'beta', user: 'ana' });
    await untilJoined(one, later, informed);
    one.hub.publish(ANA, { leadId: 5 });
    await until('it is received', () => informed.received.includes('5'));
    assert.deepEqual(informed.received, ['5'], 'who has shown it is not received again');
    assert.deepEqual(elsewhere, []);
    await leave(one, later, informed);
  });

  it('still reach the cards of their own process while Redis is away, and what was missed comes once it is back', async () => {
    const [one, other] = [start(), start()];
    await untilJoined(one, other);
    await redis.kill();
    await until('it is logged', () => one.events.length > 0 && other.events.length > 0);
    one.hub.publish(ANA, { leadId: 5 });
    assert.deepEqual(one.received, ['5']);
    assert.deepEqual(openCard(one.hub), ['late 5']);
    await redis.restart();
    await untilJoined(one, other);
    await until('it is logged', () => one.events.length > 1 && other.events.length > 1);
    await until('the other has it', () => other.received.some((received) => received.endsWith('5')));
    one.hub.publish(ANA, { leadId: 6 });
    await until('the other has it', () => other.received.includes('6'));
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

  it('wait for nobody while Redis is frozen', async () => {
    const one = start();
    await untilJoined(one);
    redis.freeze();
    try {
      const started = performance.now();
      one.hub.publish(ANA, { leadId: 8 });
      assert.deepEqual(one.received, ['8']);
      assert.deepEqual(openCard(one.hub), ['late 8']);
      const ms = performance.now() - started;
      assert.ok(ms < 5_000, `${ms} ms`);
    } finally {
      redis.thaw();
    }
    await leave(one);
  });

  it('work without a Redis that was never there, or whose password is wrong', async () => {
    const absent = start('redis://:planted-secret@127.0.0.1:1');
    const wrong = start(redis.url.replace(/:[^:@]+@/, ':planted-secret-2@'));
    for (const { hub, received, events } of [absent, wrong]) {
      await until('it is logged', () => events.length > 0);
      hub.publish(ANA, { leadId: 9 });
      assert.deepEqual(received, ['9']);
      assert.equal(events.length, 1);
    }
    // On a busy machine either may take too long to be received.
    assert.match(absent.events[0]?.reason ?? '', /^(?:ECONNREFUSED|ConnectionTimeoutError)$/);
    assert.match(wrong.events[0]?.reason ?? '', /^(?:WRONGPASS|ConnectionTimeoutError)$/);
  });

  it('take nothing that none of them wrote', async () => {
    const one = start();
    await untilJoined(one);
    for (const text of ['', 'x', '[]', '{"id":1}', '{"id":"a","domain":"acme","user":"ana"}'])
      await redis.ask('PUBLISH', 'callercard:calls:0', text);
    await redis.ask('SET', 'callercard:last:acme ana', '{"id":"a","domain":"beta","user":"ana","at":1}');
    const other = start();
    await untilJoined(one, other);
    one.hub.publish(ANA, { leadId: 10 });
    await until('it is received', () => other.received.length > 0);
    for (const { received } of [one, other]) assert.deepEqual(received, ['10']);
    await leave(one, other);
  });
});
