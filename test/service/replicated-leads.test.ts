import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Principal } from '../../src/auth/principal.ts';
import type { LeadStore } from '../../src/core/lead-store.ts';
import { EVERY_RIGHT } from '../../src/core/rights.ts';
import { createLeadView, NO_MASKS } from '../../src/service/lookup.ts';

const [LEADS, REPLICATED] = [{}, {}] as [LeadStore, LeadStore];

describe('leads that other servers may show as they were some moments ago', () => {
  const asked: string[] = [];
  const replicatedLeads = (user: string) => {
    asked.push(user);
    return REPLICATED;
  };
  const viewOf = createLeadView(() => ({ leads: LEADS, replicatedLeads }), NO_MASKS, {});
  const principal = (more: Partial<Principal>): Principal => ({
    ...{ user: 'ana', accountId: '1', rights: EVERY_RIGHT, viewer: 'every list' as const },
    ...more,
  });

  it('are for programs: for passwords and tokens', () => {
    assert.equal(viewOf(principal({})), REPLICATED);
    assert.equal(viewOf(principal({ user: 'token:crm', accountId: 'token:1' })), REPLICATED);
    assert.deepEqual(asked.splice(0), ['ana', 'token:crm']);
  });

  it('are neither for people at a page nor for the operator', () => {
    assert.equal(viewOf(principal({ isSession: true })), LEADS);
    assert.equal(viewOf(principal({ accountId: undefined })), LEADS);
    assert.deepEqual(asked, []);
  });

  it('are not there in a store of one server', () => {
    assert.equal(createLeadView(() => ({ leads: LEADS }), NO_MASKS, {})(principal({})), LEADS);
  });
});
