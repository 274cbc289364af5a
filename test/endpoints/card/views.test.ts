import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { WORDS } from '../../../src/endpoints/card/language.ts';
import { readerOf } from '../../../src/endpoints/pages/reader.ts';
import { viewCustom, viewNumbers } from '../../../src/endpoints/card/view-fields.ts';
import { viewStatus } from '../../../src/endpoints/card/view-status.ts';
import { viewAddress, viewCustomer } from '../../../src/endpoints/card/view-customer.ts';
import { viewBirth } from '../../../src/endpoints/card/view-fields.ts';
import { pairsOf, readWanted } from '../../../src/endpoints/card/card-query.ts';
import { LEAD_TEXT_FIELDS, type Customer, type Lead } from '../../../src/core/lead.ts';
import { phoneForms, readPhone, type PhoneNumber } from '../../../src/core/phone.ts';

const { en } = WORDS;
const READER = readerOf('en-GB');
const NOON = Date.parse('2026-06-15T12:00:00');

function leadOf(fields: Partial<Lead>): Lead {
  const empty = Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, null]));
  return { ...empty, lead_id: 7, list_id: 1, ...fields } as Lead;
}

/** The numbers as the card of a Mexican centre shows them. */
function numbersOf(
  customer: Pick<Customer, 'lead' | 'phoneCode' | 'further' | 'hasMoreNumbers'>,
  context: Partial<Parameters<typeof viewNumbers>[1]> = {},
) {
  const usual = { country: 'MX', columns: ['phone_number'], matched: undefined, phone: undefined } as const;
  return viewNumbers({ ...customer, custom: null, isCustomer: false }, { ...usual, ...context }, en);
}

function phoneOf(text: string): PhoneNumber {
  const reading = readPhone(text, 'MX');
  assert.ok('value' in reading);
  return reading.value;
}

function birthOf(stored: string | null) {
  const birth = viewBirth(stored, NOON, READER, en);
  return birth === undefined ? undefined : [birth.shown, birth.note, birth.isDoubtful];
}

describe('the language', () => {
  it('is the best of what the browser asks for that there are words for', () => {
    const cases: [string | undefined, string, string][] = [
      [undefined, 'en', 'en'],
      ['', 'en', 'en'],
      ['es-MX,es;q=0.9,en;q=0.8', 'es', 'es-MX'],
      ['fr,de;q=0.9,es;q=0.2,en;q=0.1', 'es', 'es'],
      ['en;q=0.3,es-419;q=0.7', 'es', 'es-419'],
      ['es;q=0,en', 'en', 'en'],
      ['esperanto,e;q=x,*', 'en', 'en'],
      ['es-<script>', 'en', 'en'],
      [`${'fr,'.repeat(1000)}es`, 'en', 'en'],
    ];
    for (const [asked, language, tag] of cases) assert.deepEqual(readerOf(asked), { language, tag }, asked);
  });
});

describe('a birth date', () => {
  it('comes with the age in full years, on the day, too', () => {
    assert.deepEqual(birthOf('1984-03-09'), ['9 March 1984', '42 years old', false]);
    assert.deepEqual(birthOf('1984-06-15'), ['15 June 1984', '42 years old', false]);
    assert.deepEqual(birthOf('1984-06-16'), ['16 June 1984', '41 years old', false]);
    assert.deepEqual(birthOf('2025-06-01'), ['1 June 2025', '1 year old', false]);
    assert.deepEqual(birthOf('2000-02-29'), ['29 February 2000', '26 years old', false]);
  });

  it('is not shown where none is stored', () => {
    for (const stored of [null, '', ' ', '0000-00-00', '00/00/0000'])
      assert.equal(birthOf(stored), undefined);
  });

  it('without a year is a day of every year, with no age and no doubt', () => {
    for (const [stored, tag, shown] of [
      ['0000-03-15', 'en-GB', '15 March'],
      ['0000-03-15', 'en', 'March 15'],
      ['0000-03-15', 'es', '15 de marzo'],
      [' 0000-03-15 ', 'es-MX', '15 de marzo'],
      ['0000-02-29', 'en-GB', '29 February'],
      ['0000-12-01', 'es', '1 de diciembre'],
    ] as const) {
      const birth = viewBirth(stored, NOON, readerOf(tag), en);
      assert.deepEqual(birth, { shown, iso: stored.trim().slice(5), note: '', isDoubtful: false });
      const fields = [{ label: 'day', type: 'DATE', caption: 'Day' }] as const;
      const [custom] = viewCustom([['day', stored.trim()]], fields, tag);
      assert.deepEqual(custom?.values, [shown]);
    }
    for (const stored of ['0000-02-30', '0000-13-01', '0000-00-10', '0000-04-31', '0000-3-15'])
      assert.deepEqual(birthOf(stored), [stored, en.noDate, true]);
  });

  it('asks to be checked where it cannot be', () => {
    assert.deepEqual(birthOf('1825-10-23'), ['23 October 1825', en.tooOld, true]);
    assert.deepEqual(birthOf('2999-01-01'), ['1 January 2999', en.inFuture, true]);
    for (const stored of ['2023-02-30', '1984-13-01', '1984-00-10', 'March', '0001-01-01']) {
      assert.deepEqual(birthOf(stored), [stored, en.noDate, true]);
    }
  });
});

describe('an address', () => {
  const lead = leadOf({
    address1: 'Av. Reforma 123',
    address2: ' ',
    address3: '5512345678',
    city: 'Guadalajara',
    state: 'Jalisco',
    province: 'Jalisco',
    postal_code: '44100',
    country_code: 'mx',
  });

  it('is written as in its country', () => {
    assert.deepEqual(viewAddress(lead, 'MX', 'es', true), [
      'Av. Reforma 123',
      '44100 Guadalajara, Jalisco',
      'México',
    ]);
    const texan = { ...lead, city: 'Austin', state: 'TX', province: null, postal_code: '78701' };
    assert.deepEqual(viewAddress({ ...texan, country_code: 'US' }, 'MX', 'en', true).slice(1), [
      'Austin, TX 78701',
      'United States',
    ]);
    assert.deepEqual(
      viewAddress({ ...texan, country_code: null }, 'US', 'en', true).at(-1),
      'Austin, TX 78701',
    );
  });

  it('has the third line only where that is no telephone number', () => {
    assert.ok(viewAddress(lead, 'MX', 'es', false).includes('5512345678'));
  });

  it('is nothing where there is only a country, and keeps a code that is none', () => {
    assert.deepEqual(viewAddress(leadOf({ country_code: 'MX' }), 'MX', 'en', false), []);
    const odd = leadOf({ city: 'Puebla', country_code: 'MEX' });
    assert.deepEqual(viewAddress(odd, 'MX', 'en', false), ['Puebla', 'MEX']);
  });
});

describe('telephone numbers', () => {
  it('are written as people of the country write them', () => {
    assert.deepEqual(phoneForms('+52 1 33 1234 5678', 'MX'), {
      e164: '+523312345678',
      national: '33 1234 5678',
    });
    assert.deepEqual(phoneForms('+12125550100', 'MX'), { e164: '+12125550100', national: '+1 212 555 0100' });
    assert.deepEqual(phoneForms('2125550100', 'US'), { e164: '+12125550100', national: '(212) 555-0100' });
    for (const none of ['', '12', 'unknown', '999999']) assert.equal(phoneForms(none, 'MX'), undefined);
  });

  it('have the one that was asked for first', () => {
    const lead = leadOf({ phone_number: '8004321000', alt_phone: 'ext. 12', address3: '5512345678' });
    const columns = ['phone_number', 'alt_phone', 'address3'] as const;
    const { first } = numbersOf({ lead }, { columns, matched: 'address3' });
    assert.deepEqual(
      first.map(({ shown, href, isMatched }) => [shown, href, isMatched]),
      [
        ['55 1234 5678', 'tel:+525512345678', true],
        ['800 432 1000', 'tel:+528004321000', false],
        ['ext. 12', undefined, false],
      ],
    );
    assert.equal(numbersOf({ lead }).first.length, 2);
  });

  it('have their labels, and the further one that was asked for first', () => {
    const further = [
      { label: ' Oficina ', number: '33 5555 0001' },
      { label: null, number: '+52 33 5555 0002' },
      { label: 'Puerta', number: '*72 900' },
      { label: '', number: '33 5555 0003' },
      { label: 'nothing', number: ' ' },
    ];
    const customer = { lead: leadOf({ phone_number: '8004321000' }), further };
    const { first } = numbersOf(customer, { matched: 'further', phone: phoneOf('33 5555 0002') });
    assert.deepEqual(
      first.map(({ label, href, isMatched }) => [label, href, isMatched]),
      [
        [en.further, 'tel:+523355550002', true],
        [en.phone_number, 'tel:+528004321000', false],
        ['Oficina', 'tel:+523355550001', false],
        ['Puerta', undefined, false],
        [en.further, 'tel:+523355550003', false],
      ],
    );
  });

  it('are the block that the number is of, where nothing else has it', () => {
    const customer = { lead: leadOf({ phone_number: '8004321000', alt_phone: '33123456xx' }) };
    const { first } = numbersOf(customer, { matched: 'block', phone: phoneOf('3312345678') });
    assert.deepEqual(
      first.map(({ shown, href, isMatched }) => [shown, href, isMatched]),
      [
        ['33123456xx', undefined, true],
        ['800 432 1000', 'tel:+528004321000', false],
      ],
    );
  });

  it('are seen up to six at once, all others behind a click, and a hundred further ones at most', () => {
    const further = Array.from({ length: 150 }, (_, at) => ({
      label: null,
      number: String(3355550000 + at),
    }));
    const lead = leadOf({ phone_number: '8004321000' });
    for (const [count, seen, behind, hasMore] of [
      [0, 1, 0, false],
      [5, 6, 0, false],
      [6, 6, 1, false],
      [100, 6, 95, false],
      [101, 6, 95, true],
    ] as const) {
      const view = numbersOf({ lead, further: further.slice(0, count) });
      assert.deepEqual([view.first.length, view.others.length, view.hasMore], [seen, behind, hasMore]);
    }
    assert.equal(numbersOf({ lead, further: [], hasMoreNumbers: true }).hasMore, true);
  });
});

describe('a status', () => {
  it('is named where every dialer means the same, and stands out where nobody may call', () => {
    assert.deepEqual(viewStatus('PU', 'es'), { code: 'PU', name: 'Llamada contestada', isLoud: false });
    assert.deepEqual(viewStatus('DNC', 'en'), { code: 'DNC', name: 'Do not call', isLoud: true });
    assert.deepEqual(viewStatus('MINE', 'en'), { code: 'MINE', name: undefined, isLoud: false });
    for (const name of ['constructor', '__proto__', 'toString']) {
      assert.equal(viewStatus(name, 'en')?.name, undefined);
    }
    assert.equal(viewStatus(' ', 'en'), undefined);
  });
});

describe('custom values', () => {
  it('are shown by caption and type, and not at all where there is nothing', () => {
    const shown = viewCustom(
      [
        ['policy_no', 'P-1'],
        ['due', '2027-04-12'],
        ['never', '0000-00-00'],
        ['kinds', 'a, b,,c'],
        ['stray', 'x'],
        ['none', ''],
      ],
      [
        { label: 'policy_no', type: 'TEXT', caption: 'Policy' },
        { label: 'due', type: 'DATE', caption: 'due' },
        { label: 'never', type: 'DATE', caption: 'Never' },
        { label: 'kinds', type: 'MULTI', caption: '' },
      ],
      'en-GB',
    );
    assert.deepEqual(
      shown.map(({ caption, kind, values }) => [caption, kind, values]),
      [
        ['Policy', 'text', ['P-1']],
        ['Due', 'number', ['12 April 2027']],
        ['Kinds', 'items', ['a', 'b', 'c']],
        ['Stray', 'text', ['x']],
      ],
    );
  });
});

describe('an e-mail address', () => {
  const emailOf = (email: string) =>
    viewCustomer(
      { lead: leadOf({ email }), custom: null, isCustomer: false },
      {
        reader: READER,
        words: en,
        now: NOON,
        country: 'MX',
        columns: ['phone_number'],
        matched: undefined,
        phone: undefined,
        fields: [],
        listName: undefined,
        facts: {},
        cardFields: [],
      },
    ).email;

  it('is a link only where it is one, and never to something else', () => {
    assert.equal(emailOf('a+b@example.com')?.href, 'mailto:a%2Bb@example.com');
    assert.equal(emailOf('a?bcc=x@example.com')?.href, 'mailto:a%3Fbcc%3Dx@example.com');
    for (const text of ['javascript:alert(1)', 'nobody', 'a b@example.com', '@', '\u{1F600}']) {
      assert.equal(emailOf(text)?.href, undefined, text);
    }
  });
});

describe('whom an address wants', () => {
  const read = (query: string) => readWanted(new URLSearchParams(query));

  it('is a number, a lead, or what somebody typed', () => {
    const wanted = (query: string) => Object.fromEntries(pairsOf(read(query)));
    assert.deepEqual(wanted('q=14246'), { lead: '14246' });
    assert.deepEqual(wanted('q=%23+1000001'), { lead: '1000001' });
    assert.deepEqual(wanted('q=8004321000'), { phone: '8004321000' });
    assert.deepEqual(wanted('phone=8004321000&q=1'), { phone: '8004321000' });
    assert.deepEqual(wanted('lead=&phone=+&q=+'), {});
    assert.deepEqual(wanted('phone=+525512345678'), { phone: ' 525512345678' });
    assert.deepEqual(wanted('lead=1&of=3'), { lead: '1', of: '3' });
    assert.deepEqual(wanted('q=+Pe%C3%B1a+'), { q: 'Peña' });
    assert.deepEqual(wanted('lead=1&q=Pe%C3%B1a&of=3'), { lead: '1', q: 'Peña', of: '3' });
    assert.deepEqual(wanted('lead=1&q=8004321000'), { lead: '1' });
    for (const count of ['1', '-1', '1e99', 'x', '']) assert.equal(read(`of=${count}`).of, undefined);
  });
});
