import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createImportFixture } from './import-fixture.ts';

/** The same two people, as programs write them. */
const ROWS = [
  ['teléfono', 'apellido', 'notas'],
  ['5512345678', 'Núñez', 'dos\nlíneas; "así", €'],
  ['5512345679', 'Peña', ''],
] as const;

function csv(delimiter: string, lineEnd: string, cellEnd = ''): string {
  const quoted = (cell: string) => (/[",;\n\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return ROWS.map((row) => row.map(quoted).join(delimiter) + cellEnd + lineEnd).join('');
}

/** Windows-1252 is Latin-1 but for a few signs; the euro is what these rows have of them. */
function windows1252(text: string): Buffer {
  return Buffer.from(text.replaceAll('€', '\x80'), 'latin1');
}

const FILES: readonly (readonly [what: string, content: Buffer | string])[] = [
  ['UTF-8', csv(',', '\n')],
  ['Excel’s CSV UTF-8: a byte order mark and CRLF', `\uFEFF${csv(',', '\r\n')}`],
  ['Excel’s CSV in Mexico: Windows-1252', windows1252(csv(',', '\r\n'))],
  ['Excel’s CSV in Spain: Windows-1252 and semicolons', windows1252(csv(';', '\r\n'))],
  ['Excel’s Unicode text: UTF-16 and tabs', Buffer.from(`\uFEFF${csv('\t', '\r\n')}`, 'utf16le')],
  ['UTF-16, the other byte first', Buffer.from(`\uFEFF${csv('\t', '\r\n')}`, 'utf16le').swap16()],
  ['a first line that names the delimiter', `sep=;\r\n${csv(';', '\r\n')}`],
  ['that line in UTF-16', Buffer.from(`\uFEFFsep=;\r\n${csv(';', '\r\n')}`, 'utf16le')],
  ['columns at the end that are empty', csv(';', '\r\n', ';;;')],
  ['lines at the end that are nothing but delimiters', `${csv(',', '\n')},,\n,,\n\n`],
  ['no line end at the end', csv(',', '\n').slice(0, -1)],
  ['an empty line first', `\n${csv(',', '\n')}`],
  ['line ends of two kinds', csv(',', '\r\n').replace('\r\n', '\n')],
  ['an old Mac’s line ends', csv(',', '\r')],
];

describe('a file as it comes', () => {
  for (const [what, content] of FILES) {
    it(`is read: ${what}`, async (t) => {
      const fixture = createImportFixture(t);
      // The dialect with CR alone cannot have LF inside a cell.
      const text = what.includes('Mac') ? String(content).replaceAll('\n', '\r') : content;
      const { err } = await fixture.import(fixture.file('a.csv', text), { list: 101 });
      assert.match(err, /^added 2, updated 0, unchanged 0, rejected 0/m);
      // What was guessed is said.
      assert.equal(err.includes('was read as Windows-1252'), what.includes('Windows-1252'));
      const notes = what.includes('Mac') ? 'dos\rlíneas; "así", €' : 'dos\nlíneas; "así", €';
      const leads = fixture.leads().map(({ lead }) => [lead.phone_number, lead.last_name, lead.comments]);
      assert.deepEqual(leads, [
        ['5512345678', 'Núñez', notes],
        ['5512345679', 'Peña', null],
      ]);
    });
  }

  it('is named as what it is: vCards are no export of Google Contacts', async (t) => {
    const fixture = createImportFixture(t);
    const card = 'BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nTEL:5512345678\nEND:VCARD\n';
    const google = 'First Name,Last Name,Phone 1 - Label,Phone 1 - Value\nEva,Ruiz,Mobile,5512345679\n';
    for (const [name, content, said, unsaid] of [
      ['a.vcf', card, /^read as vCards$/m, /Google|export of/],
      ['a.csv', google, /^read as an export of Google Contacts$/m, /vCard/],
    ] as const) {
      const { err } = await fixture.import(fixture.file(name, content), { list: 101 });
      assert.match(err, /^added 1, /m);
      assert.match(err, said);
      assert.doesNotMatch(err, unsaid);
    }
    const { out } = await fixture.import(fixture.path('a.vcf'), { list: 101, json: true });
    assert.equal((JSON.parse(out) as { format: string }).format, 'vcard');
  });

  it('keeps an empty string apart from nothing', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', 'phone,nombre,ciudad,alt_phone\n5512345678,"",,\n5512345679,,"",""\n');
    await fixture.import(file, { list: 101 });
    const leads = fixture.leads().map(({ lead }) => [lead.first_name, lead.city, lead.alt_phone]);
    assert.deepEqual(leads, [
      ['', null, null],
      [null, '', ''],
    ]);
  });

  it('keeps quotes within a cell that is not quoted', async (t) => {
    const fixture = createImportFixture(t);
    await fixture.import(
      fixture.file('a.csv', 'phone,nombre\n5512345678,Ana "la jefa" Ruiz\n5512345679,"a"b\n'),
      { list: 101 },
    );
    assert.deepEqual(
      fixture.leads().map(({ lead }) => lead.first_name),
      ['Ana "la jefa" Ruiz', '"a"b'],
    );
  });

  it('has its rows counted by the line on which they begin', async (t) => {
    const fixture = createImportFixture(t);
    const content = 'sep=;\r\nphone;notas\r\na;"1\r\n2\n3"\r\n\r\nb;x\r\nc;"\r\n"\r\n5512345678;\r\nd;y';
    await fixture.import(fixture.file('a.csv', content), { list: 101 });
    const lines = [...fixture.read('a.rejects.csv').matchAll(/;(\d+);"phone_number '(\w)'/g)].map(
      ([, line, cell]) => [cell, line],
    );
    assert.deepEqual(lines, [
      ['a', '3'],
      ['b', '7'],
      ['c', '8'],
      ['d', '11'],
    ]);
  });

  it('may cut anything anywhere: rows across the pieces in which it is read', async (t) => {
    const fixture = createImportFixture(t);
    const rows = Array.from(
      { length: 4_000 },
      (_, index) => `55${10_000_000 + index};"ñ ""${index}"" €\r\n${'😀'.repeat(index % 7)}"`,
    );
    const { err } = await fixture.import(fixture.file('a.csv', `phone;notas\r\n${rows.join('\r\n')}`), {
      list: 101,
    });
    assert.match(err, /^added 4000, updated 0, unchanged 0, rejected 0/);
    for (const [index, { lead }] of fixture.leads().entries()) {
      assert.equal(lead.comments, `ñ "${index}" €\r\n${'😀'.repeat(index % 7)}`);
    }
  });
});
