/**
 * Exports of real programs and people's spreadsheets, with invented details: each goes in without a flag, and each of its rows
 * is there or rejected with its true reason.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';

import type { Country } from '../../src/core/phone.ts';
import { readSample, SAMPLE_FOLDER, type ReadSample, type SampleRow } from './read-sample.ts';

interface Expected {
  readonly country?: Country;
  readonly rows: number;
  /** One for each rejected row. */
  readonly rejected?: readonly RegExp[];
  /** One for each warning. */
  readonly warnings?: readonly RegExp[];
  readonly format?: string;
  /** The fields of the first row, all of them. */
  readonly first?: SampleRow['fields'];
  readonly custom?: Readonly<Record<string, string>>;
  /** Of the first row. */
  readonly further?: SampleRow['numbers'];
}

const VICIDIAL_LEAD = {
  title: 'Lic',
  first_name: 'Rosa',
  middle_initial: 'M',
  last_name: 'Ibarra',
  phone_number: '3323456801',
  alt_phone: '5553456802',
  email: 'rosa@example.com',
  address1: 'Calle 1',
  city: 'Guadalajara',
  state: 'JA',
  postal_code: '44100',
  country_code: 'MEX',
  gender: 'F',
  date_of_birth: '0000-00-00',
  status: 'CALLBK',
  user: 'AGENT1',
};

const VICIDIAL_IDS = {
  external_lead_id: '14301',
  vendor_lead_code: 'V-99',
  source_id: 'SRC1',
  phone_code: '52',
};

const SAMPLES: Readonly<Record<string, Expected>> = {
  '3cx-phonebook.csv': {
    rows: 1,
    format: '3cx',
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      phone_number: '+523323456771',
      alt_phone: '5553456772',
      email: 'rosa@example.com',
    },
    custom: { company: 'Flores Ibarra' },
  },
  'ar.csv': { country: 'AR', rows: 3, first: { first_name: 'Ar1', phone_number: '+54 9 11 6677-3399' } },
  'ceros.csv': {
    rows: 8,
    warnings: [
      /^line 2: phone_number '33155500' has 8 digits/,
      /^line 3: phone_number '315550016' has 9 digits/,
      /^line 4: phone_number '03315550017' has 11 digits/,
      /^line 7: phone_number '133155500' has 9 digits/,
      /^line 8: phone_number '99999999999999'/,
    ],
  },
  'cliente-nombre.csv': {
    rows: 2,
    first: { first_name: 'Ana', last_name: 'Núñez', phone_number: '3315550001' },
  },
  'clientes-con-titulo.csv': {
    rows: 37,
    rejected: [
      /^line 9: phone_number '5\.51235E\+09' was changed by a spreadsheet/,
      /^line 14: phone_number is empty$/,
      /^line 18: phone_number 'N\/A' has letters/,
      /^line 48: phone_number '40' has 2 digits/,
    ],
    warnings: [/^line 13: phone_number '1234 5678' has 8 digits/],
    first: {
      first_name: 'Jesús',
      last_name: 'Peña Zúñiga',
      phone_number: '(33) 1296-9779',
      email: 'c0@example.com',
      address1: 'Av. Vallarta 154 Int. 0',
      address2: 'Col. Americana',
      city: 'Guadalajara',
      state: 'Jalisco',
      postal_code: '44160',
      date_of_birth: '1976-07-03',
      comments: 'Llamar después de las 5',
    },
    custom: { rfc: 'XAXX010101000', ultimo_pedido: '03/10/2026', saldo: '$4,043.50' },
  },
  'clientes.xlsx': {
    rows: 37,
    rejected: [
      /^line 8: phone_number '5\.51235E\+09' was changed by a spreadsheet/,
      /^line 13: phone_number is empty$/,
      /^line 15: phone_number 'N\/A' has letters/,
      /^line 46: phone_number is empty$/,
    ],
    warnings: [
      /^line 12: phone_number '1234 5678' has 8 digits/,
      /^line 28: phone_number '443311223344' is of another country, or has lost the zero of 044/,
    ],
    first: {
      first_name: 'Jesús',
      last_name: 'Peña Zúñiga',
      phone_number: '(33) 1296-9779',
      email: 'c0@example.com',
      address1: 'Av. Vallarta 154 Int. 0',
      address2: 'Col. Americana',
      city: 'Guadalajara',
      state: 'Jalisco',
      postal_code: '44160',
      date_of_birth: '1976-07-03',
      comments: 'Llamar después de las 5',
    },
    custom: { rfc: 'XAXX010101000', ultimo_pedido: '03/10/2026', saldo: '$4,043.50' },
  },
  'crm-a.csv': {
    rows: 1,
    first: { first_name: 'Rosa', last_name: 'Ibarra', phone_number: '3323456841' },
    custom: { id: '9' },
  },
  'crm-b.csv': {
    rows: 1,
    first: { first_name: 'Otro', last_name: 'Cliente', phone_number: '5553450000' },
    custom: { id: '9' },
  },
  'cuatro-tel.csv': {
    rows: 1,
    first: {
      first_name: 'Ana',
      phone_number: '3315550003',
      alt_phone: '3315550004',
      email: 'a@x.mx',
    },
    further: [
      { label: 'Tel. casa', number: '3315550005' },
      { label: 'Tel. oficina', number: '3315550006' },
    ],
  },
  'facebook-leads.csv': {
    rows: 1,
    format: 'meta',
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      phone_number: '+5213323456791',
      email: 'rosa@example.com',
      city: 'Guadalajara',
    },
    custom: {
      id: 'l:12001',
      created_time: '2026-05-01T10:11:12-06:00',
      campaign_name: 'Camp',
      form_name: 'Form',
    },
  },
  'family.csv': { rows: 2, first: { first_name: 'Ana', last_name: 'Soto', phone_number: '33 2345 7011' } },
  'formula.csv': {
    rows: 1,
    first: { first_name: '=HYPERLINK("http://x","y")', phone_number: '3323457081', comments: '@SUM(1)' },
  },
  'google-2024.csv': {
    rows: 2,
    format: 'google',
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      phone_number: '+52 1 33 2345 6701',
      alt_phone: '+52 33 2345 6702',
      email: 'rosa@example.com',
      address1: 'Calle 1',
      city: 'Guadalajara',
      state: 'Jalisco',
      postal_code: '44100',
      country_code: 'MX',
      date_of_birth: '1980-02-29',
      comments: 'línea uno\r\nlínea dos',
    },
    custom: {
      company: 'Flores Ibarra',
      organization_title: 'Dueña',
      labels: '* myContacts ::: clientes',
    },
    further: [{ label: 'Work', number: '(55) 5345-6703' }],
  },
  'lada.csv': { rows: 1, first: { first_name: 'Ana', phone_number: '33 1555 0010' } },
  'local-mx.csv': {
    rows: 4,
    warnings: [/8 digits and no area code/, /8 digits and/, /8 digits and/, /7 digits and/],
  },
  'main-empty.csv': { rows: 2, first: { first_name: 'SoloMovil', phone_number: '33 2345 7001' } },
  'malafecha.csv': {
    rows: 1,
    first: { first_name: 'Buena', phone_number: '3315557000' },
    warnings: [/^line 2: date_of_birth 'no sé' is no day of the calendar; it was left out$/],
  },
  'mixed-country.csv': {
    rows: 2,
    first: { first_name: 'Usa', phone_number: '2125550142', country_code: 'US' },
  },
  'numeros.csv': { rows: 3, first: { first_name: 'Ana', phone_number: '3315550030' } },
  'outlook.csv': {
    rows: 1,
    format: 'outlook',
    first: {
      title: 'Lic',
      first_name: 'Rosa',
      last_name: 'Ibarra',
      phone_number: '+52 (55) 5345-6721',
      alt_phone: '33 2345 6723',
      email: 'rosa@example.com',
      city: 'Guadalajara',
      gender: 'U',
    },
    custom: {},
    further: [{ label: 'Mobile Phone', number: '+52 1 33 2345 6722' }],
  },
  'paterno.csv': {
    rows: 1,
    first: { first_name: 'Ana', last_name: 'Núñez Peña', phone_number: '3315550011' },
  },
  'phones.csv': {
    rows: 26,
    rejected: [
      /^line 8: phone_number '5\.23E\+11' was changed by a spreadsheet/,
      /^line 25: phone_number '\+\+523323456923' has a character/,
    ],
    warnings: [
      /^line 5: phone_number '030\/1234579'/,
      /^line 18: phone_number '2345-6916' has 8 digits/,
      /^line 26: phone_number '52523323456924' has 14 digits/,
      /^line 27: phone_number '9 33 2345 6925' has 11 digits/,
    ],
  },
  'salesforce.csv': {
    rows: 1,
    format: 'salesforce',
    first: {
      title: 'Ms.',
      first_name: 'Rosa',
      last_name: 'Ibarra',
      phone_number: '(33) 2345-6741',
      alt_phone: '+52 1 55 5345 6742',
      email: 'rosa@example.com',
      address1: 'Calle 1',
      city: 'Guadalajara',
      state: 'JAL',
      postal_code: '44100',
      country_code: 'MX',
    },
    custom: {
      job_title: 'Owner',
      company: 'Flores Ibarra',
      lead_status: 'Open - Not Contacted',
      lead_owner: 'Ana Soto',
    },
  },
  'shared-number.csv': { rows: 2, rejected: [/^line 4: phone_number '33 9999 000x'/] },
  'shared-number-corrected.csv': { rows: 2 },
  'shared-number.rejects.csv': { rows: 1, rejected: [/^line 3: phone_number '33 9999 000x'/] },
  'total-row.csv': { rows: 1, rejected: [/^line 4: phone_number is empty$/], custom: { monto: '10' } },
  'title-rows.csv': {
    rows: 1,
    first: { first_name: 'Uno', phone_number: '3323457051', email: 'a@example.com' },
  },
  'tsv-quote.txt': { rows: 3 },
  'tsv-quote-open.txt': { rows: 3 },
  'tsv-quote-mild.txt': { rows: 3 },
  'vcard.vcf': {
    rows: 1,
    format: 'vcard',
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      phone_number: '+52 1 33 2345 6811',
      alt_phone: '(55) 5345-6812',
      email: 'rosa@example.com',
    },
    custom: { company: 'Flores Ibarra' },
  },
  'vicidial-headerless.txt': {
    rows: 1,
    format: 'vicidial',
    first: {
      title: 'Lic',
      first_name: 'Rosa',
      middle_initial: 'M',
      last_name: 'Ibarra',
      phone_number: '3323456861',
      alt_phone: '5553456862',
      email: 'rosa@example.com',
      address1: 'Calle 1',
      city: 'Guadalajara',
      state: 'JA',
      postal_code: '44100',
      country_code: 'MEX',
      gender: 'F',
      date_of_birth: '0000-00-00',
      comments: 'comment',
    },
    custom: { vendor_lead_code: 'V-99', source_id: 'SRC1', phone_code: '52' },
  },
  'vicidial-list-download.txt': {
    rows: 1,
    format: 'vicidial',
    first: { ...VICIDIAL_LEAD, comments: 'Pidió info "mañana"' },
    custom: VICIDIAL_IDS,
  },
  'vicidial-list-download-all.txt': {
    rows: 1,
    format: 'vicidial',
    first: { ...VICIDIAL_LEAD, comments: 'comment' },
    custom: VICIDIAL_IDS,
  },
  'week-1.csv': {
    rows: 4,
    first: {
      first_name: 'Ana',
      last_name: 'Núñez',
      phone_number: '33 1111 0001',
      alt_phone: '33 1111 0002',
      email: 'ana@example.com',
      comments: 'Le gusta el café',
    },
    custom: { cliente: 'C-001' },
  },
  'week-2.csv': { rows: 2, custom: { cliente: 'C-001' } },
};

describe('a sample', () => {
  for (const [name, expected] of Object.entries(SAMPLES)) {
    it(`goes in without a flag: ${name}`, async () => {
      compare(await readSample(name, expected.country), expected);
    });
  }

  it('is none that is not in this table', () => {
    assert.deepEqual(Object.keys(SAMPLES).sort(), readdirSync(SAMPLE_FOLDER).sort());
  });

  it('names the list of its rows itself, where it has one', async () => {
    for (const name of ['vicidial-list-download.txt', 'vicidial-list-download-all.txt']) {
      const { rows } = await readSample(name);
      assert.deepEqual(
        rows.map(({ listId, leadId }) => [listId, leadId]),
        [[1001, undefined]],
        name,
      );
    }
  });
});

function compare(sample: ReadSample, expected: Expected): void {
  assert.deepEqual(sample.problems, []);
  assert.equal(sample.rows.length, expected.rows, sample.rejected.join('\n'));
  compareTexts(sample.rejected, expected.rejected ?? []);
  compareTexts(sample.warnings, expected.warnings ?? []);
  assert.equal(sample.plan?.format?.name, expected.format);
  const [first] = sample.rows;
  assert.ok(first);
  if (expected.first !== undefined) assert.deepEqual(first.fields, expected.first);
  if (expected.custom !== undefined) assert.deepEqual(Object.fromEntries(first.custom), expected.custom);
  assert.deepEqual(first.numbers, expected.further ?? []);
}

function compareTexts(texts: readonly string[], expected: readonly RegExp[]): void {
  assert.equal(texts.length, expected.length, texts.join('\n'));
  for (const [at, pattern] of expected.entries()) assert.match(texts[at] ?? '', pattern);
}
