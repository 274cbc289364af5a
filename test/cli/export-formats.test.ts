import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';

import { CommandFailure, EXIT } from '../../src/process/exit-code.ts';
import { exportLeads } from '../../src/cli/export.ts';
import {
  CUSTOM_FIELD_TYPES,
  LEAD_TEXT_FIELDS,
  type CustomField,
  type CustomValue,
  type FurtherNumber,
} from '../../src/core/lead.ts';
import type { ImportRow } from '../../src/core/lead-archive.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../src/files/export-formats.ts';
import type { WriteOptions } from '../../src/files/write-lead-file.ts';
import { createTerminal } from '../../src/process/terminal.ts';
import { readSource } from '../files/read-source.ts';
import { createImportFixture, createTestTerminal, type ImportFixture, unrecorded } from './import-fixture.ts';

/** Exports to a file of the fixture's folder, in place of an earlier one. */
async function exportTo(
  fixture: ImportFixture,
  name: string,
  options: Partial<WriteOptions>,
): Promise<{ readonly file: string; readonly bytes: Buffer; readonly err: string }> {
  const { terminal, err } = createTestTerminal();
  const file = fixture.path(name);
  const context = { ...unrecorded, archive: fixture.archive, terminal, ...options };
  assert.equal(await exportLeads(file, true, context), EXIT.ok);
  return { file, bytes: readFileSync(file), err: err() };
}

interface RandomLead {
  readonly leadId: number;
  readonly list: number;
  readonly texts: readonly (string | null)[];
  readonly isCustomer: boolean;
  readonly lastLocalCallTime: string | null;
  readonly modifyDate: string;
  readonly values: readonly (readonly [string, number, string] | null)[];
  readonly numbers: readonly FurtherNumber[];
}

interface RandomList {
  readonly name: string | null;
  readonly fields: readonly CustomField[];
}

/** Stores of random leads, whose texts are of that kind. */
function storesOf(text: fc.Arbitrary<string>) {
  const day = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  const date = fc.oneof(
    fc.constantFrom('0000-00-00', '0000-03-15', '0000-02-29', '1604-01-02'),
    day.map((value) => value.toISOString().slice(0, 10)),
  );
  const moment = day.map((value) => value.toISOString().slice(0, 19).replace('T', ' '));
  const phone = fc.constantFrom(
    '5512345678',
    '+52 1 55 1234 5678',
    '(55) 1234-5678',
    '800432',
    '0034600000000',
  );
  const field = fc.record(
    {
      label: fc.oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
        fc.constantFrom('plan', '2024', '__proto__'),
      ),
      type: fc.constantFrom(...CUSTOM_FIELD_TYPES),
      caption: fc.oneof(text, fc.constantFrom('Último pedido', '=1+1')).filter((caption) => caption !== ''),
    },
    { requiredKeys: ['label', 'type'] },
  );
  const textOf = (name: string) => {
    if (name === 'phone_number') return phone;
    if (name === 'date_of_birth') return fc.option(date);
    return fc.option(name === 'alt_phone' ? text.map((value) => value.trim()) : text);
  };
  const list: fc.Arbitrary<RandomList> = fc.record({
    name: fc.option(text),
    fields: fc
      .uniqueArray(field, { maxLength: 4, selector: ({ label }) => label })
      .map((fields) => fields.map(({ label, ...rest }) => withoutOwnCaption({ label, ...rest }))),
  });
  const lead: fc.Arbitrary<RandomLead> = fc.record({
    leadId: fc.integer({ min: 1, max: 9_999_999_999 }),
    list: fc.nat(),
    texts: fc.tuple(...LEAD_TEXT_FIELDS.map(textOf)),
    isCustomer: fc.boolean(),
    lastLocalCallTime: fc.option(moment),
    modifyDate: moment,
    values: fc.array(fc.option(fc.tuple(text, fc.maxSafeInteger(), date)), { minLength: 4, maxLength: 4 }),
    numbers: fc.array(fc.record({ label: fc.option(text), number: phone }), { maxLength: 3 }),
  });
  return fc.tuple(
    fc.array(list, { minLength: 1, maxLength: 3 }),
    fc.uniqueArray(lead, { minLength: 1, maxLength: 6, selector: ({ leadId }) => leadId }),
  );
}

/** A caption that says what the label says is none. */
function withoutOwnCaption({ label, type, caption }: CustomField): CustomField {
  return caption === undefined || caption === label ? { label, type } : { label, type, caption };
}

function valueOf({ type }: CustomField, value: RandomLead['values'][number] | undefined): CustomValue {
  if (value === null || value === undefined) return null;
  return type === 'NUMBER' ? value[1] : type === 'DATE' ? value[2] : value[0];
}

function fill(fixture: ImportFixture, lists: readonly RandomList[], leads: readonly RandomLead[]): void {
  const run = fixture.archive.startImport(
    { texts: LEAD_TEXT_FIELDS, isCustomer: true, lastLocalCallTime: true, numbers: true },
    'update',
  );
  for (const [index, each] of leads.entries()) {
    const place = each.list % lists.length;
    const fields = lists[place]?.fields ?? [];
    run.prepareList(101 + place, lists[place]?.name ?? undefined, fields);
    const custom = new Map(fields.map((field, at) => [field.label, valueOf(field, each.values[at])]));
    const row: ImportRow = { ...each, listId: 101 + place, custom };
    assert.equal(run.write(row, index + 1), 'added');
  }
  run.commitBatch();
  run.close();
}

/** What spreadsheets, address books and parsers take for something else. */
const TELLING = [
  '=1+1',
  '+52',
  '-1',
  '@x',
  "'=x",
  'a\nb',
  ' \n "a", ""b""; ',
  '007',
  '12345678901234567890',
  '1E5',
  '👩🏽‍💻 ñandú',
  '0000-00-00',
  '_x000D_',
  '<a href="x">&amp;</a>]]>',
  'END:VCARD',
  'a\\nb\\;c,d',
  '[["x","y"]]',
  'TRUE',
  '#N/A',
  ' ',
  '',
  'ü'.repeat(80),
] as const;

describe('what export writes, import reads back', () => {
  const telling = fc.constantFrom(...TELLING);
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), telling);
  const noControls = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/(?!\n)\p{Cc}/gu, '')),
    telling,
  );

  async function assertReadBack(t: TestContext, [lists, leads]: StoreArguments, options: WriteOptions) {
    const name = `a.${options.format}`;
    const first = createImportFixture(t);
    fill(first, lists, leads);
    const { file, bytes, err } = await exportTo(first, name, options);
    assert.equal(err, `exported ${leads.length} leads to ${file}\n`);
    const second = createImportFixture(t);
    const imported = await second.import(file);
    assert.equal(imported.exitCode, EXIT.ok, imported.err);
    assert.match(imported.err, new RegExp(`^added ${leads.length}, updated 0, unchanged 0, rejected 0`, 'm'));
    assert.doesNotMatch(imported.err, /warning|cannot be read/);
    assert.deepEqual(second.leads(), first.leads());
    assert.deepEqual(second.archive.lists(), first.archive.lists());
    assert.ok((await exportTo(second, name, options)).bytes.equals(bytes));
    const again = await second.import(file);
    assert.match(again.err, new RegExp(`^added 0, updated 0, unchanged ${leads.length}, rejected 0`, 'm'));
  }
  type StoreArguments = readonly [readonly RandomList[], readonly RandomLead[]];

  for (const [what, options, text] of [
    ['CSV', { format: 'csv', forSpreadsheet: false }, anyText],
    ['CSV with --for-spreadsheet', { format: 'csv', forSpreadsheet: true }, anyText],
    ['a workbook', { format: 'xlsx', forSpreadsheet: false }, anyText],
    ['JSON lines', { format: 'jsonl', forSpreadsheet: false }, anyText],
    ['vCards, but for control characters', { format: 'vcf', forSpreadsheet: false }, noControls],
  ] as const) {
    it(`56: to the same leads, lists, captions and bytes: ${what}`, async (t) => {
      await fc.assert(
        fc.asyncProperty(storesOf(text), (store) => assertReadBack(t, store, options)),
        { numRuns: 10 },
      );
    });
  }
});

describe('an export', () => {
  const PEOPLE = [
    'Nombre,Teléfono,Último pedido,Tel. oficina,Móvil 2,Notas',
    'Ana,5512345678,=1+1,5512345670,5512345679,"a\u0007\u0000b"',
    'Eva,5512345671,007,,,',
    '',
  ].join('\n');

  async function withPeople(t: TestContext): Promise<ImportFixture> {
    const fixture = createImportFixture(t);
    assert.equal((await fixture.import(fixture.file('people.csv', PEOPLE), { list: 101 })).exitCode, EXIT.ok);
    return fixture;
  }

  it('as vCards says what they cannot hold, and loses nothing else', async (t) => {
    const fixture = await withPeople(t);
    const { file, bytes, err } = await exportTo(fixture, 'a.vcf', { format: 'vcf' });
    assert.equal(
      err,
      `exported 2 leads to ${file}\nnot held by this format: control characters in a value (1 times)\n`,
    );
    const text = bytes.toString();
    assert.ok(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75));
    assert.doesNotMatch(text, /(?![\r\n])\p{Cc}/u);
    const other = createImportFixture(t);
    assert.equal((await other.import(file)).exitCode, EXIT.ok);
    const [first, second] = fixture.leads();
    const expected = [first && { ...first, lead: { ...first.lead, comments: 'ab' } }, second];
    assert.deepEqual(other.leads(), expected);
  });

  it('as vCards is read as any others once another program has changed them', async (t) => {
    const fixture = await withPeople(t);
    const { bytes } = await exportTo(fixture, 'a.vcf', { format: 'vcf' });
    const edited = bytes.toString().replace('N:;Ana;;;', 'N:Ruiz;Ana;;;').replace('5512345679', '5599999999');
    const other = createImportFixture(t);
    await other.import(other.file('b.vcf', edited));
    const [ana] = other.leads();
    assert.deepEqual(
      [ana?.lead.last_name, ana?.further],
      ['Ruiz', [{ label: 'Móvil 2', number: '5599999999' }]],
    );
    const stripped = edited.replace(/^X-CALLERCARD[^]*?(?=\r\n\S)\r\n/gm, '');
    const { err } = await createImportFixture(t).import(other.file('c.vcf', stripped), { list: 5 });
    assert.match(err, /^added 2, /m);
    assert.match(err, /^read as vCards$/m);
    const added = `${edited}BEGIN:VCARD\r\nFN:Luis\r\nTEL:5512345000\r\nEND:VCARD\r\n`;
    const mixed = await createImportFixture(t).import(other.file('d.vcf', added), { list: 5 });
    assert.match(mixed.err, /has 2 cards of an export of callercard among 3; .* without list, status/);
    assert.match(mixed.err, /^added 3, /m);
  });

  it('as a workbook has text in every cell, and formulas in none', async (t) => {
    const fixture = await withPeople(t);
    const { file } = await exportTo(fixture, 'a.xlsx', { format: 'xlsx' });
    const { header, rows, kind } = await readSource(file);
    assert.equal(kind, 'xlsx');
    const at = header.indexOf('custom:ultimo_pedido:TEXT@101');
    assert.deepEqual(
      rows.map(({ cells }) => [cells[0], cells[at]]),
      [
        ['1', '=1+1'],
        ['2', '007'],
      ],
    );
  });

  it('as a workbook is never written to a terminal', async (t) => {
    const fixture = await withPeople(t);
    const stdout = Object.assign(new PassThrough(), { isTTY: true });
    const terminal = createTerminal(new PassThrough(), stdout, new PassThrough());
    const context = { ...unrecorded, archive: fixture.archive, terminal, format: 'xlsx' } as const;
    await assert.rejects(
      exportLeads(undefined, false, context),
      (cause) => cause instanceof CommandFailure && cause.exitCode === EXIT.usage,
    );
    assert.equal(stdout.read(), null);
  });

  it('has the format that is said, and says where the name promises another one', async (t) => {
    const fixture = await withPeople(t);
    const kinds: Readonly<Record<ExportFormat, string>> = {
      csv: 'csv',
      xlsx: 'xlsx',
      vcf: 'vcf',
      jsonl: 'json',
    };
    for (const format of EXPORT_FORMATS) {
      for (const ending of ['dat', ...EXPORT_FORMATS]) {
        const { file, err } = await exportTo(fixture, `out.${ending}`, { format });
        assert.equal((await readSource(file)).kind, kinds[format]);
        const isOther = ending !== format && ending !== 'dat';
        assert.equal(err.includes(`say --format ${ending}`), isOther, err);
      }
    }
  });

  it('keeps captions apart where lists call a field differently', async (t) => {
    const fixture = createImportFixture(t);
    for (const [list, caption] of [
      [101, 'Último pedido'],
      [102, 'ÚLTIMO PEDIDO'],
      [103, 'ultimo_pedido'],
    ] as const) {
      await fixture.import(fixture.file('a.csv', `phone,${caption}\n55123456${list % 100},x\n`), { list });
    }
    const other = createImportFixture(t);
    await other.import((await exportTo(fixture, 'out.csv', {})).file);
    assert.deepEqual(other.archive.lists(), fixture.archive.lists());
    assert.deepEqual(
      other.archive.lists().map(({ customFields }) => customFields[0]?.caption),
      ['Último pedido', 'ÚLTIMO PEDIDO', undefined],
    );
  });

  it('has captions where version 0.1 reads over them', async (t) => {
    const fixture = await withPeople(t);
    const { bytes } = await exportTo(fixture, 'out.csv', {});
    const [header = '', first = '', second = ''] = bytes.toString().split('\n');
    // A column without a name, before the last one.
    assert.match(header, /,further_numbers,,custom:ultimo_pedido:TEXT@101$/);
    assert.match(first, /,"\{""custom:ultimo_pedido:TEXT@101"":""Último pedido""\}",=1\+1$/);
    assert.match(second, /,,,007$/);
  });
});
