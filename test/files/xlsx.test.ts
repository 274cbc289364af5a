import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { dateText, decimalText, numberFormat, numberText } from '../../src/files/sheet-cells.ts';
import { writeZip } from '../support/zip-writer.ts';
import { readContent } from './read-source.ts';

const STYLES = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="00000"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/><xf numFmtId="11"/></cellXfs></styleSheet>`;

const STRINGS = `<sst><si><t>Nombre</t></si><si><r><t>Te</t></r><r><rPr><b/></rPr><t xml:space="preserve">léfono</t></r><rPh><t>ignored</t></rPh></si>
<si><t>Ana &amp; Luis</t></si></sst>`;

interface Parts {
  readonly sheets?: readonly { readonly name: string; readonly rows: string; readonly state?: string }[];
  readonly extra?: Readonly<Record<string, string>>;
  readonly properties?: string;
}

function workbook({ sheets = [], extra = {}, properties = '' }: Parts): Record<string, string> {
  const parts: Record<string, string> = {
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml': `<workbook xmlns:r="r">${properties}<sheets>${sheets
      .map(
        ({ name, state }, at) =>
          `<sheet name="${name}" ${state === undefined ? '' : `state="${state}" `}r:id="rId${at}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${sheets
      .map((_, at) => `<Relationship Id="rId${at}" Target="worksheets/sheet${at}.xml"/>`)
      .join('')}</Relationships>`,
    'xl/styles.xml': STYLES,
    'xl/sharedStrings.xml': STRINGS,
  };
  for (const [at, { rows }] of sheets.entries()) {
    parts[`xl/worksheets/sheet${at}.xml`] =
      `<x:worksheet xmlns:x="m"><x:sheetData>${rows}</x:sheetData></x:worksheet>`.replaceAll(
        /<(\/?)x:/g,
        '<$1',
      );
  }
  return { ...parts, ...extra };
}

const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
const row = (number: number, ...cells: readonly string[]) => `<row r="${number}">${cells.join('')}</row>`;
const HEADER = row(1, text('Nombre'), text('Teléfono'));

describe('a workbook', () => {
  it('is read with its texts, numbers, dates and what formulas came to', async () => {
    const rows = [
      row(1, '<c r="A1" t="inlineStr"><is><t>Clientes de hoy</t></is></c>'),
      '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3" t="str"><v>fecha_nacimiento</v></c><c r="D3" t="inlineStr"><is><t>C.P.</t></is></c><c r="E3" t="inlineStr"><is><t>Nota</t></is></c></row>',
      '<row r="4"><c r="A4" t="s"><v>2</v></c><c r="B4" s="5"><v>1.2E+10</v></c><c r="C4" s="1"><v>31097</v></c><c r="D4" s="3"><v>1234</v></c><c r="E4" t="str"><f>A1&amp;"x"</f><v>fórmula</v></c></row>',
      row(5, '<c r="A5" s="1"/>'),
      '<row r="6"><c r="B6"><v>3315550031</v></c><c r="C6" t="d"><v>1985-02-19T00:00:00</v></c><c r="E6" t="b"><v>1</v></c></row>',
      '<row r="7"><c r="B7"><f>1/0</f><v>3.3</v></c><c r="C7" s="4"><v>45000.5</v></c><c r="E7" t="e"><v>#N/A</v></c></row>',
    ].join('');
    const found = await readContent(writeZip(workbook({ sheets: [{ name: 'Uno', rows }] })));
    assert.deepEqual([found.kind, found.headerLine], ['xlsx', 3]);
    assert.deepEqual(found.header, ['Nombre', 'Teléfono', 'fecha_nacimiento', 'C.P.', 'Nota']);
    assert.deepEqual(found.rows, [
      { cells: ['Ana & Luis', '12000000000', '1985-02-19', '01234', 'fórmula'], line: 4 },
      { cells: [null, '3315550031', '1985-02-19', null, '1'], line: 6 },
      { cells: [null, '3.3', '2023-03-15 12:00:00', null, null], line: 7 },
    ]);
    assert.deepEqual(found.notices, ['the header is line 3']);
    assert.equal(found.bytes, found.size);
  });

  it('is read from the sheet that has rows, and names the others', async () => {
    const sheets = [
      { name: 'Portada', rows: row(1, text('Hola')) },
      { name: 'Oculta', rows: HEADER + row(2, text('No'), text('1')), state: 'hidden' },
      { name: 'Clientes', rows: HEADER + row(2, text('Ana'), text('3315550031')) },
      { name: 'Más', rows: HEADER + row(2, text('Eva'), text('3315550032')) },
    ];
    const content = writeZip(workbook({ sheets }));
    const found = await readContent(content);
    assert.deepEqual(
      found.rows.map(({ cells }) => cells[0]),
      ['Ana'],
    );
    assert.deepEqual(found.notices, [
      'the sheet "Clientes" is read, and not "Más", "Oculta"; choose with --sheet NAME',
    ]);
    for (const sheet of ['más', '4']) {
      const { rows } = await readContent(content, { sheet });
      assert.deepEqual(
        rows.map(({ cells }) => cells[0]),
        ['Eva'],
        sheet,
      );
    }
    await assert.rejects(readContent(content, { sheet: 'Otra' }), /no sheet "Otra", but "Portada", "Oculta"/);
  });

  it('has the header line that is asked for', async () => {
    const rows = HEADER + row(2, text('Teléfono'), text('Nombre')) + row(3, text('33'), text('Ana'));
    const content = writeZip(workbook({ sheets: [{ name: 'a', rows }] }));
    const found = await readContent(content, { headerLine: 2 });
    assert.deepEqual([found.header, found.rows.length], [['Teléfono', 'Nombre'], 1]);
    await assert.rejects(readContent(content, { headerLine: 9 }), /no row 9 with names/);
  });

  it('is refused in one sentence where it cannot be read', async () => {
    const whole = workbook({ sheets: [{ name: 'a', rows: HEADER }] });
    const compound = Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1');
    const locked = Buffer.concat([compound, Buffer.from('EncryptedPackage', 'utf16le')]);
    const doctype = '<!DOCTYPE a [<!ENTITY b "bbbb">]><sst><si><t>&b;</t></si></sst>';
    const cases: readonly (readonly [what: string, content: Buffer, message: RegExp])[] = [
      [
        'an old workbook',
        compound,
        /is an old workbook \(\.xls\) or protected by a password; save it as \.xlsx/,
      ],
      ['a locked workbook', locked, /is protected by a password; save it without one/],
      ['another zip file', writeZip({ 'a.txt': 'b' }), /is a zip file and no workbook/],
      ['a binary workbook', writeZip({ 'xl/workbook.bin': 'b' }), /is a binary workbook \(\.xlsb\)/],
      ['an OpenDocument file', writeZip({ 'content.xml': '<a/>' }), /is an OpenDocument file/],
      ['half a workbook', writeZip(whole).subarray(0, 700), /is damaged, or no workbook/],
      ['an empty one', writeZip(workbook({})), /has no sheet with rows/],
      [
        'entities',
        writeZip({ ...whole, 'xl/sharedStrings.xml': doctype }),
        /damaged workbook \(it has a document type\)/,
      ],
      [
        'broken XML',
        writeZip({ ...whole, 'xl/worksheets/sheet0.xml': '<worksheet><row>' }),
        /is a damaged workbook/,
      ],
    ];
    for (const [what, content, message] of cases) await assert.rejects(readContent(content), message, what);
  });

  it('loses no row whose number is wrong', async () => {
    const people = Array.from({ length: 4 }, (_, at) => [text(`P${at}`), text(`331234000${at}`)]);
    for (const number of ['1', 'abc', '', '-5', '1.5', '1e308', '9007199254740993', '0']) {
      const rows = HEADER + people.map((cells) => `<row r="${number}">${cells.join('')}</row>`).join('');
      const found = await readContent(writeZip(workbook({ sheets: [{ name: 'a', rows }] })));
      assert.deepEqual(
        found.rows.map(({ cells, line }) => [cells[0], line]),
        [2, 3, 4, 5].map((line) => [`P${line - 2}`, line]),
        number,
      );
    }
  });

  it('rejects rows with cells that are too far, in one place, or too much', async () => {
    const long = 'x'.repeat(60_000);
    const rows = [
      HEADER,
      row(2, text('Far'), '<c r="XFD2"><v>1</v></c>'),
      row(3, '<c r="A3" t="str"><v>One</v></c>', '<c r="A3" t="str"><v>Two</v></c>'),
      row(4, ...Array.from({ length: 20 }, () => text(long))),
      row(5, text('Ana'), text('3312340000')),
    ].join('');
    const { rows: taken, bad } = await readContent(writeZip(workbook({ sheets: [{ name: 'a', rows }] })));
    assert.deepEqual(
      taken.map(({ cells }) => cells),
      [['Ana', '3312340000']],
    );
    assert.deepEqual(
      bad.map(({ raw, line, reason }) => [raw.slice(0, 5), line, reason]),
      [
        ['Far', 2, 'has a cell in column 16384; at most 2000 columns are read'],
        ['One', 3, 'has two cells in column 1'],
        ['xxxxx', 4, 'has more than 1000000 characters; its beginning is here'],
      ],
    );
    assert.ok(bad.every(({ raw }) => raw.length <= 65_536));
  });

  it('is refused before it takes much memory or time', async () => {
    const sheet = (rows: string) => workbook({ sheets: [{ name: 'a', rows }] });
    const whole = sheet(HEADER);
    const long = 'A'.repeat(5_000_000);
    const twice = '<sheet name="S" r:id="rId0"/>'.repeat(2);
    const cases: readonly (readonly [what: string, parts: Record<string, string>, message: RegExp])[] = [
      ['elements in elements', sheet('<a>'.repeat(5_000) + '</a>'.repeat(5_000)), /more than 100 deep/],
      ['an attribute', sheet(`<row x="${long}"/>`), /a part of more than 4194304 bytes/],
      ['a text', sheet(`<row><c><v>${long}</v></c></row>`), /a part of more than 4194304 bytes/],
      ['a comment', sheet(`<!--${long}-->`), /a part of more than 4194304 bytes/],
      [
        'many attributes',
        sheet(`<row ${Array.from({ length: 400_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`),
        /a part of more/,
      ],
      [
        'one sheet twice',
        { ...whole, 'xl/workbook.xml': `<workbook xmlns:r="r"><sheets>${twice}</sheets></workbook>` },
        /two of its sheets are one/,
      ],
      [
        'styles',
        {
          ...whole,
          'xl/styles.xml': `<styleSheet><cellXfs>${'<xf/>'.repeat(70_100)}</cellXfs></styleSheet>`,
        },
        /more than 70000 styles/,
      ],
    ];
    for (const [what, parts, message] of cases) {
      await assert.rejects(readContent(writeZip(parts)), message, what);
    }
    const format = `<numFmt numFmtId="164" formatCode="${'[h'.repeat(500_000)}"/>`;
    const styles = `<styleSheet><numFmts>${format}</numFmts><cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>`;
    const rows = HEADER + row(2, text('Ana'), '<c s="0"><v>3312340000</v></c>');
    const found = await readContent(writeZip({ ...sheet(rows), 'xl/styles.xml': styles }));
    assert.deepEqual(found.rows[0]?.cells, ['Ana', '3312340000']);
  });

  it('may not inflate to more than it says, nor say more than a workbook has', async () => {
    const whole = workbook({
      sheets: [{ name: 'a', rows: HEADER }],
      extra: { 'xl/sharedStrings.xml': ' '.repeat(1_000_000) },
    });
    const small = writeZip(whole, { 'xl/sharedStrings.xml': { uncompressedSize: 1_000 } });
    await assert.rejects(readContent(small), /damaged workbook/);
    const large = writeZip(whole, { 'xl/sharedStrings.xml': { uncompressedSize: 2_000_000_000 } });
    await assert.rejects(readContent(large), /has 2000000000 bytes in xl\/sharedStrings\.xml/);
  });
});

describe('the cells of a workbook', () => {
  it('show numbers with all their digits', () => {
    const cases = [
      ['3312340001', '3312340001'],
      ['1.2E+10', '12000000000'],
      ['3.3155500309999999E9', '3315550031'],
      ['3.315550031E9', '3315550031'],
      ['5512345678901234567', '5512345678901234567'],
      ['1.5', '1.5'],
      ['0.1', '0.1'],
      ['1.1000000000000001', '1.1'],
      ['1E-3', '0.001'],
      ['-2.50', '-2.5'],
      ['1e21', '1000000000000000000000'],
      ['x', 'x'],
    ] as const;
    for (const [written, shown] of cases) assert.equal(decimalText(written), shown, written);
    assert.equal(numberText('1234', { kind: 'number', digits: 5 }), '01234');
  });

  it('are dates by their format', () => {
    const kinds = [
      ['dd/mm/yyyy', 'date'],
      ['[$-409]mmmm d, yyyy;@', 'date'],
      ['yyyy-mm-dd hh:mm', 'moment'],
      ['[h]:mm:ss', 'time'],
      ['mm:ss.0', 'time'],
      ['h:mm AM/PM', 'time'],
      ['#,##0.00', 'number'],
      ['"día" 0', 'number'],
      ['[Red]0.00', 'number'],
      ['0.00E+00', 'number'],
      ['@', 'number'],
      ['General', 'number'],
    ] as const;
    for (const [code, kind] of kinds) assert.equal(numberFormat(164, code).kind, kind, code);
    assert.equal(numberFormat(14, undefined).kind, 'date');
    const dates = [
      ['1', false, '1900-01-01'],
      ['59', false, '1900-02-28'],
      ['61', false, '1900-03-01'],
      ['45000', false, '2023-03-15'],
      ['43538', true, '2023-03-15'],
      ['-1', false, '-1'],
      ['99999999', false, '99999999'],
    ] as const;
    for (const [number, is1904, shown] of dates)
      assert.equal(dateText(number, 'date', is1904), shown, number);
    assert.equal(dateText('0.75', 'time', false), '18:00:00');
  });
});
