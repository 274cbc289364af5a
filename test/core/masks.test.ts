import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { KeptCall } from '../../src/core/call-store.ts';
import { CALL_LOGS, type CallLogName, type CallLogs, NO_CALL_LOGS } from '../../src/core/lead-details.ts';
import { LEAD_TEXT_FIELDS, type Lead } from '../../src/core/lead.ts';
import { maskCall, maskCallLogs, maskDetails, maskLead, masksOfSeen } from '../../src/core/masks.ts';

const NOTHING = Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, null]));
const FOUND = {
  leadId: 1,
  lead: { ...NOTHING, lead_id: 1, list_id: 1, phone_number: '5512345678' } as Lead,
  custom: null,
  isCustomer: false,
};
const DETAILS = { security_phrase: 'mother', called_count: 3 };
const FILE = '20260310-100000_5512345679_agent.wav';
const LOGS: CallLogs = {
  ...NO_CALL_LOGS,
  calls: [entry('calls', { phone_number: '5512345679', status: 'SALE' })],
  record: [
    entry('record', { filename: FILE, location: `http://10.0.0.1/${FILE}`, start_epoch: 1_772_000_000 }),
  ],
};

function entry(name: CallLogName, values: Readonly<Record<string, string | number>>) {
  return CALL_LOGS[name].map((column) => values[column] ?? null);
}

describe('what a dialer keeps beside a lead', () => {
  for (const field of ['numbers', 'alt_phone', 'phone_number'] as const) {
    it(`has no number where ${field} is masked, whether the lead has one there or not`, () => {
      const seen = maskLead(FOUND, new Set([field]));
      const text = JSON.stringify([
        maskCallLogs(LOGS, masksOfSeen(seen)),
        maskDetails(DETAILS, masksOfSeen(seen)),
      ]);
      assert.doesNotMatch(text, /5512345679|mother/);
      assert.match(text, /SALE/);
      assert.match(text, /1772000000/);
    });
  }

  it('is as it is for who sees all, and its numbers where only something else is masked', () => {
    assert.equal(maskCallLogs(LOGS, masksOfSeen({ ...FOUND, masks: ['numbers'] })), LOGS);
    assert.equal(maskDetails(DETAILS, masksOfSeen(FOUND)), DETAILS);
    const seen = maskLead(FOUND, new Set(['email']));
    assert.equal(maskCallLogs(LOGS, masksOfSeen(seen)), LOGS);
    assert.deepEqual(maskDetails(DETAILS, masksOfSeen(seen)), { ...DETAILS, security_phrase: '****' });
  });
});

it('masks the line of a call where it is a number, and no name of a queue or campaign', () => {
  const lineOf = (line: string, field = 'phone_number') =>
    maskCall({ line, phone: '5512345678' } as KeptCall, new Set([field])).line;
  for (const line of ['5512345679', '+52 (55) 1234-5679', '55.1234.5679'])
    assert.equal(lineOf(line), '**** 79', line);
  for (const line of ['Ventas', 'Ventas 2026', '1001', 'MX-5512345679']) assert.equal(lineOf(line), line);
  assert.equal(lineOf('5512345679', 'notes'), '5512345679');
});
