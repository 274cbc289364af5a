import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

import { phoneKey, readPhone, type Country } from '../../src/core/phone.ts';

const COUNTRIES: readonly Country[] = ['MX', 'US', 'ES', 'GB', 'AR'];
const TEN_DIGITS = Array.from('0123456789');
const TWO_TO_NINE = TEN_DIGITS.slice(2);

const country = fc.constantFrom(...COUNTRIES);

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...TEN_DIGITS), minLength, maxLength });

/** Every ten-digit number that Mexico's plan can give out. */
const subscriber = fc
  .tuple(fc.constantFrom(...TWO_TO_NINE), digits(9, 9))
  .map(([first, rest]) => first + rest);

const prefix = fc.constantFrom(
  ...[
    '',
    '+52',
    '52',
    '+521',
    '521',
    '0052',
    '00521',
    '01',
    '044',
    '045',
    '+5201',
    '52044',
    '52045',
    'tel:+52',
  ],
);

/** Numbers of several countries that their plans give out, with their national spelling at home. */
const givenOut = fc
  .tuple(fc.constantFrom('1', '34', '44', '49', '52'), digits(8, 11))
  .map(([code, rest]) => parsePhoneNumberFromString(`+${code}${rest}`, { extract: false }))
  .filter((number) => number !== undefined)
  .filter((number) => number.isValid() && number.country !== undefined)
  .map((number) => ({
    international: number.number.slice(1),
    home: number.country ?? 'MX',
    national: number.formatNational(),
  }));

/** What people put between the digits. */
const gaps = fc.array(fc.constantFrom('', '', '', ' ', '-', '.', ' (', ') ', '/', '\u00a0', '\u2011', '\t'), {
  minLength: 20,
  maxLength: 20,
});

function punctuate(number: string, between: readonly string[]): string {
  const start = number.startsWith('tel:') ? 4 : 0;
  return number.replace(/\d(?=.)/g, (digit, at: number) => digit + (at < start ? '' : (between[at] ?? '')));
}

const spelling = fc.tuple(subscriber, prefix, gaps).map(([national, before, between]) => ({
  national,
  text: punctuate(before + national, between),
}));

/** Texts near to telephone numbers: where a rule could go wrong. */
const phoneLike = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789+ -()./\t\u00a0x;et:l٣５')), maxLength: 24 }),
  fc
    .tuple(fc.constantFrom('', '+', ' ', '00', '52', '+52', '521', '01', '044', '0'), digits(0, 18))
    .map((parts) => parts.join('')),
  spelling.map(({ text }) => text),
);

function readKey(text: string, under: Country): string | undefined {
  const reading = readPhone(text, under);
  return 'value' in reading ? reading.value.key : undefined;
}

describe('the comparable form of Mexican numbers', () => {
  it('is one for every spelling and formatting of a subscriber', () => {
    fc.assert(
      fc.property(spelling, ({ national, text }) => {
        assert.equal(readKey(text, 'MX'), `52${national}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is one when the + has become a space on the way', () => {
    fc.assert(
      fc.property(subscriber, fc.constantFrom('52', '521', '52 1 ', '52 '), (national, code) => {
        assert.equal(readKey(` ${code}${national}`, 'MX'), `52${national}`);
      }),
    );
  });

  it('differs for different subscribers, however they are spelled', () => {
    fc.assert(
      fc.property(spelling, spelling, (one, other) => {
        fc.pre(one.national !== other.national);
        assert.notEqual(readKey(one.text, 'MX'), readKey(other.text, 'MX'));
      }),
      { numRuns: 1_000 },
    );
  });

  it('differs for subscribers of whom one differs in a single digit', () => {
    fc.assert(
      fc.property(
        spelling,
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(...TWO_TO_NINE),
        ({ national, text }, at, digit) => {
          const other = national.slice(0, at) + digit + national.slice(at + 1);
          fc.pre(other !== national);
          assert.notEqual(readKey(text, 'MX'), readKey(other, 'MX'));
        },
      ),
    );
  });

  it('of an end of a number is never that of the whole number', () => {
    fc.assert(
      fc.property(subscriber, prefix, fc.integer({ min: 6, max: 14 }), (national, before, length) => {
        const whole = (before + national).replace(/\D/g, '');
        const end = whole.slice(-length);
        // Ten digits are the subscriber; with `1`, `01`, … before them they may be, too.
        fc.pre(end.length < 10);
        assert.notEqual(readKey(end, 'MX'), readKey(before + national, 'MX'));
      }),
      { numRuns: 1_000 },
    );
  });

  it('of eleven digits that end in a subscriber is not the subscriber', () => {
    fc.assert(
      fc.property(subscriber, fc.constantFrom(...TEN_DIGITS), (national, before) => {
        assert.notEqual(readKey(before + national, 'MX'), `52${national}`);
      }),
    );
  });
});

describe('the comparable form under any default country', () => {
  it('of an end of a United States number is never that of the whole number', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.constantFrom(...TWO_TO_NINE), digits(9, 9)),
        fc.integer({ min: 6, max: 9 }),
        (parts, length) => {
          const whole = parts.join('');
          assert.notEqual(readKey(whole.slice(-length), 'US'), readKey(whole, 'US'));
          assert.notEqual(readKey(whole.slice(-length), 'US'), readKey(`+1${whole}`, 'US'));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is digits only, and no text makes the reading throw', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: 'grapheme' }),
      phoneLike,
    );
    fc.assert(
      fc.property(anyText, country, (text, under) => {
        const reading = readPhone(text, under);
        if ('value' in reading) {
          assert.match(reading.value.key, /^(?:local:)?[0-9]{5,20}$/);
          assert.match(reading.value.digits, /^[0-9]{6,18}$/);
          assert.equal(reading.value.asSent, text.trim());
        } else {
          assert.match(reading.fault, /^(?:is|has) /);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('is the same for a stored number as for a number that was sent', () => {
    fc.assert(
      fc.property(phoneLike, country, (text, under) => {
        assert.equal(phoneKey(text, under), readKey(text, under));
      }),
      { numRuns: 5_000 },
    );
  });

  it('of a number that a plan gives out is its country code and national number, also when sent back as +key', () => {
    fc.assert(
      fc.property(givenOut, country, ({ international, home, national }, under) => {
        const spellings = [readKey(`+${international}`, under), readKey(`00${international}`, under)];
        assert.deepEqual(spellings, [international, international]);
        assert.equal(phoneKey(national, home), international);
        assert.equal(phoneKey(`+${phoneKey(national, home) ?? ''}`, under), international);
      }),
      { numRuns: 1_000 },
    );
  });

  it('of any text that cannot be understood by a plan is itself when sent back', () => {
    fc.assert(
      fc.property(phoneLike, country, (text, under) => {
        const key = phoneKey(text, under);
        // A second trunk zero (`+64 00 …`) is no number of any plan; the library takes one zero at a time.
        // A number without its area code has none that could be sent with a `+`.
        fc.pre(
          key !== undefined &&
            /^\d/.test(key) &&
            !/^\+?\d{2,3}0/.test(text.replace(/[^0-9+]/g, '')) &&
            !/^\d{2,3}0/.test(key),
        );
        assert.equal(phoneKey(`+${key}`, under), key);
      }),
      { numRuns: 5_000 },
    );
  });
});
