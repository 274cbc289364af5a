import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import { domainsOf } from '../../src/config/domains.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ReportedCall } from '../../src/core/reported-call.ts';
import { StoreFailure } from '../../src/core/lead-store.ts';
import { createDomains, DOMAIN_LIMITS } from '../../src/domain/domains.ts';
import { deliverReportOf } from '../../src/domain/reported-calls.ts';
import { createCallHub } from '../../src/events/call-hub.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { fillOwn } from '../stores/described-store.ts';
import { CHEAP_VERIFIER } from '../service/lookup-fixture.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

const CALL = { agent: 'agent', callId: '17.1', direction: 'inbound', phone: '5512340010' } as const;

/** A domain whose store may keep no calls for a while, and what the agent's card hears. */
async function openDomain(t: TestContext) {
  const config = testConfig(`${temporaryFolder()}/reported.db`);
  const opened = openStore(config, { create: true });
  await fillOwn(opened, {
    lists: [{ list_id: 1, name: 'North' }],
    leads: [{ lead_id: 10, list_id: 1, phone_number: CALL.phone }],
    users: [{ name: 'agent', password: { verifier: CHEAP_VERIFIER }, rights: ['card'], lists: 'every list' }],
  });
  const state = { isAway: false };
  const keeping = opened.calls;
  const report: typeof keeping.report = (said) =>
    state.isAway ? Promise.reject(new StoreFailure(new Error('is away'))) : keeping.report(said);
  const store = { ...opened, calls: { ...keeping, report } };
  const domains = createDomains(domainsOf(config), {
    ...{ clock: systemClock, limits: DOMAIN_LIMITS, store, observers: [], log: () => undefined },
  });
  t.after(() => domains.close());
  const calls = createCallHub(systemClock);
  const shown: string[] = [];
  const target = {
    ...{ domain: domainsOf(config)[0]?.name ?? '', user: 'agent' },
    ...{ account: (await store.accounts.read('agent')).account?.id, store: store.ownFile?.identity },
  };
  calls.subscribe(target, undefined, ({ id }) => shown.push(id));
  const deliver = deliverReportOf(() => domains.only, 'asterisk', calls, systemClock);
  return {
    state,
    shown,
    deliver: (said: Partial<ReportedCall>) => deliver({ ...CALL, state: 'ringing', ...said }, true),
    keptIds: async () =>
      (await keeping.find({ leadId: 10 }, { offset: 0, limit: 10 })).calls.map(({ callId }) => callId),
  };
}

describe('a call that could not be kept at once', () => {
  it('is kept later under the id by which cards know it', async (t) => {
    const { state, shown, deliver, keptIds } = await openDomain(t);
    state.isAway = true;
    assert.equal(await deliver({}), 'shown');
    assert.equal(await deliver({ state: 'answered' }), 'shown');
    state.isAway = false;
    assert.equal(await deliver({}), 'done');
    assert.equal(await deliver({ state: 'ended' }), 'done');
    assert.deepEqual([...new Set(shown)], await keptIds());
    assert.equal(shown.length, 3);
  });

  it('has the id of the store where only later reports could not be kept', async (t) => {
    const { state, shown, deliver, keptIds } = await openDomain(t);
    await deliver({});
    state.isAway = true;
    assert.equal(await deliver({ state: 'answered' }), 'shown');
    assert.deepEqual([...new Set(shown)], await keptIds());
    assert.equal(shown.length, 2);
  });

  it('takes no id of another call whose source counts anew', async (t) => {
    const { state, shown, deliver, keptIds } = await openDomain(t);
    state.isAway = true;
    await deliver({});
    state.isAway = false;
    await deliver({ state: 'ended' });
    await deliver({ phone: '5599990000' });
    assert.equal(new Set(shown).size, 2);
    assert.deepEqual(await keptIds(), shown.slice(0, 1));
  });
});
