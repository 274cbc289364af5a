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
    assert.deepEqual(hub.counts(), { cards: 1, notified: 1 });
    assert.deepEqual([closed.received, open.received], [[], ['7']]);
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
