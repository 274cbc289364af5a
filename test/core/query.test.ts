import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ParameterFault } from '../../src/core/problem.ts';
import {
  parseQuery,
  type ParameterValue,
  type LookupQuery,
  type QueryParameters,
} from '../../src/core/query.ts';

function queryOf(sent: QueryParameters): LookupQuery {
  const query = parseQuery(sent, 'MX');
  assert.ok('by' in query, `refused: ${JSON.stringify(query)}`);
  return query;
}

function faultsOf(sent: QueryParameters): readonly ParameterFault[] {
  const query = parseQuery(sent, 'MX');
  assert.ok('code' in query && query.code === 'parameter_malformed', `taken: ${JSON.stringify(query)}`);
  return query.faults;
}

const PHONE = { asSent: '5587654321', digits: '5587654321', key: '525587654321' };

describe('which parameter decides', () => {
  it('is the lead id when it comes alone', () => {
    assert.deepEqual(queryOf({ leadId: '14246' }), {
      by: 'lead_id',
      leadId: 14246,
      asSent: '14246',
      phone: undefined,
    });
  });

  it('is the number when it comes alone', () => {
    assert.deepEqual(queryOf({ phoneNumber: '5587654321' }), { by: 'phone_number', phone: PHONE });
  });

  it('is the lead id when both come; the number comes along to be compared', () => {
    assert.deepEqual(queryOf({ leadId: '14246', phoneNumber: '5587654321' }), {
      by: 'lead_id',
      leadId: 14246,
      asSent: '14246',
      phone: PHONE,
    });
  });

  for (const none of ['0', '00', '0000000000', ' 0 ', 'null', '']) {
    it(`is the number when the lead id is ${JSON.stringify(none)}, as where getLiveAgentInfo has none`, () => {
      const query = queryOf({ leadId: none, phoneNumber: '5587654321' });
      assert.deepEqual(query, { by: 'phone_number', phone: PHONE });
    });
  }

  it('is the lead id when the number is null', () => {
    assert.equal(queryOf({ leadId: '14246', phoneNumber: 'null' }).by, 'lead_id');
  });

  it('is the other one when one of them is empty', () => {
    assert.equal(queryOf({ leadId: '', phoneNumber: '5587654321' }).by, 'phone_number');
    assert.equal(queryOf({ leadId: '14246', phoneNumber: '' }).by, 'lead_id');
  });

  for (const sent of [
    {},
    { leadId: '' },
    { phoneNumber: '' },
    { leadId: '', phoneNumber: '' },
    { leadId: undefined },
    { leadId: '0' },
    { leadId: '00' },
    { leadId: 'null', phoneNumber: 'null' },
    { leadId: '0', phoneNumber: '' },
  ]) {
    it(`is neither for ${JSON.stringify(sent)}`, () => {
      assert.deepEqual(parseQuery(sent, 'MX'), { code: 'parameters_missing' });
    });
  }
});

describe('a lead id', () => {
  const taken: readonly (readonly [sent: string, leadId: number])[] = [
    ['1', 1],
    ['14246', 14246],
    [' 14246  ', 14246],
    ['0014246', 14246],
    ['9999999999', 9_999_999_999],
    ['0000000001', 1],
  ];
  for (const [sent, leadId] of taken) {
    it(`${JSON.stringify(sent)} is lead ${leadId}`, () => {
      const query = queryOf({ leadId: sent });
      assert.ok(query.by === 'lead_id');
      assert.equal(query.leadId, leadId);
      assert.equal(query.asSent, sent.trim());
    });
  }

  const refused: readonly (readonly [reason: string, sent: readonly string[]])[] = [
    [
      'must be a whole number of 1 to 10 decimal digits',
      [
        'abc',
        '14246abc',
        '1 OR 1=1',
        '14 246',
        '-1',
        '+1',
        '1.0',
        '1,000',
        '0x37a6',
        '1e4',
        '１４２４６',
        '٣',
        ' ',
        '\t14246',
        '14246\n',
        '14246\u0000',
        '\u00a014246',
        'NaN',
        '__proto__',
      ],
    ],
    ['has more than 10 digits', ['12345678901', '00000000001', '99999999999999999999']],
  ];
  for (const [reason, texts] of refused) {
    for (const sent of texts) {
      it(`${JSON.stringify(sent)} ${reason}`, () => {
        assert.deepEqual(faultsOf({ leadId: sent }), [{ field: 'lead_id', reason }]);
      });
    }
  }
});

describe('malformed parameters', () => {
  it('are digits of another script in a number that is sent, which a stored number may have', () => {
    for (const phoneNumber of ['５５８７６５４３２１', '٥٥٨٧٦٥٤٣٢١', '55٨٧654321']) {
      assert.deepEqual(faultsOf({ phoneNumber }), [
        { field: 'phone_number', reason: 'has digits of another script; send 0 to 9' },
      ]);
    }
  });

  it('name the field and the reason', () => {
    assert.deepEqual(faultsOf({ phoneNumber: '12345' }), [
      { field: 'phone_number', reason: 'has 5 digits; at least 6 are needed' },
    ]);
  });

  it('are reported all at once', () => {
    assert.deepEqual(
      faultsOf({ leadId: 'abc', phoneNumber: 'x' }).map(({ field }) => field),
      ['lead_id', 'phone_number'],
    );
  });

  it('refuse the query even when the other parameter alone would do', () => {
    assert.deepEqual(
      faultsOf({ leadId: '14246', phoneNumber: 'x' }).map(({ field }) => field),
      ['phone_number'],
    );
    assert.deepEqual(
      faultsOf({ leadId: 'x', phoneNumber: '5587654321' }).map(({ field }) => field),
      ['lead_id'],
    );
  });

  it('include what an endpoint could not read as one value', () => {
    const list: ParameterValue = { fault: 'must be one value, not a list' };
    assert.deepEqual(faultsOf({ leadId: list }), [
      { field: 'lead_id', reason: 'must be one value, not a list' },
    ]);
    assert.deepEqual(faultsOf({ leadId: '1', phoneNumber: list }), [
      { field: 'phone_number', reason: 'must be one value, not a list' },
    ]);
  });
});
