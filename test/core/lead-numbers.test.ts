import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import {
  formsUnder,
  isBlockOf,
  isSameNumber,
  numbersOf,
  readingsOf,
  shownNumbers,
} from '../../src/core/lead-numbers.ts';
import { LEAD_TEXT_FIELDS, type Lead } from '../../src/core/lead.ts';
import { phoneForms, readPhone, type Country, type PhoneNumber } from '../../src/core/phone.ts';

const NOTHING = Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, null]));

function customerOf(fields: Partial<Lead>, more: object = {}) {
  const lead = { ...NOTHING, lead_id: 1, list_id: 1, ...fields } as Lead;
  return { lead, custom: null, isCustomer: false, ...more };
}

function phoneOf(text: string): PhoneNumber {
  const reading = readPhone(text, 'MX');
  assert.ok('value' in reading);
  return reading.value;
}

describe('the numbers of a lead', () => {
  it('are those of its fields in the order of search, then the further ones in theirs, without empty ones', () => {
    const further = [
      { label: 'Oficina', number: '3355550001' },
      { label: null, number: ' ' },
      { label: null, number: '3355550001' },
    ];
    const customer = customerOf(
      { address3: '5512340003', alt_phone: ' ', phone_number: '5512340001' },
      { further },
    );
    const listed = (...columns: Parameters<typeof numbersOf>[1]) =>
      numbersOf(customer, columns).map(({ field, label, number }) => `${field ?? label ?? '-'} ${number}`);
    assert.deepEqual(listed('phone_number', 'alt_phone'), [
      'phone_number 5512340001',
      'Oficina 3355550001',
      '- 3355550001',
    ]);
    assert.deepEqual(listed('address3').slice(1, 2), ['address3 5512340003']);
  });

  it('are shown up to a hundred further ones; beyond, it is said that there are more', () => {
    const further = Array.from({ length: 101 }, (_, at) => ({
      label: null,
      number: String(3355550000 + at),
    }));
    for (const [count, shown, hasMore] of [
      [0, 1, false],
      [100, 101, false],
      [101, 101, true],
    ] as const) {
      const customer = customerOf({ phone_number: '5512340001' }, { further: further.slice(0, count) });
      const view = shownNumbers(customer, ['phone_number']);
      assert.deepEqual([view.numbers.length, view.hasMore], [shown, hasMore]);
    }
    assert.equal(shownNumbers(customerOf({}, { hasMoreNumbers: true }), []).hasMore, true);
  });
});

describe('the country of a number', () => {
  const CASES: readonly (readonly [code: string | null, country: string | null, under: string])[] = [
    [null, null, 'MX'],
    ['', '', 'MX'],
    ['0', 'nowhere', 'MX'],
    ['52', 'MX', 'MX'],
    ['1', 'US', 'US MX'],
    [null, 'USA', 'US MX'],
    ['54', 'Argentina', 'AR MX'],
    ['55', null, 'BR MX'],
    // Where nobody set another code, a dialer has 1.
    ['1', null, 'MX US'],
    ['1', 'MEX', 'MX US'],
    ['1', 'AR', 'AR MX US'],
    // Two that contradict each other: the default country, if one of them is it.
    ['52', 'US', 'MX US'],
    ['34', 'FR', 'FR ES MX'],
  ];
  for (const [phoneCode, countryCode, under] of CASES) {
    it(`is ${under} for phone_code ${String(phoneCode)} and country_code ${String(countryCode)} in Mexico`, () => {
      assert.equal(readingsOf({ phoneCode, countryCode }, 'MX').join(' '), under);
    });
  }

  it('is first its own code, where the lead has another', () => {
    const under = (leadCode: string | undefined, code: string, country_code: string | null = 'MX') => {
      const has = leadCode === undefined ? {} : { phoneCode: leadCode };
      const further = [{ label: null, number: '2125550199', phoneCode: code }];
      const [, number] = numbersOf(
        customerOf({ phone_number: '5512340001', country_code }, { ...has, further }),
        [],
      );
      assert.ok(number !== undefined);
      return readingsOf(number, 'MX').join(' ');
    };
    assert.equal(under('52', '1'), 'US MX');
    assert.equal(under('1', '54'), 'AR MX');
    assert.equal(under('1', '1'), 'MX US');
    assert.equal(under(undefined, '1'), 'MX US');
    assert.equal(under('52', ''), 'MX');
  });

  it('is that of the lead where it gives out such numbers, and another only where it does not', () => {
    for (const [number, readings, e164, national] of [
      ['2125550142', ['US', 'MX'], '+12125550142', '+1 212 555 0142'],
      ['2125550142', ['MX', 'US'], '+522125550142', '212 555 0142'],
      // Nine digits are no number of the United States.
      ['612345678', ['US', 'ES'], '+34612345678', '+34 612 34 56 78'],
      ['1112345678', ['MX', 'US', 'AR'], '+541112345678', '+54 11 1234 5678'],
      ['525512340003', ['US', 'MX'], '+525512340003', '55 1234 0003'],
      ['38345678', ['US', 'MX'], undefined, undefined],
      ['', ['MX'], undefined, undefined],
    ] as const) {
      const forms = formsUnder(number, readings, 'MX');
      assert.deepEqual([forms?.e164, forms?.national], [e164, national], `${number} ${readings.join()}`);
    }
  });

  it('changes nothing of a number that says its own', () => {
    const country = fc.constantFrom<Country>('MX', 'US', 'AR', 'BR', 'CO', 'CL', 'ES', 'DE', 'GB');
    const numbers = fc.constantFrom(
      '+525512340003',
      '+1 212 555 0142',
      '0034 612 345 678',
      '+54 9 11 2345 6789',
    );
    fc.assert(
      fc.property(numbers, fc.uniqueArray(country, { minLength: 1 }), country, (number, readings, home) => {
        assert.deepEqual(formsUnder(number, readings, home), phoneForms(number, home, home));
      }),
    );
  });
});

describe('the number that was asked for', () => {
  it('is the same under the country of the code, of the lead and of the store', () => {
    const [number] = numbersOf(
      customerOf({ phone_number: '2125550142', country_code: 'US' }, { phoneCode: '54' }),
      [],
    );
    assert.ok(number !== undefined);
    const isSame = (text: string) => isSameNumber(number, phoneOf(text), 'MX', {});
    assert.ok(isSame('+1 212 555 0142') && isSame('+52 212 555 0142') && isSame('+54 212 555 0142'));
    assert.ok(!isSame('+55 21 2555 0142') && !isSame('2125550143'));
  });

  it('is of a block only where that is one', () => {
    const [block, number] = numbersOf(customerOf({ phone_number: '331234*', alt_phone: '3312345678' }), []);
    assert.ok(block !== undefined && number !== undefined);
    assert.ok(isBlockOf(block, phoneOf('3312345678'), 'MX'));
    assert.ok(!isBlockOf(block, phoneOf('3312355678'), 'MX'));
    assert.ok(!isBlockOf(number, phoneOf('3312345678'), 'MX'));
  });
});
