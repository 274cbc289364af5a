import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readContent } from './read-source.ts';

const ROWS = 'Ana,5512345678,León\nLuis,5512345679,Colima\n';

describe('the header line', () => {
  const files: readonly (readonly [what: string, text: string, line: number, header: readonly string[]])[] = [
    ['first', `Nombre,Teléfono,Ciudad\n${ROWS}`, 1, ['Nombre', 'Teléfono', 'Ciudad']],
    ['below a title', `Clientes\n\nNombre,Teléfono,Ciudad\n${ROWS}`, 3, ['Nombre', 'Teléfono', 'Ciudad']],
    [
      'below padded titles',
      `Reporte,,\nde hoy,,\n,,\nNombre,Teléfono,Ciudad\n${ROWS}`,
      4,
      ['Nombre', 'Teléfono', 'Ciudad'],
    ],
    [
      'below a title with the delimiter',
      `Ventas, Zona Norte\nNombre,Teléfono,Ciudad\n${ROWS}`,
      2,
      ['Nombre', 'Teléfono', 'Ciudad'],
    ],
    [
      'of names that nobody knows',
      `Zona norte\nQuién,Dónde llamar,Lugar\n${ROWS}`,
      2,
      ['Quién', 'Dónde llamar', 'Lugar'],
    ],
    [
      'of names that nobody knows, first',
      `Quién,Dónde llamar,Lugar\n${ROWS}`,
      1,
      ['Quién', 'Dónde llamar', 'Lugar'],
    ],
    ['of one column', 'teléfono\n5512345678\n', 1, ['teléfono']],
    ['without rows', 'Nombre,Teléfono\n', 1, ['Nombre', 'Teléfono']],
    ['with columns that have no name', `Nombre,Teléfono,,\n${ROWS}`, 1, ['Nombre', 'Teléfono', '', '']],
    ['with the same name twice', `Nombre,Teléfono,Teléfono\n${ROWS}`, 1, ['Nombre', 'Teléfono', 'Teléfono']],
    [
      'over lines',
      `Nombre,"Teléfono\n(10 dígitos)",Ciudad\n${ROWS}`,
      1,
      ['Nombre', 'Teléfono\n(10 dígitos)', 'Ciudad'],
    ],
  ];
  for (const [what, text, line, header] of files) {
    it(`is found: ${what}`, async () => {
      const found = await readContent(text);
      assert.deepEqual([found.headerLine, found.header], [line, header]);
      assert.deepEqual(found.notices, line > 1 ? [`the header is line ${line}`] : []);
      assert.equal(
        found.rows[0]?.line,
        what === 'without rows'
          ? undefined
          : text.split('\n').findIndex((each) => each.includes('55123456')) + 1,
      );
    });
  }

  it('is the one that is asked for', async () => {
    const text = `Nombre,Teléfono,Ciudad\nQuién,Dónde,Lugar\n${ROWS}`;
    const found = await readContent(`sep=,\n${text}`, { headerLine: 3 });
    assert.deepEqual(
      [found.header, found.headerLine, found.rows.length],
      [['Quién', 'Dónde', 'Lugar'], 3, 2],
    );
    await assert.rejects(readContent(text, { headerLine: 99 }), /has no line 99 with names of columns/);
  });

  it('is none in a standard load file of VICIdial, whatever its delimiter and its number of rows', async () => {
    const lead = (at: number) => [
      'V',
      '',
      '101',
      '1',
      `55123456${at}`,
      '',
      'Ana',
      '',
      'Soto',
      ...Array<string>(8).fill(''),
      'F',
      '',
      '',
      '',
      '',
      'x',
    ];
    for (const delimiter of ['\t', '|']) {
      const text = [10, 11, 12].map((at) => `${lead(at).join(delimiter)}\n`).join('');
      const found = await readContent(text);
      assert.deepEqual([found.headerLine, found.rows.length, found.rows[0]?.line], [0, 3, 1]);
      assert.deepEqual([found.header[4], found.header[17]], ['phone_number', 'gender']);
    }
  });
});
