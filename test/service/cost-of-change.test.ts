import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { COST_OF_CHANGE, createChangeLead } from '../../src/service/change-lead.ts';
import type { OnRecords } from '../../src/service/record-work.ts';

/** What is charged for a change of a lead that takes nothing of it. */
async function chargeOf(change: { patch?: object; made?: object; faults?: number }): Promise<number> {
  let charged = 0;
  const stored = { customer: { lead: { list_id: 1 } }, state: {} };
  const records = {
    read: () => Promise.resolve(stored),
    fields: () => Promise.resolve([]),
    list: () => Promise.resolve(undefined),
  };
  const access = { records, scope: 'every list', charge: (lookups: number) => void (charged += lookups) };
  const onRecords = async (
    _context: unknown,
    _query: unknown,
    work: (given: unknown) => Promise<unknown>,
  ) => {
    await work(access);
    return { problem: { code: 'lead_not_found', asked: '1' } };
  };
  const changeLead = createChangeLead(onRecords as unknown as OnRecords, {
    country: () => 'MX',
    requireIfMatch: false,
  });
  const { patch, made, faults = 0 } = change;
  const answer =
    made === undefined
      ? { faults: Array.from({ length: faults }, () => ({ field: 'x', reason: 'is wrong' })) }
      : { patch: made };
  const request = { leadId: 1, ...(patch === undefined ? { makePatch: () => answer } : { patch }) };
  await changeLead(request as unknown as Parameters<typeof changeLead>[0]);
  return charged;
}

function fieldsOf(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}`, 'y']));
}

describe('a change of a lead', () => {
  for (const count of [0, 24, 25, 250]) {
    it(`with ${count} fields costs the same, sent as a patch or as a form`, async () => {
      const cost = COST_OF_CHANGE + Math.floor(count / 25);
      assert.equal(await chargeOf({ patch: fieldsOf(count) }), cost);
      assert.equal(await chargeOf({ made: fieldsOf(count) }), cost);
      assert.equal(await chargeOf({ faults: count }), cost);
    });
  }

  it('counts custom fields of a form, too', async () => {
    const custom = fieldsOf(50);
    assert.equal(await chargeOf({ made: { custom_info: custom, city: 'X' } }), COST_OF_CHANGE + 2);
  });
});
