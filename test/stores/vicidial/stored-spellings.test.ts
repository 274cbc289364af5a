import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { phoneKey, readPhone, type Country, type PhoneNumber } from '../../../src/core/phone.ts';
import { MAX_STORED_SPELLINGS, storedSpellings } from '../../../src/stores/vicidial/stored-spellings.ts';

const COUNTRIES: readonly Country[] = ['MX', 'US', 'GB', 'ES', 'DE', 'BR', 'AR', 'CO', 'CL', 'IT'];
const TEN_DIGITS = Array.from('0123456789');

function read(text: string, country: Country): PhoneNumber {
  const reading = readPhone(text, country);
  assert.ok('value' in reading, `${JSON.stringify(text)} was refused`);
  return reading.value;
}

function spellingsOf(text: string, country: Country): readonly string[] {
  return storedSpellings(read(text, country), country);
}

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...TEN_DIGITS), minLength, maxLength });

/** Every ten-digit number that Mexico's plan can give out. */
const subscriber = fc
  .tuple(fc.constantFrom(...TEN_DIGITS.slice(2)), digits(9, 9))
  .map(([first, rest]) => first + rest);

/** Texts that a column could hold: anything with a prefix that means something, or nearly does. */
const head = fc.oneof(
  fc.constantFrom(...['', '+', '00', '01', '044', '045', '011', '1', '52', '521', '+52', '+521', '0052']),
  fc.constantFrom(...['44', '+440', '0044', '54', '+549', '55', '+550', '39', '+39', '49', '34', '+1']),
);
const stored = fc
  .tuple(head, digits(0, 14))
  .map((parts) => parts.join(''))
  .filter((text) => /^\+?\d{6,18}$/.test(text) && text.length <= 18);

const MEXICAN_HOME =
  'N 01N 044N 045N 52N 521N 5201N 52044N 52045N +52N +521N +5201N +52044N +52045N ' +
  '0052N 00521N 005201N 0052044N 0052045N';
const MEXICAN_ABROAD = MEXICAN_HOME.split(' ').slice(4).join(' ');

describe('the texts under which a dialer may have stored a number', () => {
  const lists: readonly (readonly [country: Country, sent: string, spellings: string])[] = [
    ['MX', '55 8765 4321', MEXICAN_HOME.replaceAll('N', '5587654321')],
    ['MX', '+1 415 555 2671', '14155552671 +14155552671 0014155552671'],
    [
      'MX',
      '+44 20 7946 0958',
      '442079460958 4402079460958 +442079460958 +4402079460958 00442079460958 004402079460958',
    ],
    ['US', '(415) 555-2671', '4155552671 14155552671 +14155552671 0014155552671'],
    ['US', '+52 55 8765 4321', `${MEXICAN_ABROAD} 01152N`.replaceAll('N', '5587654321')],
    ['US', '+34 612 34 56 78', '34612345678 +34612345678 0034612345678 01134612345678'],
    [
      'GB',
      '020 7946 0958',
      '02079460958 2079460958 442079460958 4402079460958 +442079460958 +4402079460958 00442079460958 004402079460958',
    ],
    ['GB', '+52 55 8765 4321', MEXICAN_ABROAD.replaceAll('N', '5587654321')],
    ['ES', '612 34 56 78', '612345678 34612345678 +34612345678 0034612345678'],
    ['DE', '030 123456', '030123456 30123456 4930123456 +4930123456 +49030123456 004930123456 0049030123456'],
    [
      'BR',
      '(11) 98765-4321',
      '11987654321 011987654321 1187654321 01187654321 5511987654321 55011987654321 551187654321 5501187654321 ' +
        '+5511987654321 +55011987654321 +551187654321 +5501187654321 ' +
        '005511987654321 0055011987654321 00551187654321 005501187654321',
    ],
    // Without its 9 it would be a fixed line.
    [
      'BR',
      '(11) 92765-4321',
      '11927654321 011927654321 5511927654321 55011927654321 +5511927654321 +55011927654321 005511927654321 0055011927654321',
    ],
    [
      'AR',
      '011 2345 6789',
      '01123456789 1123456789 91123456789 0111523456789 111523456789 ' +
        '541123456789 5401123456789 5491123456789 540111523456789 54111523456789 ' +
        '+541123456789 +5401123456789 +5491123456789 +540111523456789 +54111523456789 ' +
        '00541123456789 005401123456789 005491123456789 00540111523456789 0054111523456789',
    ],
    [
      'CO',
      '1 2345678',
      '12345678 6012345678 012345678 576012345678 5712345678 57012345678 +576012345678 +5712345678 +57012345678 ' +
        '00576012345678 005712345678 0057012345678',
    ],
    [
      'CL',
      '9 1234 5678',
      '912345678 0912345678 56912345678 560912345678 +56912345678 +560912345678 0056912345678 00560912345678',
    ],
    ['IT', '06 1234 5678', '0612345678 390612345678 +390612345678 00390612345678'],
    ['IT', '312 345 6789', '3123456789 393123456789 +393123456789 00393123456789'],
    // No number of any plan: the digits stand for themselves.
    ['MX', '123456', '123456'],
    ['US', '123456', '123456'],
    ['GB', '123456789012345678', '123456789012345678'],
    ['MX', '+0525587654321', '0525587654321 +0525587654321'],
  ];
  for (const [country, sent, spellings] of lists) {
    it(`of ${sent} in ${country} are these and no others`, () => {
      assert.deepEqual(spellingsOf(sent, country), spellings.split(' '));
    });
  }

  it('begin with the sent digits, whichever spelling was sent, and are else the same', () => {
    const all = spellingsOf('5587654321', 'MX');
    for (const text of [...all, '(55) 8765-4321', ' 5215587654321', 'tel:+525587654321']) {
      const found = spellingsOf(text, 'MX');
      assert.equal(found[0], text.replace(/\D/g, ''));
      assert.deepEqual([...found].sort(), [...all].sort());
    }
  });
});

describe('the texts under which a dialer has somebody else', () => {
  const strangers: readonly (readonly [country: Country, sent: string, not: readonly string[]])[] = [
    // Ends, beginnings, one digit more, and what is no dialling prefix.
    [
      'MX',
      '5587654321',
      ['87654321', '558765432', '55876543210', '15587654321', '05587654321', '+15587654321', '0115587654321'],
    ],
    // The same digits with another country's code before them, or read as one.
    ['MX', '4721234567', ['+4721234567', '004721234567', '14721234567', '+014721234567']],
    ['MX', '+52 55 8765 4321', ['+5587654321', '5525587654321', '52525587654321']],
    ['US', '5587654321', ['525587654321', '+525587654321', '5215587654321', '015587654321', '+5587654321']],
    ['US', '+52 55 8765 4321', ['5587654321', '15587654321', '0445587654321', '015587654321']],
    ['GB', '020 7946 0958', ['+2079460958', '002079460958', '79460958']],
    // Spain has no prefix 0, and Italy's 0 belongs to the number.
    ['ES', '612345678', ['0612345678', '340612345678', '+340612345678']],
    ['IT', '0612345678', ['612345678', '39612345678', '+39612345678', '00612345678']],
    ['IT', '3123456789', ['03123456789', '3903123456789', '+3903123456789']],
    ['AR', '+54 9 11 2345 6789', ['23456789', '1523456789', '9111523456', '+1123456789']],
    ['BR', '11927654321', ['1127654321', '551127654321']],
    ['BR', '11987654321', ['87654321', '987654321', '+11987654321']],
  ];
  for (const [country, sent, not] of strangers) {
    it(`are not among those of ${sent} in ${country}`, () => {
      const found = spellingsOf(sent, country);
      for (const text of not) assert.ok(!found.includes(text), text);
    });
  }

  it('are not there as the bare digits of a number that came with its +', () => {
    // Norway's number: its bare digits are those of a subscriber in Mexico.
    const found = spellingsOf('+47 21 23 45 67', 'MX');
    assert.equal(phoneKey('4721234567', 'MX'), '524721234567');
    assert.ok(!found.includes('4721234567'));
    assert.ok(found.includes('+4721234567') && found.includes('004721234567'));
  });
});

describe('the spellings of any number', () => {
  it('fit a statement and the column, are digits after at most a +, none twice, and all have its key', () => {
    fc.assert(
      fc.property(stored, fc.constantFrom(...COUNTRIES), (text, country) => {
        const phone = read(text, country);
        const found = storedSpellings(phone, country);
        assert.equal(found[0] === phone.digits, phoneKey(phone.digits, country) === phone.key);
        assert.ok(found.length <= MAX_STORED_SPELLINGS, `${text} has ${found.length}`);
        assert.equal(new Set(found).size, found.length);
        for (const spelling of found) assert.match(spelling, /^(?=.{6,18}$)\+?\d+$/);
        for (const spelling of found) assert.equal(phoneKey(spelling, country), phone.key, spelling);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the spellings of a Mexican number at home', () => {
  const spelling = fc
    .tuple(subscriber, fc.nat(18))
    .map(([national, at]) => ({ national, sent: spellingsOf(national, 'MX')[at] ?? '' }));

  it('are nineteen, whichever of them was sent, and all mean that subscriber', () => {
    fc.assert(
      fc.property(spelling, ({ national, sent }) => {
        const found = spellingsOf(sent, 'MX');
        assert.equal(found.length, 19);
        for (const text of found) assert.equal(phoneKey(text, 'MX'), `52${national}`, text);
        assert.deepEqual(new Set(found), new Set(spellingsOf(national, 'MX')));
      }),
      { numRuns: 1_000 },
    );
  });

  it('are all there are, with any three digits before the number, the country code or both', () => {
    const prefixes = [0, 1, 2, 3].flatMap((length) =>
      Array.from({ length: 10 ** length }, (_, at) => (length === 0 ? '' : `${at}`.padStart(length, '0'))),
    );
    const found = new Set(spellingsOf('5587654321', 'MX'));
    for (const before of ['', '+', '00', '52', '+52', '0052']) {
      for (const prefix of prefixes) {
        const text = `${before}${prefix}5587654321`;
        if (text.length > 18) continue;
        assert.equal(found.has(text), phoneKey(text, 'MX') === '525587654321', text);
      }
    }
  });

  it('have every text that means the subscriber, and no text that does not', () => {
    const prefix = fc.oneof(
      head,
      fc.tuple(head, digits(0, 4)).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(spelling, prefix, ({ national, sent }, before) => {
        const text = before + national;
        fc.pre(text.length <= 18);
        assert.equal(spellingsOf(sent, 'MX').includes(text), phoneKey(text, 'MX') === `52${national}`, text);
      }),
      { numRuns: 3_000 },
    );
  });

  it('have any text of digits at all that is understood as a Mexican number', () => {
    fc.assert(
      fc.property(stored, (text) => {
        const key = phoneKey(text, 'MX');
        const national = /^52([2-9]\d{9})$/.exec(key ?? '')?.[1];
        fc.pre(national !== undefined);
        assert.ok(spellingsOf(national, 'MX').includes(text), text);
      }),
      { numRuns: 1_000 },
    );
  });
});
