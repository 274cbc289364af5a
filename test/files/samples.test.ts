/** Files as real systems and people write them (details invented): test/fixtures/lead-files. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ROOT } from '../support/command.ts';
import { readSource } from './read-source.ts';

const FOLDER = join(ROOT, 'test', 'fixtures', 'lead-files');

interface Sample {
  readonly rows: number;
  /** 1 where it is not said. */
  readonly headerLine?: number;
  readonly columns: number;
  readonly notices?: readonly string[];
  /** The first cells of the first row. */
  readonly first: readonly (string | null)[];
}

const WINDOWS = 'is not UTF-8 and was read as Windows-1252 (Latin 1)';

const SAMPLES: Readonly<Record<string, Sample>> = {
  '3cx-phonebook.csv': { rows: 1, columns: 14, first: ['Rosa', 'Ibarra', 'Flores Ibarra'] },
  'ar.csv': { rows: 3, columns: 2, first: ['Ar1', '+54 9 11 6677-3399'] },
  'ceros.csv': { rows: 8, columns: 2, first: ['Ana', '33155500'] },
  'cliente-nombre.csv': { rows: 2, columns: 2, first: ['Ana Núñez', '3315550001'] },
  'clientes-con-titulo.csv': {
    rows: 41,
    columns: 15,
    headerLine: 4,
    notices: ['the header is line 4', WINDOWS],
    first: ['Jesús Peña Zúñiga', '(33) 1296-9779', null],
  },
  'clientes.xlsx': {
    rows: 41,
    columns: 15,
    headerLine: 3,
    notices: [
      'the header is line 3',
      'the sheet "Clientes" is read, and not "Proveedores"; choose with --sheet NAME',
    ],
    first: ['Jesús Peña Zúñiga', '(33) 1296-9779', null],
  },
  'crm-a.csv': { rows: 1, columns: 3, first: ['9', 'Rosa Ibarra'] },
  'crm-b.csv': { rows: 1, columns: 3, first: ['9', 'Otro Cliente'] },
  'cuatro-tel.csv': { rows: 1, columns: 6, first: ['Ana', '3315550003'] },
  'facebook-leads.csv': { rows: 1, columns: 16, first: ['l:12001', '2026-05-01T10:11:12-06:00'] },
  'family.csv': { rows: 2, columns: 3, first: ['Ana', 'Soto'] },
  'formula.csv': { rows: 1, columns: 3, first: ['=HYPERLINK("http://x","y")', '3323457081'] },
  'google-2024.csv': { rows: 2, columns: 36, first: ['Rosa', null, 'Ibarra'] },
  'lada.csv': { rows: 1, columns: 3, first: ['Ana', '33', '1555 0010'] },
  'local-mx.csv': { rows: 4, columns: 3, first: ['Gdl8', '3834-5678', null] },
  'main-empty.csv': { rows: 2, columns: 3, first: ['SoloMovil', null] },
  'malafecha.csv': { rows: 1, columns: 3, first: ['Buena', '3315557000', 'no sé'] },
  'mixed-country.csv': { rows: 2, columns: 3, first: ['Usa', '2125550142', 'US'] },
  'numeros.csv': { rows: 3, columns: 2, first: ['Ana', '3.315550030e9'] },
  'outlook.csv': { rows: 1, columns: 92, first: ['Lic', 'Rosa'] },
  'paterno.csv': { rows: 1, columns: 4, first: ['Ana', 'Núñez', 'Peña'] },
  'phones.csv': { rows: 28, columns: 3, first: ['ExtX', '33 2345 6901 x123', null] },
  'salesforce.csv': { rows: 1, columns: 15, first: ['Ms.', 'Rosa'] },
  'shared-number-corrected.csv': { rows: 2, columns: 5, first: ['Jesús', '(33) 1234-5678'] },
  'shared-number.csv': { rows: 3, columns: 3, first: ['Sofía', '33 1234 5678'] },
  'shared-number.rejects.csv': { rows: 2, columns: 5, first: ['Jesús', '(33) 1234-5678'] },
  'title-rows.csv': {
    rows: 1,
    columns: 3,
    headerLine: 3,
    notices: ['the header is line 3'],
    first: ['Uno', '3323457051', 'a@example.com'],
  },
  'total-row.csv': { rows: 2, columns: 3, first: ['Uno', '3323457041', '10'] },
  'tsv-quote-mild.txt': { rows: 3, columns: 3, first: ['3323457031', 'Uno', 'dijo "hola" ayer'] },
  'tsv-quote-open.txt': {
    rows: 3,
    columns: 4,
    first: ['3323457021', 'Uno', '"urgente llamar', 'a@example.com'],
  },
  'tsv-quote.txt': { rows: 3, columns: 4, first: ['3323457021', 'Uno', '"urgente llamar', 'a@example.com'] },
  'vcard.vcf': { rows: 1, columns: 14, headerLine: 0, first: ['Rosa', 'Ibarra'] },
  'vicidial-headerless.txt': {
    rows: 1,
    columns: 23,
    headerLine: 0,
    notices: ['has no line of names; it is read as a standard lead load file of VICIdial'],
    first: ['V-99', 'SRC1', '1001', '52', '3323456861'],
  },
  'vicidial-list-download-all.txt': { rows: 1, columns: 36, first: ['1001', '14301'] },
  'vicidial-list-download.txt': { rows: 1, columns: 35, first: ['14301', '2025-01-02 09:00:00'] },
  'week-1.csv': { rows: 4, columns: 7, first: ['C-001', 'Ana', 'Núñez'] },
  'week-2.csv': { rows: 2, columns: 7, first: ['C-001', 'Ana', 'Núñez'] },
};

describe('a file of a real system', () => {
  it('is here with what is read of it', () => {
    assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(SAMPLES).sort());
  });

  for (const [name, { rows, columns, headerLine = 1, notices = [], first }] of Object.entries(SAMPLES)) {
    it(`is read, each row of it: ${name}`, async () => {
      const found = await readSource(join(FOLDER, name));
      assert.deepEqual([found.rows.length, found.bad], [rows, []]);
      assert.deepEqual([found.header.length, found.headerLine], [columns, headerLine]);
      assert.deepEqual(found.notices, notices);
      assert.deepEqual(found.rows[0]?.cells.slice(0, first.length), first);
      // Every row has its cells: none has another's.
      for (const row of found.rows) assert.equal(row.cells.length, columns);
      assert.equal(found.bytes, found.size);
    });
  }
});
