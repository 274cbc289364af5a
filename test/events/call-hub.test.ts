import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { userIdentity } from '../../src/auth/lockout.ts';
import type { Call, CallTarget } from '../../src/events/call.ts';
import { createCallHub, type CallHub } from '../../src/events/call-hub.ts';
import { LAST_CALL_MS } from '../../src/events/call-channel.ts';
import { createFakeClock } from '../service/test-services.ts';

const ANA: CallTarget = { domain: 'acme', user: userIdentity('Ana') };

/** An open card, and what it was received. */
function openCard(hub: CallHub, target = ANA, seen?: string) {
  const received: string[] = [];
  const subscribed = hub.subscribe(target, seen, ({ phone, leadId }, isLate) => {
    received.push(`${isLate ? 'late ' : ''}${phone ?? String(leadId)}`);
  });
  if ('refused' in subscribed) throw new Error(`refused ${subscribed.refused}`);
  return { received, close: () => subscribed.close() };
}

function createHub(limits: Parameters<typeof createCallHub>[2] = {}) {
  const clock = createFakeClock();
  return { clock, hub: createCallHub(clock, undefined, limits) };
}

describe('a call', () => {
  it('reaches every open card of its user, and nobody else', () => {
    const { hub } = createHub();
    const cards = [openCard(hub), openCard(hub)];
    const others = [
      openCard(hub, { domain: 'acme', user: 'ben' }),
      openCard(hub, { domain: 'beta', user: 'ana' }),
    ];
    const call = hub.publish(ANA, { phone: '5512345678', direction: 'inbound' });
    assert.match(call.id, /^[\w-]{12}$/);
    for (const { received } of cards) assert.deepEqual(received, ['5512345678']);
    for (const { received } of others) assert.deepEqual(received, []);
  });

  it('finds its user in any spelling', () => {
    const { hub } = createHub();
    const { received } = openCard(hub);
    hub.publish({ domain: 'acme', user: userIdentity('ANA ') }, { leadId: 7 });
    assert.deepEqual(received, ['7']);
  });

  it('reaches no card that was closed, however often it is closed', () => {
    const { hub } = createHub();
    const [closed, open] = [openCard(hub), openCard(hub)];
    closed.close();
    closed.close();
    hub.publish(ANA, { leadId: 7 });
    assert.deepEqual(hub.counts(), { cards: 1, notified: new Map([['acme', 1]]) });
    assert.deepEqual([closed.received, open.received], [[], ['7']]);
  });
});

describe('what is new of a call', () => {
  const shown = (hub: CallHub, seen?: string) => {
    const received: string[] = [];
    const subscribed = hub.subscribe(ANA, seen, ({ id, state, phone }, isLate, isUpdate) => {
      received.push([isLate ? 'late' : 'live', isUpdate ? 'update' : 'call', id, state, phone].join(' '));
    });
    assert.ok('close' in subscribed);
    return received;
  };

  it('reaches the cards that show it, and pops up nothing', () => {
    const { hub } = createHub();
    const received = shown(hub);
    const call = (id: string, state: 'ringing' | 'answered' | 'ended', phone?: string) =>
      hub.publish(ANA, { id, state, phone });
    for (const state of ['ringing', 'ringing', 'ended', 'answered'] as const)
      call('one', state, '5512345678');
    call('two', 'answered', '5587654321');
    call('one', 'ended');
    call('three', 'ended', '5500000000');
    call('four', 'ended');
    assert.deepEqual(received, [
      'live call one ringing 5512345678',
      'live update one ended 5512345678',
      'live call two answered 5587654321',
      'live update three ended 5500000000',
    ]);
    assert.deepEqual(hub.counts().notified, new Map([['acme', 3]]));
  });

  it('takes the place of the last call only where it is the same', () => {
    const { hub, clock } = createHub();
    hub.publish(ANA, { id: 'one', state: 'ringing', phone: '5512345678' });
    clock.pass(1_000);
    hub.publish(ANA, { id: 'two', state: 'ringing', phone: '5587654321' });
    hub.publish(ANA, { id: 'one', state: 'ended' });
    assert.deepEqual(shown(hub), ['late call two ringing 5587654321']);
    hub.publish(ANA, { id: 'two', state: 'ended' });
    assert.deepEqual(shown(hub), ['late call two ended 5587654321']);
    assert.deepEqual(shown(hub, 'two'), ['late update two ended 5587654321']);
  });

  it('is of another call where an id comes again after a day', () => {
    const { hub, clock } = createHub();
    const received = shown(hub);
    hub.publish(ANA, { id: 'one', state: 'ended', phone: '5512345678' });
    clock.pass(24 * 3_600_000);
    const { id } = hub.publish(ANA, { id: 'one', state: 'ringing', phone: '5587654321' });
    assert.notEqual(id, 'one');
    assert.deepEqual(received.at(-1), `live call ${id} ringing 5587654321`);
  });
});

describe('the last call', () => {
  it('reaches a card that opens later, as a late one', () => {
    const { hub } = createHub();
    hub.publish(ANA, { leadId: 6 });
    hub.publish(ANA, { leadId: 7 });
    assert.deepEqual(openCard(hub).received, ['late 7']);
    assert.deepEqual(openCard(hub, { domain: 'beta', user: 'ana' }).received, []);
  });

  it('13, 16: is of one account of one store: nobody who has the name later sees it', () => {
    const { hub } = createHub();
    const maria = { domain: 'acme', user: 'maria', account: '7', store: '1:2' };
    hub.publish(maria, { phone: '5512345678' });
    assert.deepEqual(openCard(hub, maria).received, ['late 5512345678']);
    for (const other of [{ account: '8' }, { store: '1:3' }, { store: undefined }, { account: undefined }])
      assert.deepEqual(openCard(hub, { ...maria, ...other }).received, [], JSON.stringify(other));
  });

  it('13, 16: is forgotten where its domain gets another store, also as another process knows it', async () => {
    const clock = createFakeClock();
    const kept: Call[] = [];
    const hub = createCallHub(clock, () => ({
      publish: (call) => void kept.push(call),
      readLast: () => Promise.resolve(kept.at(-1) ?? 'nothing'),
      close: () => Promise.resolve(),
    }));
    hub.publish(ANA, { leadId: 6 });
    hub.forget(['beta']);
    assert.deepEqual(openCard(hub).received, ['late 6']);
    hub.forget(['acme']);
    const later = openCard(hub);
    await setImmediate();
    assert.deepEqual(later.received, []);
    clock.pass(1);
    hub.publish(ANA, { leadId: 7 });
    assert.deepEqual([later.received, openCard(hub).received], [['7'], ['late 7']]);
  });

  it('is not sent again to a card that has shown it', () => {
    const { hub } = createHub();
    const first = hub.publish(ANA, { leadId: 6 });
    assert.deepEqual(openCard(hub, ANA, first.id).received, []);
    hub.publish(ANA, { leadId: 7 });
    assert.deepEqual(openCard(hub, ANA, first.id).received, ['late 7']);
  });

  it('is forgotten after a shift', () => {
    const { hub, clock } = createHub();
    hub.publish(ANA, { leadId: 7 });
    clock.pass(LAST_CALL_MS - 1);
    clock.jumpWall(-3_600_000);
    assert.deepEqual(openCard(hub).received, ['late 7']);
    clock.pass(1);
    assert.deepEqual(openCard(hub).received, []);
  });
});

describe('limits of calls', () => {
  it('refuse a user more open cards than tabs make sense, and a process more than it should hold', () => {
    const { hub } = createHub({ cardsOfUser: 2, cards: 3 });
    const [first] = [openCard(hub), openCard(hub)];
    const ignore = () => undefined;
    assert.deepEqual(hub.subscribe(ANA, undefined, ignore), { refused: 'of user' });
    openCard(hub, { domain: 'acme', user: 'ben' });
    assert.deepEqual(hub.subscribe({ domain: 'acme', user: 'eva' }, undefined, ignore), {
      refused: 'in all',
    });
    first.close();
    assert.ok('close' in hub.subscribe(ANA, undefined, ignore));
  });

  it('keep memory flat, whoever calls are for', () => {
    const { hub } = createHub({ users: 100, seenCalls: 100 });
    const users = Array.from({ length: 10_000 }, (_, at) => ({ domain: 'acme', user: `nobody${at}` }));
    for (const [at, user] of users.entries()) hub.publish(user, { leadId: at + 1 });
    const kept = users.flatMap((user) => {
      const card = openCard(hub, user);
      card.close();
      return card.received;
    });
    assert.ok(kept.length <= 100, `${kept.length} are kept`);
    assert.equal(kept.at(-1), 'late 10000');
  });
});
