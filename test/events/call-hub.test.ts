import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { userIdentity } from '../../src/auth/user-name.ts';
import type { CallTarget } from '../../src/events/call.ts';
import { createCallHub, type CallHub } from '../../src/events/call-hub.ts';
import { LAST_CALL_MS } from '../../src/events/call-channel.ts';
import { createFakeClock } from '../service/test-services.ts';

const ANA: CallTarget = { domain: 'acme', user: userIdentity('Ana') };

/** An open card, and what it was told. */
function openCard(hub: CallHub, target = ANA, seen?: string) {
  const told: string[] = [];
  const subscribed = hub.subscribe(target, seen, ({ phone, leadId }, isLate) => {
    told.push(`${isLate ? 'late ' : ''}${phone ?? String(leadId)}`);
  });
  if ('refused' in subscribed) throw new Error(`refused ${subscribed.refused}`);
  return { told, close: () => subscribed.card.close() };
}

function createHub(limits: Parameters<typeof createCallHub>[0]['limits'] = {}) {
  const clock = createFakeClock();
  return { clock, hub: createCallHub({ clock, limits }) };
}

describe('a call', () => {
  it('reaches every open card of its user, and nobody else', () => {
    const { hub } = createHub();
    const cards = [openCard(hub), openCard(hub)];
    const others = [
      openCard(hub, { domain: 'acme', user: 'ben' }),
      openCard(hub, { domain: 'beta', user: 'ana' }),
    ];
    const call = hub.post(ANA, { phone: '5512345678', direction: 'inbound' });
    assert.match(call.id, /^[\w-]{12}$/);
    for (const { told } of cards) assert.deepEqual(told, ['5512345678']);
    for (const { told } of others) assert.deepEqual(told, []);
  });

  it('finds its user in any spelling', () => {
    const { hub } = createHub();
    const { told } = openCard(hub);
    hub.post({ domain: 'acme', user: userIdentity('ANA ') }, { leadId: 7 });
    assert.deepEqual(told, ['7']);
  });

  it('reaches no card that was closed, however often it is closed', () => {
    const { hub } = createHub();
    const [closed, open] = [openCard(hub), openCard(hub)];
    closed.close();
    closed.close();
    hub.post(ANA, { leadId: 7 });
    assert.deepEqual(hub.counts(), { cards: 1, told: 1 });
    assert.deepEqual([closed.told, open.told], [[], ['7']]);
  });
});

describe('the last call', () => {
  it('is told to a card that opens later, as a late one', () => {
    const { hub } = createHub();
    hub.post(ANA, { leadId: 6 });
    hub.post(ANA, { leadId: 7 });
    assert.deepEqual(openCard(hub).told, ['late 7']);
    assert.deepEqual(openCard(hub, { domain: 'beta', user: 'ana' }).told, []);
  });

  it('is not told again to a card that has shown it', () => {
    const { hub } = createHub();
    const first = hub.post(ANA, { leadId: 6 });
    assert.deepEqual(openCard(hub, ANA, first.id).told, []);
    hub.post(ANA, { leadId: 7 });
    assert.deepEqual(openCard(hub, ANA, first.id).told, ['late 7']);
  });

  it('is forgotten after a shift', () => {
    const { hub, clock } = createHub();
    hub.post(ANA, { leadId: 7 });
    clock.pass(LAST_CALL_MS - 1);
    clock.jumpWall(-3_600_000);
    assert.deepEqual(openCard(hub).told, ['late 7']);
    clock.pass(1);
    assert.deepEqual(openCard(hub).told, []);
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
    assert.ok('card' in hub.subscribe(ANA, undefined, ignore));
  });

  it('keep memory flat, whoever calls are told for', () => {
    const { hub } = createHub({ users: 100, seenCalls: 100 });
    const users = Array.from({ length: 10_000 }, (_, at) => ({ domain: 'acme', user: `nobody${at}` }));
    for (const [at, user] of users.entries()) hub.post(user, { leadId: at + 1 });
    const kept = users.flatMap((user) => {
      const card = openCard(hub, user);
      card.close();
      return card.told;
    });
    assert.ok(kept.length <= 100, `${kept.length} are kept`);
    assert.equal(kept.at(-1), 'late 10000');
  });
});
