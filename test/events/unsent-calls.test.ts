import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Call } from '../../src/events/call.ts';
import { createUnsentCalls } from '../../src/events/call-channel.ts';

describe('calls that could not be passed on', () => {
  const call = (user: string, at: number): Call => ({
    id: `${user}${at}`,
    domain: 'acme',
    user,
    at,
    leadId: at,
  });

  it('are the newest of each user, also when no more users are kept', () => {
    const unsent = createUnsentCalls(2);
    for (const [user, at] of [
      ['ana', 1],
      ['ben', 2],
      ['eva', 3],
      ['ana', 4],
      ['ben', 1],
    ] as const)
      unsent.keep(call(user, at));
    assert.equal(unsent.size(), 2);
    assert.deepEqual(unsent.takeAll(), [call('ana', 4), call('ben', 2)]);
    assert.equal(unsent.size(), 0);
  });
});
