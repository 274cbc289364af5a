import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { systemClock, type Clock } from '../../src/core/clock.ts';
import type { CallTarget } from '../../src/events/call.ts';
import { LAST_CALL_MS } from '../../src/events/call-channel.ts';
import { createCallHub, type CallHub } from '../../src/events/call-hub.ts';
import { openRedisChannel } from '../../src/events/redis-channel.ts';
import type { ChannelEvent } from '../../src/events/relay-channel.ts';
import { createFakeClock } from '../service/test-services.ts';
import { redisSkip, startRedis, type RedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';

const ANA: CallTarget = { domain: 'acme', user: 'ana' };
const BEN: CallTarget = { domain: 'acme', user: 'ben' };
const KEPT = 'callercard:last:acme ana';

/** As docs/live-pop.md has them. */
const RIGHTS =
  '~callercard:* &callercard:calls:0 +ping +select +get +set +multi +exec +publish +subscribe'.split(' ');

describe('calls through a Redis that does not allow everything', { skip: redisSkip }, () => {
  let redis: RedisServer;
  let url: string;
  let hub: CallHub;
  let events: ChannelEvent[];

  before(async () => {
    redis = await startRedis('planted-secret');
    url = `redis://cc:planted-secret@127.0.0.1:${new URL(redis.url).port}`;
  });
  beforeEach(async () => {
    await redis.ask('FLUSHALL');
    await redis.ask('ACL', 'SETUSER', 'cc', 'reset', 'on', '>planted-secret', ...RIGHTS);
  });
  afterEach(() => hub.close());
  after(() => redis.kill());

  const allow = (...rights: readonly string[]) => redis.ask('ACL', 'SETUSER', 'cc', ...rights);

  function open(clock: Clock = systemClock): void {
    events = [];
    hub = createCallHub(
      clock,
      openRedisChannel(url, (event) => events.push(event), clock),
    );
  }

  /** How many connections of `cc` there are, by their ids. */
  async function connections(): Promise<readonly string[]> {
    const list = String(await redis.ask('CLIENT', 'LIST'));
    return list
      .split('\n')
      .filter((line) => line.includes('user=cc '))
      .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? '');
  }

  async function untilConnectedAnew(): Promise<void> {
    const before = await connections();
    await redis.ask('CLIENT', 'KILL', 'USER', 'cc');
    await until('both are there again', async () => {
      const now = await connections();
      return now.length === 2 && now.every((id) => !before.includes(id));
    });
  }

  async function untilSubscribed(): Promise<void> {
    const count = () => redis.ask('PUBSUB', 'NUMSUB', 'callercard:calls:0');
    await until('it has subscribed', async () => String(await count()).endsWith(',1'));
  }

  async function untilKept(leadId: number, key = KEPT): Promise<void> {
    await until(`${leadId} is kept`, async () => String(await redis.ask('GET', key)).includes(`:${leadId}`));
  }

  /** Tells it as another process does. */
  async function publish(leadId: number, at: number): Promise<void> {
    const call = JSON.stringify({ id: `other-${String(leadId).padStart(6, '0')}`, ...ANA, at, leadId });
    await redis.ask('SET', KEPT, call);
    await redis.ask('PUBLISH', 'callercard:calls:0', call);
  }

  it('subscribe again until it is allowed, and say only then that Redis is back', async () => {
    await allow('resetchannels');
    open();
    const received: unknown[] = [];
    hub.subscribe(ANA, undefined, ({ leadId }) => received.push(leadId));
    await until('it is logged', () => events.length > 0);
    assert.deepEqual([events[0]?.level, events[0]?.reason], ['warn', 'NOPERM']);
    await until('both are there', async () => (await connections()).length === 2);
    await untilConnectedAnew();
    assert.equal(events.length, 1, 'it is not back');
    await allow('allchannels');
    await untilSubscribed();
    await until('it is logged', () => events.length > 1);
    assert.deepEqual(
      events.map(({ level }) => level),
      ['warn', 'info'],
    );
    await publish(7, Date.now());
    await until('it is heard', () => received.length > 0);
    assert.deepEqual(received, [7]);
    // The library subscribes again by itself, and is not asked to hear everything twice.
    await untilConnectedAnew();
    await untilSubscribed();
    await publish(8, Date.now());
    await until('it is heard', () => received.includes(8));
    assert.deepEqual(received, [7, 8]);
  });

  it('pass on what was refused, once something is taken again', async () => {
    open();
    await untilSubscribed();
    await allow('-set');
    hub.publish(ANA, { leadId: 1 });
    await until('it is logged', () => events.length > 0);
    await allow('+set');
    hub.publish(BEN, { leadId: 2 });
    await untilKept(1);
    await until('it is logged', () => events.length > 1);
    assert.equal(events[1]?.level, 'info');
  });

  it('put no older call in the place of one that cannot be read', async () => {
    open();
    await untilSubscribed();
    await allow('-set');
    hub.publish(ANA, { leadId: 1 });
    await until('it is logged', () => events.length > 0);
    await publish(2, Date.now() + 1000);
    await allow('+set', '-get');
    await untilConnectedAnew();
    for (const marker of [3, 4]) {
      hub.publish(BEN, { leadId: marker });
      await untilKept(marker, 'callercard:last:acme ben');
    }
    assert.match(String(await redis.ask('GET', KEPT)), /"leadId":2\b/);
    await allow('+get');
    hub.publish(BEN, { leadId: 5 });
    await untilKept(5, 'callercard:last:acme ben');
    assert.match(String(await redis.ask('GET', KEPT)), /"leadId":2\b/);
  });

  it('keep a call no longer than a shift, however late it is learnt or passed on', async () => {
    const clock = createFakeClock();
    await publish(7, clock.wall() - LAST_CALL_MS + 60_000);
    open(clock);
    const received: unknown[] = [];
    const openCard = () => hub.subscribe(ANA, undefined, ({ leadId }) => received.push(leadId));
    openCard();
    await until('it is learnt', () => received.length > 0);
    await untilSubscribed();
    await redis.ask('DEL', KEPT);
    clock.pass(59_999);
    openCard();
    assert.deepEqual(received, [7, 7]);
    clock.pass(1);
    openCard();
    assert.deepEqual(received, [7, 7]);

    await allow('-set');
    hub.publish(ANA, { leadId: 8 });
    await until('it is logged', () => events.length > 0);
    clock.pass(LAST_CALL_MS - 60_000);
    await allow('+set');
    hub.publish(BEN, { leadId: 9 });
    await untilKept(8);
    const left = Number(await redis.ask('PTTL', KEPT));
    assert.ok(left > 0 && left <= 60_000, `${left} ms`);
  });
});
