import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { AuditQuery } from '../../src/core/audit-reader.ts';
import type { LeadPage } from '../../src/core/lead-store.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { CHEAP_VERIFIER, openLookupFixture, PASSWORD, type LookupFixture } from './lookup-fixture.ts';
import { createTestServices } from './test-services.ts';

const REQUEST = {
  requestId: 'r-1',
  address: '192.0.2.1',
  endpoint: 'console',
  right: 'admin',
  credentials: { kind: 'user', name: 'ada', password: PASSWORD },
  user: '',
  lead: '',
  phone: '5587654321',
  from: '2026-05-01',
  to: '2026-05-02',
  most: 10,
} as const;

describe('a search of the audit by a number', () => {
  let fixture: LookupFixture;
  before(async () => {
    fixture = await openLookupFixture({
      lists: [{ list_id: 100, name: 'North' }],
      leads: [1, 2].map((id) => ({ lead_id: id, list_id: 100, phone_number: '5587654321' })),
      users: [{ name: 'ada', password: { verifier: CHEAP_VERIFIER }, rights: ['card', 'admin', 'edit'] }],
    });
  });
  after(() => fixture.close());

  /** @param change what becomes of the leads with the number */
  async function search(change: (page: LeadPage) => LeadPage) {
    const asked: AuditQuery[] = [];
    const { store } = fixture;
    const leads: OwnStore['leads'] = {
      ...store.leads,
      findAll: async (...args) => change(await store.leads.findAll(...args)),
    };
    const services = createTestServices(
      { ...store, leads },
      {
        searchAudit(query) {
          asked.push(query);
          return Promise.resolve({ rows: [], older: 0, isCut: false });
        },
      },
    );
    return { answer: await services.searchAudit(REQUEST), asked };
  }

  it('looks for all leads that have it', async () => {
    const { answer, asked } = await search((page) => page);
    assert.ok(!('problem' in answer));
    assert.deepEqual(
      asked.map(({ leads }) => [...(leads ?? [])].sort()),
      [[1, 2]],
    );
  });

  it('is refused where not all of them can be looked for', async () => {
    for (const change of [
      (page: LeadPage): LeadPage => ({ ...page, isCut: true }),
      (page: LeadPage): LeadPage => ({ ...page, total: 1_001 }),
    ]) {
      const { answer, asked } = await search(change);
      assert.ok('problem' in answer && answer.problem.code === 'parameter_malformed');
      assert.deepEqual(
        answer.problem.faults.map(({ field }) => field),
        ['leads'],
      );
      assert.deepEqual(asked, []);
    }
  });
});
