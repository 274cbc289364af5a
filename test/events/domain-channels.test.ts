import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { systemClock } from '../../src/core/clock.ts';
import type { Call } from '../../src/events/call.ts';
import type { ChannelListener, OpenChannel } from '../../src/events/call-channel.ts';
import { createCallHub } from '../../src/events/call-hub.ts';
import { createDomainChannels } from '../../src/events/domain-channels.ts';

/** A channel that keeps in mind what it was given, and its listener. */
function observedChannel() {
  const published: Call[] = [];
  const seen = { published, isOpen: false, listener: undefined as ChannelListener | undefined };
  const open: OpenChannel = (listener) => {
    Object.assign(seen, { isOpen: true, listener });
    return {
      publish: (call) => void published.push(call),
      readLast: () => Promise.resolve('nothing'),
      close() {
        seen.isOpen = false;
        return Promise.resolve();
      },
    };
  };
  return { seen, open };
}

describe('channels of several domains', () => {
  it('16: carry the calls of their own domain, and bring none of another', async () => {
    const [acme, beta] = [observedChannel(), observedChannel()];
    const channels = createDomainChannels();
    channels.take(new Map(Object.entries({ acme: { id: '1', ...acme }, beta: { id: '2', ...beta } })));
    const hub = createCallHub(systemClock, channels.open);
    const received: unknown[] = [];
    const ana = { domain: 'acme', user: 'ana' };
    for (const domain of ['acme', 'gamma'])
      hub.subscribe({ domain, user: 'ana' }, undefined, ({ leadId }) => received.push([domain, leadId]));
    const call = hub.publish(ana, { leadId: 1 });
    hub.publish({ ...ana, domain: 'gamma' }, { leadId: 2 });
    assert.deepEqual(acme.seen.published, [call]);
    assert.deepEqual(beta.seen.published, []);
    const other = { ...call, id: 'aaaaaaaaaaaa', leadId: 3 };
    beta.seen.listener?.onCall(other);
    acme.seen.listener?.onCall({ ...other, leadId: 4 });
    assert.deepEqual(received, [
      ['acme', 1],
      ['gamma', 2],
      ['acme', 4],
    ]);
    await hub.close();
    assert.deepEqual([acme.seen.isOpen, beta.seen.isOpen], [false, false]);
  });

  it('stay open while their domain has the same database, and are closed with it', async () => {
    const [acme, beta, moved] = [observedChannel(), observedChannel(), observedChannel()];
    const channels = createDomainChannels();
    channels.take(new Map(Object.entries({ acme: { id: '1', ...acme }, beta: { id: '2', ...beta } })));
    const hub = createCallHub(systemClock, channels.open);
    channels.take(new Map(Object.entries({ acme: { id: '3', ...moved } })));
    assert.deepEqual([acme.seen.isOpen, beta.seen.isOpen, moved.seen.isOpen], [false, false, true]);
    const call = hub.publish({ domain: 'acme', user: 'ana' }, { leadId: 1 });
    assert.deepEqual(moved.seen.published, [call]);
    await hub.close();
    assert.equal(moved.seen.isOpen, false);
  });

  it('leave the calls of all other domains to the one that is shared, and of none of theirs', async () => {
    const [acme, shared] = [observedChannel(), observedChannel()];
    const channels = createDomainChannels(shared.open);
    channels.take(new Map(Object.entries({ acme: { id: '1', ...acme } })));
    const hub = createCallHub(systemClock, channels.open);
    const received: unknown[] = [];
    for (const domain of ['acme', 'beta'])
      hub.subscribe({ domain, user: 'ana' }, undefined, ({ leadId }) => received.push([domain, leadId]));
    const call = hub.publish({ domain: 'beta', user: 'ana' }, { leadId: 1 });
    hub.publish({ domain: 'acme', user: 'ana' }, { leadId: 2 });
    assert.deepEqual(shared.seen.published, [call]);
    shared.seen.listener?.onCall({ ...call, id: 'aaaaaaaaaaaa', leadId: 3 });
    shared.seen.listener?.onCall({ ...call, id: 'bbbbbbbbbbbb', domain: 'acme', leadId: 4 });
    assert.deepEqual(received, [
      ['beta', 1],
      ['acme', 2],
      ['beta', 3],
    ]);
    await hub.close();
    assert.equal(shared.seen.isOpen, false);
  });
});
