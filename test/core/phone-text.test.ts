import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { blockKey, blockKeysOf } from '../../src/core/phone-blocks.ts';
import { doubtOf, isPossiblePhone } from '../../src/core/phone-doubts.ts';
import { readCountry } from '../../src/core/country-names.ts';
import { phoneKey, readPhone, type Country } from '../../src/core/phone.ts';

const BEFORE = [
  ...['tel:', 'TEL:', 'p:', 'whatsapp:', 'WhatsApp: ', 'callto:', 'callto://', 'sip:', 'sips:', "'", '<tel:'],
  ...[
    'Cel: ',
    'Cel. ',
    'Tel. ',
    'tel ',
    'Teléfono: ',
    'Móvil: ',
    'MÓVIL ',
    'Tel. casa: ',
    'Casa: ',
    'Oficina ',
  ],
  ...['Mobile: ', 'Phone ', 'Telefone: ', 'Celular: ', 'Fax: ', 'T: ', 'M. ', 'Cel/WhatsApp: ', '(oficina) '],
];
const NUMBERS = [
  '33 2345 6901',
  '+52 33 2345 6901',
  '(33) 2345-6901',
  '3323456901',
  '+5213323456901',
  '01 33 2345 6901',
];
const EXTENSIONS = [
  ' x123',
  'x123',
  ' ext. 123',
  ' ext 123',
  ' Ext.123',
  ', ext. 123',
  ' extensión 123',
  ';ext=123',
  ' #123',
  '#123',
];

function valueOf(text: string, country: Country = 'MX') {
  const reading = readPhone(text, country);
  assert.ok('value' in reading, `${text}: ${'fault' in reading ? reading.fault : ''}`);
  return reading.value;
}

describe('what stands around a number', () => {
  for (const before of BEFORE) {
    it(`${JSON.stringify(before)} before it is no part of it`, () => {
      for (const number of NUMBERS) {
        const text = before + number + (before.startsWith('<') ? '>' : '');
        assert.equal(valueOf(text).key, '523323456901', text);
        assert.equal(valueOf(text).asSent, text.trim());
      }
    });
  }

  for (const extension of EXTENSIONS) {
    it(`${JSON.stringify(extension)} behind it is read, kept, and not compared`, () => {
      for (const number of NUMBERS) {
        const value = valueOf(number + extension);
        assert.deepEqual([value.key, value.extension], ['523323456901', '123'], number + extension);
        assert.equal(value.digits, number.replace(/\D/g, ''));
      }
    });
  }

  for (const text of [
    'sip:3323456901@pbx.example.com',
    'sip:+523323456901@10.0.0.1:5060;user=phone',
    'sips:3323456901@example.com;transport=tls?subject=x',
    'sip:3323456901;transport=udp',
    '5213323456901@s.whatsapp.net',
    '5213323456901:12@s.whatsapp.net',
    '5213323456901@c.us',
    'whatsapp:+5213323456901',
    'tel:3323456901;phone-context=+52',
    '="3323456901"',
    '="+52 33 2345 6901"',
    '3323456901.0',
    '3.323456901e9',
    '3,323,456,901',
    '33 2345 6901 (oficina)',
    '33 2345 6901 cel',
    '33 2345 6901 - casa',
    '３３２３４５６９０１',
    '＋５２ ３３ ２３４５ ６９０１',
    '٣٣٢٣٤٥٦٩٠١',
    '३३२३४५६९०१',
    '\u2068+52 33 2345 6901\u2069',
  ])
    it(`${JSON.stringify(text)} is a number`, () => assert.equal(valueOf(text).key, '523323456901'));

  it('a zero in brackets behind the country’s code is not dialled', () => {
    for (const [text, key] of [
      ['+44 (0)20 7946 0958', '442079460958'],
      ['+49 (0)30 123456', '4930123456'],
      ['+39 (0)6 1234 5678', '390612345678'],
    ] as const)
      assert.equal(valueOf(text).key, key);
  });

  it('letters elsewhere stay a fault', () => {
    for (const text of [
      'Juan 3323456901',
      '3323456901 Juan',
      '33-CALL-NOW',
      'ana@example.com',
      '3323456901@example.com',
      'javascript:3323456901',
    ])
      assert.ok('fault' in readPhone(text, 'MX'), text);
  });

  it('takes no time that grows with the square of a text', () => {
    for (const piece of [' ', '(', 'tel ', 'x', '1 ', '\t', '(a', ' - ', '٣', 'tel.', '1x', ';']) {
      const text = piece.repeat(20_000);
      const begin = performance.now();
      readPhone(text, 'MX');
      blockKey(text, 'MX');
      doubtOf(text, 'MX');
      assert.ok(performance.now() - begin < 2_000, piece);
    }
  });
});

describe('numbers that an import should doubt', () => {
  for (const [text, doubt] of [
    ['33155500', /8 digits and no area code/],
    ['315550016', /has 9 digits/],
    ['03315550017', /has 11 digits/],
    ['133155500', /has 9 digits/],
    ['9999999999', /one digit over and over/],
    ['52523323456924', /has 14 digits/],
    ['123456789012345', /has 15 digits, more than/],
    ['443311223344', /another country, or has lost the zero of 044/],
    ['453312345678', /lost the zero of 045/],
  ] as const)
    it(`${text}: ${doubt.source}`, () => assert.match(doubtOf(text, 'MX') ?? '', doubt));

  it('are not those that a plan gives out, nor what is no number at all', () => {
    for (const text of [
      '3315550018',
      '523315550018',
      '5213315550019',
      '+1 415 555 2671',
      '+44 3311 223344',
      '0052 1 55 8765 4321',
      '',
      'none',
      '12',
    ])
      assert.equal(doubtOf(text, 'MX'), undefined, text);
  });

  it('may be numbers, or not', () => {
    for (const text of ['3315550018', '3834-5678', '+14155552671', 'Cel: 3315550018'])
      assert.ok(isPossiblePhone(text, 'MX'), text);
    for (const text of ['', 'x', '123456', '315550016', '99999999999999', '2026-05-01'])
      assert.ok(!isPossiblePhone(text, 'MX'), text);
  });
});

describe('a block of numbers', () => {
  const blocks: readonly (readonly [Country, string, string | undefined])[] = [
    ['MX', '33123456xx', '5233123456'],
    ['MX', '33123456XX', '5233123456'],
    ['MX', '(33) 1234-56**', '5233123456'],
    ['MX', '331234*', '52331234'],
    ['MX', '+52 33 1234*', '52331234'],
    ['MX', '+52 1 33 1234 xxxx', '52331234'],
    ['MX', '52331234*', '52331234'],
    ['MX', '01 33 1234*', '52331234'],
    ['MX', '+1 212 555*', '1212555'],
    ['US', '212555*', '1212555'],
    ['BR', '11 3333 4*', '551133334'],
    ['BR', '11 97777*', '551197777'],
    ['AR', '11 2345*', '54112345'],
    ['AR', '11 15 2345*', '54112345'],
    ['CO', '601 234*', '57601234'],
    ['CL', '2 26345*', '56226345'],
    ['MX', '33123*', undefined],
    ['MX', '331234x12', undefined],
    ['MX', '3312345678', undefined],
    ['MX', 'x', undefined],
    ['MX', '', undefined],
    ['MX', 'Juan 331234*', undefined],
  ];
  for (const [country, text, key] of blocks)
    it(`${JSON.stringify(text)} in ${country} is ${key ?? 'none'}`, () =>
      assert.equal(blockKey(text, country), key));

  it('has every number that begins so, and no other; the longest comes first', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[2-9]\d{9}$/), fc.integer({ min: 6, max: 9 }), (national, length) => {
        fc.pre(!national.startsWith('52'));
        const block = blockKey(`${national.slice(0, length)}*`, 'MX') ?? '';
        const keys = blockKeysOf({ key: phoneKey(national, 'MX') ?? '' });
        assert.ok(keys.includes(block));
        assert.ok(keys.length <= 10);
        assert.deepEqual(
          keys,
          [...keys].sort((one, other) => other.length - one.length),
        );
        const last = String((Number(national[length - 1]) + 1) % 10);
        const stranger = national.slice(0, length - 1) + last + national.slice(length);
        assert.ok(!blockKeysOf({ key: phoneKey(stranger, 'MX') ?? '' }).includes(block));
      }),
    );
  });

  it('has no number without area code, and none inside the company', () => {
    for (const key of ['local:33123456', 'internal:101']) assert.deepEqual(blockKeysOf({ key }), []);
  });
});

describe('the country that a text says', () => {
  const texts: readonly (readonly [Country | undefined, readonly string[]])[] = [
    ['MX', ['MX', 'mx', 'MEX', 'México', 'MEXICO', 'mexico', '52', '+52', '0052', '052', ' Mx ']],
    ['US', ['US', 'USA', '1', '+1', 'United States', 'Estados Unidos', 'EE.UU.', 'E.U.A.']],
    ['BR', ['BR', 'BRA', 'Brasil', 'Brazil', '55']],
    ['ES', ['España', 'Spain', 'Espanha', 'ESP', '34']],
    ['RU', ['RU', '7', 'Rusia']],
    ['GB', ['UK', 'Reino Unido', '44', 'GBR']],
    ['DE', ['Alemania', 'Alemanha', 'Germany', 'DEU']],
    [undefined, ['', ' ', '0', 'XX', 'none', '999', '-', 'x'.repeat(1_000), '漢']],
  ];
  for (const [country, own] of texts)
    it(`${country ?? 'none'}: ${own.map((text) => text.slice(0, 20)).join(', ')}`, () => {
      for (const text of own) assert.equal(readCountry(text), country, text);
    });
  it('is none where nothing is said', () => assert.equal(readCountry(null), undefined));
});
