import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Principal } from '../../src/auth/principal.ts';
import type { DialerCall } from '../../src/core/lead-history.ts';
import type { LeadStore, LookupResult } from '../../src/core/lead-store.ts';
import { readFacts } from '../../src/service/card-facts.ts';

const HOUR = 3_600_000;
const NOON = new Date(2026, 5, 15, 12).getTime();

/** What a card says of a dialer's lead. @param calls undefined: the dialer's logs may not be read */
function factsOf(lastLocalCallTime: string, calls: readonly Partial<DialerCall>[] | undefined) {
  const entries = calls?.map((call) => ({
    ...{ type: 'call', user: '', leadId: 7, state: 'ended', direction: 'outbound', startedAt: call.at },
    ...call,
  })) as readonly DialerCall[] | undefined;
  const leads = {
    readDetails: () => Promise.resolve({ last_local_call_time: lastLocalCallTime }),
    ...(entries && {
      readHistory: () => Promise.resolve({ entries, total: entries.length, calls: entries.length }),
    }),
  } as unknown as LeadStore;
  const ports = {
    leadsFor: () => leads,
    recordsFor: () => undefined,
    calls: () => undefined,
    masksEver: () => Promise.resolve(new Set<string>()),
  };
  return readFacts(ports, { viewer: 'every list' } as Principal, { leadId: 7 } as LookupResult, NOON);
}

describe('what a card says of a dialer’s lead', () => {
  const at = (hours: number) => NOON + hours * HOUR;

  it('has the newest call that is over, unless one was hours later by whatever clock', async () => {
    const calls = [
      { at: at(-0.5), state: 'answered', user: 'eva' },
      { at: at(-24), user: 'ana' },
      { at: at(-48), user: 'luis' },
    ] as const;
    const last = async (stored: string, of: readonly Partial<DialerCall>[] | undefined) => {
      const { lastCall } = await factsOf(stored, of);
      return [lastCall?.at, lastCall?.by];
    };
    // By the customer's own clock.
    for (const stored of ['2026-06-14 12:00:00', '2026-06-14 20:00:00', '2026-06-01 12:00:00', ''])
      assert.deepEqual(await last(stored, calls), [at(-24), 'ana'], stored);
    assert.deepEqual(await last('2026-06-15 11:00:00', calls), [at(-1), undefined]);
    for (const none of [undefined, [], calls.slice(0, 1)])
      assert.deepEqual(await last('2026-06-14 12:00:00', none), [at(-24), undefined]);
  });

  it('has the calls before the last one, and no way to them where they may not be read', async () => {
    const calls = [1, 2, 3, 4, 5, 6, 7].map((days) => ({ at: at(-24 * days) }));
    const { earlier } = await factsOf('2026-06-14 12:00:00', calls);
    assert.deepEqual(
      earlier?.map((entry) => entry.at),
      [2, 3, 4, 5].map((days) => at(-24 * days)),
    );
    assert.deepEqual((await factsOf('', calls.slice(0, 1))).earlier, []);
    for (const none of [undefined, []]) assert.equal((await factsOf('', none)).earlier, undefined);
  });
});
