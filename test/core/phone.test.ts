import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isCountry, maskPhone, phoneKey, readPhone, type Country } from '../../src/core/phone.ts';

function keyOf(text: string, country: Country = 'MX'): string {
  const reading = readPhone(text, country);
  assert.ok(
    'value' in reading,
    `${JSON.stringify(text)} was refused: ${'fault' in reading ? reading.fault : ''}`,
  );
  return reading.value.key;
}

function faultOf(text: string): string {
  const reading = readPhone(text, 'MX');
  assert.ok('fault' in reading, `${JSON.stringify(text)} was taken for a telephone number`);
  return reading.fault;
}

describe('Mexican spellings of one subscriber', () => {
  const spellings = [
    '5587654321',
    '55 8765 4321',
    '(55) 8765-4321',
    '55.8765.4321',
    '55/8765/4321',
    '+525587654321',
    '+52 55 8765 4321',
    '(+52) 55 8765-4321',
    '525587654321',
    '52 1 55 8765 4321',
    '+52 1 55 8765 4321',
    '+52 (1) 55 8765 4321',
    '5215587654321',
    '00525587654321',
    '0052 1 55 8765 4321',
    '01 55 8765 4321',
    '044 55 8765 4321',
    '045 55 8765 4321',
    '+52 01 55 8765 4321',
    '+52 044 55 8765 4321',
    'tel:+525587654321',
    'TEL:5587654321',
    // A `+` in a query string often arrives as a space.
    ' 525587654321',
    ' 52 55 8765 4321',
    ' 5215587654321',
    // A space that is no lost `+`.
    ' 5587654321',
    '  5587654321',
    ' (55) 8765-4321',
    '5587654321 ',
    // What comes along when a number is pasted.
    '55\u00a08765\u00a04321',
    '55\u20118765\u20134321',
    '\u202a+52 55 8765 4321\u202c',
    '\u200e5587654321',
    '55\u20608765\t4321',
  ];
  for (const spelling of spellings) {
    it(`${JSON.stringify(spelling)} is 525587654321`, () => {
      assert.equal(keyOf(spelling), '525587654321');
      assert.equal(phoneKey(spelling, 'MX'), '525587654321');
    });
  }
});

describe('numbers that are no other spelling of a Mexican subscriber', () => {
  const keys: readonly (readonly [text: string, key: string])[] = [
    ['8004321000', '528004321000'],
    ['5552525252', '525552525252'],
    ['525212345678', '525212345678'],
    ['+1 415 555 2671', '14155552671'],
    ['001 415 555 2671', '14155552671'],
    ['14155552671', '14155552671'],
    [' 14155552671', '14155552671'],
    ['+34 612 34 56 78', '34612345678'],
    ['+44 (0)20 7946 0958', '442079460958'],
    // Nothing of these is a number of any plan: the digits stand for themselves.
    // Seven or eight digits are a number without its area code, and nobody else's.
    ['123456', 'local:123456'],
    ['4321000', 'local:4321000'],
    ['3834-5678', 'local:38345678'],
    ['0155123456', '0155123456'],
    ['0000000000', '0000000000'],
    ['+0525587654321', '0525587654321'],
    ['123456789012345678', '123456789012345678'],
    // One digit more or less is somebody else or nobody.
    ['52558765432', '52558765432'],
    ['+52155876543210', '52155876543210'],
  ];
  for (const [text, key] of keys) {
    it(`${JSON.stringify(text)} is ${key}`, () => {
      assert.equal(keyOf(text), key);
      assert.notEqual(keyOf(text), '525587654321');
    });
  }
});

describe('numbers under another default country', () => {
  const keys: readonly (readonly [country: Country, key: string, spellings: readonly string[]])[] = [
    [
      'US',
      '14155552671',
      ['(415) 555-2671', '+1 415 555 2671', '1-415-555-2671', '4155552671', '0014155552671', ' 14155552671'],
    ],
    ['US', '525587654321', ['011525587654321', '+525587654321', '5215587654321', '+52 1 55 8765 4321']],
    ['US', '15587654321', ['5587654321']],
    ['ES', '34612345678', ['612 34 56 78', '+34612345678', '0034612345678', '34612345678', ' 34612345678']],
    ['ES', '525587654321', ['+525587654321', '00525587654321']],
    ['GB', '442079460958', ['020 7946 0958', '+44 (0)20 7946 0958', '00442079460958', '442079460958']],
    ['GB', '447911123456', ['07911 123456', '+447911123456']],
    ['AR', '541123456789', ['011 2345 6789', '11 2345 6789', '+541123456789']],
    [
      'AR',
      '541123456789',
      ['011 15 2345 6789', '+54 9 11 2345 6789', '0054 9 11 2345 6789', '5491123456789'],
    ],
  ];
  for (const [country, key, spellings] of keys) {
    it(`${spellings.join(', ')} are ${key} in ${country}`, () => {
      for (const spelling of spellings) {
        assert.equal(keyOf(spelling, country), key, spelling);
        assert.equal(phoneKey(spelling, country), key, spelling);
      }
    });
  }

  it('knows the countries that have a numbering plan, by their codes in capitals', () => {
    for (const code of ['MX', 'US', 'ES', 'GB', 'AR']) assert.ok(isCountry(code), code);
    for (const code of ['', 'mx', 'XX', 'MEX', '__proto__', 'toString']) assert.ok(!isCountry(code), code);
  });
});

describe('texts that are no telephone number, with the reason', () => {
  const reasons: readonly (readonly [reason: string, texts: readonly string[]])[] = [
    ['is empty', ['', ' ', '\t']],
    ['has no digits', ['+', 'tel:', '()', '((((-))))']],
    ['has 3 digits; at least 6 are needed', ['066', '911', '+52 1']],
    ['has 5 digits; at least 6 are needed', ['12345', '+12345', '1-2-3-4-5']],
    ['has 19 digits; at most 18 are possible', ['1234567890123456789', '+1234567890123456789']],
    [
      'has letters; only digits and + - ( ) . / are understood',
      [
        'abc',
        "' OR ''='",
        '55-CALL-NOW',
        '5587654321ª',
        'tel:tel:tel:5587654321',
        'ſ55123456',
        'Juan 5587654321',
        '5587654321 Juan',
      ],
    ],
    [
      'has an extension that is not understood; write it as ext. 12',
      ['5587654321 ext', '5587654321 ext 12345678', '5587654321;ext=2;ext=3', '5587654321;isub=1'],
    ],
    [
      'has x or * in the place of digits; send all digits',
      ['33123456xx', '33123456XX', '5587654321Ｘ', '331234*', '+52 33 1234 ****'],
    ],
    ['has lost digits in a spreadsheet; format its column as text', ['5.23E+11', '3.3156e9', '52E10']],
    [
      'has two numbers; send one',
      [
        '2345 6903 / 2345 6904',
        '2345-6903 y 2345-6904',
        '33 2345 6903 / 33 2345 6904',
        '3323456903, 3323456904',
      ],
    ],
    [
      'has a character that does not belong in a telephone number',
      [
        "' ''='",
        '5587654321,',
        '5587654321%',
        '558765432_',
        '++525587654321',
        '55+87654321',
        '5587654321+',
        '55\n8765\n4321',
        '55\u00008765 4321',
        '5587654321²',
        '55\ud8008765432',
        '\u200b5587654321',
      ],
    ],
  ];
  for (const [reason, texts] of reasons) {
    for (const text of texts) {
      it(`${JSON.stringify(text)} ${reason}`, () => {
        assert.equal(faultOf(text), reason);
        assert.equal(phoneKey(text, 'MX'), undefined);
      });
    }
  }

  it('says no digit of the number in any reason', () => {
    for (const text of [
      '8765',
      '1234567890123456789',
      '9998887776 x5 x6',
      '9998887776 Juan',
      '9998887776#',
    ]) {
      assert.doesNotMatch(faultOf(text), /8765|1234567890123456789|9998887776|Juan/);
    }
  });
});

describe('what is known of a number', () => {
  it('keeps the number as it was sent, without the spaces around it, for messages', () => {
    const reading = readPhone(' (55) 8765-4321 ', 'MX');
    assert.ok('value' in reading);
    assert.deepEqual(reading.value, { asSent: '(55) 8765-4321', digits: '5587654321', key: '525587654321' });
  });

  it('masks all but the last two digits for logs', () => {
    assert.equal(maskPhone('5587654321'), '********21');
    assert.equal(maskPhone('123456'), '****56');
    assert.equal(maskPhone(''), '');
  });
});
