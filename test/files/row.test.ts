import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { planColumns } from '../../src/files/header.ts';
import { type Cells, LONGEST_VALUE } from '../../src/files/cells.ts';
import { RowReader, type RowOptions } from '../../src/files/row.ts';
import type { ImportRow } from '../../src/core/lead-archive.ts';

const OPTIONS: RowOptions = { country: 'MX', listId: 101, dates: undefined };

function read(
  header: readonly string[],
  cells: Cells,
  options: Partial<RowOptions> = {},
  custom: string[] = [],
  map: string[] = [],
): ImportRow | string {
  return readWith(header, cells, options, custom, map).row;
}

function readWith(
  header: readonly string[],
  cells: Cells,
  options: Partial<RowOptions> = {},
  custom: string[] = [],
  map: string[] = [],
): { readonly row: ImportRow | string; readonly warnings: readonly string[] } {
  const content = { samples: [cells], columnsWithValues: undefined };
  const planned = planColumns(header, { map, custom, ignore: [] }, true, content);
  if ('problems' in planned) assert.fail(planned.problems.join('\n'));
  const reader = new RowReader(planned.plan, { ...OPTIONS, ...options });
  const row = reader.read(cells);
  return { row, warnings: reader.warnings.map(({ text }) => text) };
}

/** Why the row is rejected. */
function reason(...args: Parameters<typeof read>): string {
  const row = read(...args);
  if (typeof row !== 'string') assert.fail('it was taken');
  return row;
}

function taken(...args: Parameters<typeof read>): ImportRow {
  const row = read(...args);
  if (typeof row === 'string') assert.fail(row);
  return row;
}

describe('a row', () => {
  it('keeps text as it stands, and nothing apart from an empty string', () => {
    const row = taken(['phone', 'nombre', 'apellido', 'notas'], ['5512345678', ' Ana ', '', null]);
    assert.deepEqual(row.texts, ['5512345678', ' Ana ', '', null]);
    assert.equal(row.listId, 101);
    assert.equal(row.leadId, undefined);
  });

  it('takes spaces off ids, numbers and dates', () => {
    const row = taken(
      ['list_id', 'phone', 'alt_phone', 'dob', 'is_customer', 'last_local_call_time', 'modify_date'],
      [' 102', ' 55 1234 5678 ', ' 55 1234 5679 ', ' 1990-12-31 ', ' Sí ', '2024-01-02T03:04', ''],
    );
    assert.deepEqual(row, {
      leadId: undefined,
      externalId: undefined,
      listId: 102,
      texts: ['55 1234 5678', '55 1234 5679', '1990-12-31'],
      isCustomer: true,
      lastLocalCallTime: '2024-01-02 03:04:00',
      modifyDate: undefined,
      custom: new Map(),
      numbers: [],
    });
  });

  it('is rejected for each of its wrong values, all in one reason', () => {
    const found = reason(['id', 'list_id', 'phone'], ['0', 'x', 'abc'], {}, [], ['id=lead_id']);
    for (const word of ["lead_id '0'", "list_id 'x'", "phone_number 'abc' has letters"]) {
      assert.ok(found.includes(word), `${word} is missing in: ${found}`);
    }
  });

  it('keeps what is good, and warns of the rest', () => {
    const header = ['phone', 'celular', 'dob', 'sexo', 'pais', 'is_customer', 'modify_date'];
    const { row, warnings } = readWith(header, [
      '5512345678',
      'abc',
      '31/13/1990',
      '?',
      'Narnia',
      '2',
      'now',
    ]);
    assert.ok(typeof row === 'object');
    assert.deepEqual(row.texts, ['5512345678', null, null, null, null]);
    assert.equal(row.modifyDate, undefined);
    for (const word of [
      "celular 'abc' has letters",
      "date_of_birth '31/13/1990'",
      "gender '?'",
      "country_code 'Narnia'",
      "is_customer '2'",
      "modify_date 'now'",
    ]) {
      assert.ok(
        warnings.some((text) => text.includes(word) && text.includes('left out')),
        `${word} is missing in: ${warnings.join()}`,
      );
    }
    assert.equal(warnings.length, 6);
  });

  it('is rejected without a telephone number or list', () => {
    assert.match(reason(['phone'], [null]), /^phone_number is empty$/);
    assert.match(
      reason(['phone', 'list'], ['5512345678', null], { listId: undefined }),
      /list_id is empty.*--list/,
    );
    assert.equal(taken(['phone', 'list'], ['5512345678', null]).listId, 101);
  });

  it('is rejected when a spreadsheet has changed the number', () => {
    for (const number of ['5.58765E+11', '5,58765E+11', '3.31555003E+09']) {
      assert.match(
        reason(['phone'], [number]),
        /was changed by a spreadsheet; format the column as text/,
        number,
      );
    }
  });

  it('may have more cells than the header only if they are empty, and not fewer', () => {
    assert.match(reason(['phone', 'nombre'], ['5512345678']), /^has 1 of the header's 2 cells$/);
    assert.match(reason(['phone'], ['5512345678', null, 'x']), /more cells than the header: 'x' in column 3/);
    taken(['phone'], ['5512345678', null, '']);
    taken(['phone', 'nombre', '', ''], ['5512345678', 'Ana']);
  });

  it('has dates in the order of --dates', () => {
    assert.deepEqual(taken(['phone', 'dob'], ['5512345678', '31/12/1990'], { dates: 'dmy' }).texts, [
      '5512345678',
      '1990-12-31',
    ]);
    assert.deepEqual(taken(['phone', 'dob'], ['5512345678', '2/3/1990'], { dates: 'mdy' }).texts, [
      '5512345678',
      '1990-02-03',
    ]);
    assert.deepEqual(taken(['phone', 'dob'], ['5512345678', '']).texts, ['5512345678', null]);
  });

  it('has custom values of their type', () => {
    const header = ['phone', 'n', 'd', 't'];
    const custom = ['n:NUMBER', 'd:DATE', 't'];
    assert.deepEqual(
      [...taken(header, ['5512345678', ' 12 ', '2024-02-29', ' x '], {}, custom).custom],
      [
        ['n', 12],
        ['d', '2024-02-29'],
        ['t', ' x '],
      ],
    );
    assert.deepEqual(
      [...taken(header, ['5512345678', '', null, ''], {}, custom).custom],
      [
        ['n', null],
        ['d', null],
        ['t', ''],
      ],
    );
    const found = reason(header, ['5512345678', '1.5', '2024-02-30', null], {}, custom);
    assert.match(found, /n '1.5' is no NUMBER; d '2024-02-30' is no DATE/);
  });

  it('has values only in the custom columns of its list', () => {
    const header = ['phone', 'list', 'custom:x:TEXT@101', 'custom:y:TEXT@102'];
    assert.deepEqual([...taken(header, ['5512345678', '101', 'a', null]).custom], [['x', 'a']]);
    assert.match(
      reason(header, ['5512345678', '101', null, 'b']),
      /'custom:y:TEXT@102' is not for list 101, but has 'b'/,
    );
  });

  it('does not carry a fault into the next row', () => {
    const planned = planColumns(['phone'], { map: [], custom: [], ignore: [] }, true);
    assert.ok('plan' in planned);
    const reader = new RowReader(planned.plan, OPTIONS);
    assert.equal(typeof reader.read(['abc']), 'string');
    assert.equal(typeof reader.read(['5512345678']), 'object');
  });

  it('keeps 50 further numbers and 50 addresses of e-mail, and names what it leaves out', () => {
    const numbers = Array.from({ length: 70 }, (_, at) => String(3_312_340_000 + at));
    const emails = Array.from({ length: 60 }, (_, at) => `a${at}@example.com`);
    const header = ['Phone 1 - Value', 'Phone 2 - Value', 'Phone 3 - Value', 'E-mail 1 - Value'];
    const cells = [
      numbers[0] ?? '',
      numbers.slice(1, 60).join(' ; '),
      numbers.slice(60).join(', '),
      emails.join(', '),
    ];
    const { row, warnings } = readWith(header, cells);
    if (typeof row === 'string') assert.fail(row);
    for (const text of [numbers[0], numbers[1], emails[0]]) assert.ok(row.texts.includes(text ?? ''), text);
    assert.deepEqual(
      row.numbers.map(({ number }) => number),
      numbers.slice(2, 52),
    );
    assert.deepEqual([...row.custom.values()], [emails.slice(1, 50).join(', ')]);
    const named = numbers
      .slice(52, 62)
      .map((number) => `phone_number '${number}' is beyond the 52 that are kept; it was left out`);
    assert.deepEqual(warnings, [
      ...named,
      'phone_number has 8 more such numbers; they were left out',
      "email 'a50@example.com' is beyond the 50 addresses that are kept, with 9 more; it was left out",
    ]);
  });

  it('keeps 50 numbers of an export of ours', () => {
    const numbers = Array.from({ length: 51 }, (_, at) => [null, String(3_312_340_000 + at)]);
    const header = ['lead_id', 'list_id', 'phone_number', 'further_numbers'];
    const { row, warnings } = readWith(header, ['1', '2', '3312345678', JSON.stringify(numbers)]);
    if (typeof row === 'string') assert.fail(row);
    assert.equal(row.numbers.length, 50);
    assert.deepEqual(warnings, [
      "further_numbers '3312340050' is beyond the 50 that are kept; it was left out",
    ]);
  });

  it('is rejected with a value that is too long, but for a column that is left out', () => {
    const long = 'x'.repeat(LONGEST_VALUE + 1);
    const why = `has 65537 characters in column 2 ('${'x'.repeat(40)}…'); at most 65536 are taken`;
    assert.equal(reason(['phone', 'comments'], ['5512345678', long]), why);
    assert.equal(taken(['phone', 'comments'], ['5512345678', long.slice(1)]).texts[1], long.slice(1));
    const ignored = planColumns(['phone', 'x'], { map: [], custom: [], ignore: ['x'] }, true);
    assert.ok('plan' in ignored);
    assert.equal(typeof new RowReader(ignored.plan, OPTIONS).read(['5512345678', long]), 'object');
  });

  it('has blocks of numbers where the setting is on, and else none', () => {
    const header = ['Phone 1 - Value', 'Phone 2 - Value', 'Phone 3 - Value'];
    const rows: readonly (readonly [cells: Cells, numbers: readonly string[]])[] = [
      [['33123456xx', null, null], ['33123456xx']],
      [
        ['+52 33 1234 56*', '3312345678', '33123456'],
        ['+52 33 1234 56*', '3312345678', '33123456'],
      ],
      [
        ['33123456xx / 5512345678', null, null],
        ['33123456xx', '5512345678'],
      ],
      [
        ['3312345678', '331234*', '331234*'],
        ['3312345678', '331234*'],
      ],
    ];
    for (const [cells, expected] of rows) {
      const { texts, numbers } = taken(header, cells, { numberBlocks: true });
      const found = [...texts, ...numbers.map(({ number }) => number)].filter((number) => number !== null);
      assert.deepEqual(found, expected);
    }
    assert.match(reason(header, ['33123456xx', null, null]), /has x or \* in the place of digits/);
    for (const cell of ['33xx', 'xx', '33 12x4 5678', '*33123456']) {
      assert.equal(typeof read(header, [cell, null, null], { numberBlocks: true }), 'string', cell);
    }
  });
});
