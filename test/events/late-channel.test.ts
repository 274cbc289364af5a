import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { systemClock } from '../../src/core/clock.ts';
import { createCallHub } from '../../src/events/call-hub.ts';
import { lazyChannel } from '../../src/events/call-channel.ts';

const ANA = { domain: 'acme', user: 'ana' } as const;

describe('a channel whose library cannot be loaded', () => {
  it('is reported once, and calls reach the cards of this process all the same', async () => {
    const received: unknown[] = [];
    const cause = new Error('not there');
    const openChannel = lazyChannel(
      () => Promise.reject(cause),
      (reason) => received.push(reason),
    );
    const hub = createCallHub(systemClock, openChannel);
    const leads: unknown[] = [];
    hub.publish(ANA, { leadId: 1 });
    hub.subscribe(ANA, undefined, ({ leadId }) => leads.push(leadId));
    // Whatever nobody caught would end this process.
    await setImmediate();
    hub.publish(ANA, { leadId: 2 });
    await hub.close();
    assert.deepEqual(leads, [1, 2]);
    assert.deepEqual(received, [cause]);
  });
});
