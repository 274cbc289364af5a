import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';
import { parsePhoneNumberFromString as parseInFull } from 'libphonenumber-js/max';

import { phoneForms, phoneKey, readPhone, storedKeys, type Country } from '../../src/core/phone.ts';

/** The spellings of one subscriber at home and from abroad, by docs/phone-numbers.md. */
const SUBSCRIBERS: readonly (readonly [country: Country, key: string, spellings: readonly string[]])[] = [
  [
    'AR',
    '541123456789',
    [
      '+54 9 11 2345-6789',
      '+54 11 2345-6789',
      '+54 11 15 2345 6789',
      '+54 9 11 15 2345 6789',
      '+54 (0)11 2345 6789',
      '11 15 2345-6789',
      '011 15 2345-6789',
      '(011) 15-2345-6789',
      '9 11 2345 6789',
      '11 2345 6789',
      '011 2345 6789',
      '5491123456789',
      '541123456789',
      '00 54 9 11 2345 6789',
    ],
  ],
  ['AR', '543804234567', ['(0380) 15 423-4567', '+54 9 380 423 4567', '380 423-4567', '380 15 423 4567']],
  ['AR', '542966123456', ['2966 15 123456', '02966 15-123456', '+54 9 2966 123456', '2966 123456']],
  [
    'BR',
    '5511987654321',
    [
      '+55 11 98765-4321',
      '+55 11 8765-4321',
      '(11) 98765-4321',
      '(11) 8765-4321',
      '011 98765-4321',
      '0 15 11 98765-4321',
      '0 21 11 8765-4321',
      '+55 (0)11 98765 4321',
      '5511987654321',
      '551187654321',
    ],
  ],
  ['BR', '551133334444', ['+55 11 3333-4444', '(11) 3333-4444', '0 15 11 3333 4444', '551133334444']],
  ['BR', '5511923456789', ['+55 11 92345-6789', '11 92345 6789']],
  ['BR', '551123456789', ['+55 11 2345-6789', '11 2345 6789']],
  ['BR', '5540041234', ['4004-1234', '+55 4004 1234']],
  [
    'CO',
    '576012345678',
    [
      '+57 1 2345678',
      '+57 601 2345678',
      '(1) 234 5678',
      '601 2345678',
      '(601) 2345678',
      '5712345678',
      '09 1 2345678',
    ],
  ],
  ['CO', '576042345678', ['+57 4 2345678', '+57 604 234 5678', '4 2345678', '05 4 2345678']],
  [
    'CO',
    '573001234567',
    ['+57 300 1234567', '300 1234567', '03 300 1234567', '573001234567', '0300 123 4567'],
  ],
  [
    'CL',
    '56912345678',
    [
      '+56 9 1234 5678',
      '9 1234 5678',
      '09 1234 5678',
      '+56 09 1234 5678',
      '+56 (0)9 1234 5678',
      '56912345678',
    ],
  ],
  [
    'CL',
    '56226341234',
    ['+56 2 634 1234', '+56 2 2634 1234', '02 634 1234', '(2) 634 1234', '2 2634 1234', '5626341234'],
  ],
  ['CL', '56322345678', ['+56 32 234 5678', '32 234 5678', '032 234 5678']],
];

describe('one subscriber with many spellings', () => {
  for (const [country, key, spellings] of SUBSCRIBERS) {
    it(`is ${key} in ${country}, also as it is stored there`, () => {
      for (const spelling of spellings) {
        assert.equal(phoneKey(spelling, country), key, spelling);
        const digits = spelling.replace(/[^+\d]/g, '');
        assert.equal(phoneKey(digits, country), key, digits);
      }
    });

    it(`is ${key} elsewhere, where the country's code is written`, () => {
      for (const spelling of spellings.filter((text) => text.startsWith('+')))
        for (const other of ['MX', 'US', 'ES', 'DE'] as const)
          assert.equal(phoneKey(spelling, other), key, `${spelling} in ${other}`);
    });
  }

  it('is dialled as its country has it today: Argentina’s mobiles with their 9', () => {
    for (const [text, country, e164] of [
      ['+54 9 11 2345 6789', 'AR', '+5491123456789'],
      ['011 15 2345 6789', 'AR', '+5491123456789'],
      ['011 2345 6789', 'AR', '+541123456789'],
      ['(11) 8765-4321', 'BR', '+5511987654321'],
      ['+57 1 2345678', 'MX', '+576012345678'],
      ['09 1234 5678', 'CL', '+56912345678'],
    ] as const)
      assert.equal(phoneForms(text, country)?.e164, e164, text);
  });
});

describe('numbers without their area code', () => {
  const locals: readonly (readonly [Country, string])[] = [
    ['MX', '3834-5678'],
    ['MX', '345 6789'],
    ['AR', '15 2345 6789'],
    ['AR', '2345-6789'],
    ['BR', '3333-4444'],
    ['BR', '98765-4321'],
    ['CO', '234 5678'],
    ['CL', '6341 2345'],
    ['US', '555-0142'],
  ];
  for (const [country, text] of locals) {
    it(`${text} in ${country} meets none with one, and is no other country's`, () => {
      const key = phoneKey(text, country);
      assert.equal(key, `local:${text.replace(/\D/g, '')}`);
      assert.equal(phoneKey(text.replace(/\D/g, ''), country), key);
      assert.equal(phoneForms(text, country), undefined);
      assert.notEqual(phoneKey(`+${text}`, country), key);
    });
  }
});

/** Numbers that the full metadata of libphonenumber give out, of the countries with rules of ours and of their neighbours. */
const CODES = ['1', '34', '44', '49', '51', '52', '54', '55', '56', '57', '58', '502', '598'];
const givenOut = fc
  .tuple(fc.constantFrom(...CODES), fc.stringMatching(/^[1-9]\d{6,10}$/))
  .map(([code, rest]) => parseInFull(`+${code}${rest}`, { extract: false }))
  .filter((number) => number?.isValid() === true)
  .map((number) => number?.number ?? '');

/** By the rules of docs/phone-numbers.md, written in another way: what of a number tells its subscriber. */
function subscriberOf(e164: string): string {
  return e164
    .replace(/^\+521(\d{10})$/, '+52$1')
    .replace(/^\+549(\d{10})$/, '+54$1')
    .replace(/^\+55(\d\d)([6-9]\d{7})$/, '+55$19$2')
    .replace(/^\+57([124-8]\d{7})$/, '+5760$1');
}

describe('two numbers that are written with their country’s code', () => {
  it('meet when they are one subscriber, and else never', () => {
    fc.assert(
      fc.property(
        givenOut,
        givenOut,
        fc.constantFrom<Country>('MX', 'AR', 'BR', 'US'),
        (one, other, country) => {
          const meet = phoneKey(one, country) === phoneKey(other, country);
          assert.equal(meet, subscriberOf(one) === subscriberOf(other), `${one} ${other}`);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('do not meet when they differ in one digit', () => {
    fc.assert(
      fc.property(givenOut, fc.nat(20), fc.integer({ min: 1, max: 9 }), (one, at, by) => {
        const place = 3 + (at % (one.length - 3));
        const digit = String((Number(one[place]) + by) % 10);
        const other = one.slice(0, place) + digit + one.slice(place + 1);
        fc.pre(parseInFull(other, { extract: false })?.isValid() === true);
        fc.pre(subscriberOf(one) !== subscriberOf(other));
        assert.notEqual(phoneKey(one, 'MX'), phoneKey(other, 'MX'), other);
      }),
      { numRuns: 2_000 },
    );
  });

  it('have a key that the full metadata give out as well, so that nobody is made up', () => {
    fc.assert(
      fc.property(givenOut, (number) => {
        const key = phoneKey(number, 'MX') ?? '';
        // Argentina's mobiles are without the 9 that they are dialled with from abroad.
        const dialled = number.startsWith('+549') ? `+549${key.slice(2)}` : `+${key}`;
        assert.equal(parseInFull(dialled, { extract: false })?.isPossible(), true, `${number}: ${key}`);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the keys of a stored number', () => {
  it('are one under the own country, and another where the default country reads it differently', () => {
    assert.deepEqual(storedKeys('2125550142', 'MX', 'US'), { own: '12125550142', byDefault: '522125550142' });
    assert.deepEqual(storedKeys('5512345678', 'MX', 'MX'), { own: '525512345678' });
    assert.deepEqual(storedKeys('5512345678', 'MX'), { own: '525512345678' });
    assert.deepEqual(storedKeys('+12125550142', 'MX', 'AR'), { own: '12125550142' });
    assert.equal(storedKeys('none', 'MX', 'US'), undefined);
    assert.equal(storedKeys('', 'MX', 'US'), undefined);
  });

  it('under any own country have the reading of the default country among them', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\+?\d{4,16}$/),
        fc.constantFrom<Country>('MX', 'US', 'AR', 'BR'),
        fc.constantFrom<Country>('MX', 'US', 'AR', 'BR', 'CO', 'CL', 'ES'),
        (stored, country, own) => {
          const keys = storedKeys(stored, country, own);
          const byDefault = phoneKey(stored, country);
          assert.equal(keys?.byDefault ?? keys?.own, byDefault);
          if (keys !== undefined) assert.equal(keys.own, phoneKey(stored, own));
        },
      ),
    );
  });
});

describe('internal numbers', () => {
  it('are numbers where the operator says so, and meet no number from outside', () => {
    for (const text of ['10', '101', '4021', '12345', '101 (recepción)', 'ext: 101'.slice(5)]) {
      const reading = readPhone(text, 'MX', { internalNumbers: true });
      assert.ok('value' in reading, text);
      assert.equal(reading.value.key, `internal:${text.replace(/\D/g, '')}`);
      assert.ok('fault' in readPhone(text, 'MX'), text);
    }
    for (const text of ['1', '+101', '123456'])
      assert.notEqual(phoneKey(text, 'MX', { internalNumbers: true }), `internal:${text.replace(/\D/g, '')}`);
  });
});
