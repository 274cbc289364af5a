import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';

import type { LeadTextField } from '../../src/core/lead.ts';
import type {
  ImportColumns,
  ImportResult,
  ImportRow,
  ImportRun,
  OnDuplicate,
} from '../../src/core/lead-archive.ts';
import { createImportFixture, type ImportFixture } from '../cli/import-fixture.ts';

const TEXTS: readonly LeadTextField[] = ['phone_number', 'first_name'];
const COLUMNS: ImportColumns = { texts: TEXTS, isCustomer: false, lastLocalCallTime: false, numbers: false };

function row(phone: string, name: string | null, more: Partial<ImportRow> = {}): ImportRow {
  return {
    leadId: undefined,
    listId: 101,
    texts: [phone, name],
    isCustomer: false,
    lastLocalCallTime: null,
    modifyDate: undefined,
    custom: new Map(),
    numbers: [],
    ...more,
  };
}

/** Writes rows in one run, row n as line n from 1. */
function write(
  fixture: ImportFixture,
  rows: readonly ImportRow[],
  onDuplicate: OnDuplicate = 'update',
  columns = COLUMNS,
): readonly ImportResult[] {
  const run = fixture.archive.startImport(columns, onDuplicate);
  try {
    const results = rows.map((each, index) => run.write(each, index + 1));
    run.commitBatch();
    return results;
  } finally {
    run.close();
  }
}

function rejection(result: ImportResult | undefined): string {
  return typeof result === 'object' ? result.rejected : '';
}

function summary(fixture: ImportFixture): readonly (readonly (string | number | null)[])[] {
  return fixture.leads().map(({ lead }) => [lead.lead_id, lead.list_id, lead.phone_number, lead.first_name]);
}

describe('a row whose lead is there already', () => {
  it('is met by its number in every spelling, in the same list only', (t) => {
    const fixture = createImportFixture(t);
    write(fixture, [row('5512345678', 'Ana')]);
    assert.deepEqual(
      write(fixture, [row('+52 1 55 1234 5678', 'Eva'), row('5512345678', 'Luis', { listId: 102 })]),
      ['updated', 'added'],
    );
    assert.deepEqual(summary(fixture), [
      [1, 101, '+52 1 55 1234 5678', 'Eva'],
      [2, 102, '5512345678', 'Luis'],
    ]);
  });

  it('is met by its lead id alone, whatever its number and list', (t) => {
    const fixture = createImportFixture(t);
    write(fixture, [row('5512345678', 'Ana', { leadId: 7 }), row('5512345679', 'Luis', { leadId: 9 })]);
    assert.deepEqual(write(fixture, [row('5512345679', 'Ana', { leadId: 7, listId: 102 })]), ['updated']);
    assert.deepEqual(summary(fixture), [
      [7, 102, '5512345679', 'Ana'],
      [9, 101, '5512345679', 'Luis'],
    ]);
    assert.deepEqual(
      fixture.connection.database.prepare('SELECT key FROM lead_numbers WHERE lead_id = 7').get()?.key,
      '525512345679',
    );
  });

  it('changes only the columns that the file has; nothing in a cell empties its field', (t) => {
    const fixture = createImportFixture(t);
    const whole: ImportColumns = {
      texts: ['phone_number', 'city', 'alt_phone'],
      isCustomer: true,
      lastLocalCallTime: true,
      numbers: false,
    };
    write(
      fixture,
      [
        {
          ...row('5512345678', 'CDMX'),
          texts: ['5512345678', 'CDMX', '8112345678'],
          isCustomer: true,
          lastLocalCallTime: '2024-01-01 00:00:00',
        },
      ],
      'update',
      whole,
    );
    assert.deepEqual(write(fixture, [row('5512345678', 'Ana')]), ['updated']);
    assert.deepEqual(write(fixture, [row('5512345678', null)]), ['updated']);
    const [record] = fixture.leads();
    assert.deepEqual(
      [record?.lead.city, record?.lead.alt_phone, record?.lead.first_name],
      ['CDMX', '8112345678', null],
    );
    assert.deepEqual([record?.isCustomer, record?.lastLocalCallTime], [true, '2024-01-01 00:00:00']);
  });

  it('is unchanged when it says the same, and its time of change stays', (t) => {
    const fixture = createImportFixture(t);
    write(fixture, [row('5512345678', 'Ana', { modifyDate: '2020-01-01 00:00:00' })]);
    assert.deepEqual(write(fixture, [row('5512345678', 'Ana')]), ['unchanged']);
    assert.equal(fixture.leads()[0]?.modifyDate, '2020-01-01 00:00:00');
    assert.deepEqual(write(fixture, [row('5512345678', 'Eva')]), ['updated']);
    assert.match(fixture.leads()[0]?.modifyDate ?? '', /^20(?!20)\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
    assert.deepEqual(write(fixture, [row('5512345678', 'Eva', { modifyDate: '2020-01-01 00:00:00' })]), [
      'updated',
    ]);
  });

  it('is left alone under skip', (t) => {
    const fixture = createImportFixture(t);
    write(fixture, [row('5512345678', 'Ana', { leadId: 7 })]);
    const rows = [
      row('5512345678', 'Eva'),
      row('5512345678', 'Eva', { leadId: 7 }),
      row('5512345679', 'Luis'),
      row('5512345679', 'Sol'),
    ];
    assert.deepEqual(write(fixture, rows, 'skip'), ['unchanged', 'unchanged', 'added', 'unchanged']);
    assert.deepEqual(
      summary(fixture).map(([, , , name]) => name),
      ['Ana', 'Luis'],
    );
  });

  it('is added beside it under add, unless its lead id is taken', (t) => {
    const fixture = createImportFixture(t);
    write(fixture, [row('5512345678', 'Ana', { leadId: 7 })]);
    const results = write(
      fixture,
      [row('5512345678', 'Eva'), row('5512345678', 'Sol', { leadId: 7 })],
      'add',
    );
    assert.equal(results[0], 'added');
    assert.equal(rejection(results[1]), 'lead_id 7 is taken');
    assert.deepEqual(
      summary(fixture).map(([, , , name]) => name),
      ['Ana', 'Eva'],
    );
  });

  it('is rejected when an earlier line of the same file says something else', (t) => {
    const fixture = createImportFixture(t);
    const rows = [
      row('5512345678', 'Ana'),
      row('5512345678', 'Ana'),
      row('5512345678', 'Eva'),
      row('5512345679', 'Luis', { leadId: 7 }),
      row('5512345670', 'Sol', { leadId: 7 }),
    ];
    for (const first of ['added', 'unchanged'] as const) {
      const results = write(fixture, rows);
      assert.deepEqual([results[0], results[1], results[3]], [first, 'unchanged', first]);
      assert.equal(
        rejection(results[2]),
        'line 1 has the same list and number with other values; --on-duplicate add keeps both',
      );
      assert.equal(rejection(results[4]), 'line 4 has the same lead_id 7 with other values');
    }
  });

  it('names the right line after thousands of others, in any order', (t) => {
    const fixture = createImportFixture(t);
    const ids = Array.from({ length: 2_000 }, (_, index) => ((index * 7) % 2_000) + 1);
    const rows = ids.map((leadId) => row(String(5_500_000_000 + leadId), 'Ana', { leadId }));
    const again = ids.map((leadId) => row(String(5_500_000_000 + leadId), 'Eva', { leadId }));
    for (let run = 0; run < 2; run++) {
      const results = write(fixture, [...rows, ...again]);
      for (const [index, leadId] of ids.entries()) {
        assert.equal(
          rejection(results[2_000 + index]),
          `line ${index + 1} has the same lead_id ${leadId} with other values`,
        );
      }
    }
  });
});

describe('a lead id', () => {
  it('is given after the highest one, and never beyond ten digits', (t) => {
    const fixture = createImportFixture(t);
    const rows = [
      row('5512345678', 'Ana', { leadId: 9_999_999_998 }),
      row('5512345679', 'Eva'),
      row('5512345670', 'Sol'),
    ];
    const results = write(fixture, rows);
    assert.deepEqual(results.slice(0, 2), ['added', 'added']);
    assert.match(rejection(results[2]), /no lead_id up to 9999999999 is left/);
    assert.equal(fixture.archive.countLeads(), 2);
  });
});

describe('custom fields', () => {
  const FIELDS = [
    { label: 'b', type: 'TEXT' },
    { label: '2024', type: 'NUMBER' },
  ] as const;

  it('are appended to those a list has, once', (t) => {
    const fixture = createImportFixture(t);
    const run = fixture.archive.startImport(COLUMNS, 'update');
    assert.equal(run.prepareList(101, 'Norte', FIELDS), undefined);
    assert.equal(run.prepareList(101, undefined, [{ label: 'a', type: 'DATE' }, ...FIELDS]), undefined);
    assert.match(
      run.prepareList(101, 'Sur', [
        { label: 'new', type: 'TEXT' },
        { label: 'b', type: 'AREA' },
      ]) ?? '',
      /b as TEXT, not AREA/,
    );
    run.commitBatch();
    run.close();
    assert.deepEqual(fixture.archive.lists(), [
      { listId: 101, name: 'Norte', customFields: [...FIELDS, { label: 'a', type: 'DATE' }] },
    ]);
  });

  it('keep the values that the file does not have, in the list’s order', (t) => {
    const fixture = createImportFixture(t);
    const one = (custom: Record<string, string | number | null>): ImportResult | undefined => {
      const run = fixture.archive.startImport(COLUMNS, 'update');
      run.prepareList(101, undefined, FIELDS);
      const result = run.write(row('5512345678', 'Ana', { custom: new Map(Object.entries(custom)) }), 1);
      run.commitBatch();
      run.close();
      return result;
    };
    const custom = () => fixture.leads()[0]?.custom;
    assert.equal(one({ '2024': 5 }), 'added');
    assert.equal(one({ b: 'x' }), 'updated');
    assert.deepEqual(custom(), [
      ['b', 'x'],
      ['2024', 5],
    ]);
    assert.equal(one({ b: 'x', '2024': 5 }), 'unchanged');
    assert.equal(one({}), 'unchanged');
    assert.equal(one({ '2024': null }), 'updated');
    assert.deepEqual(custom(), [
      ['b', 'x'],
      ['2024', null],
    ]);
    assert.equal(one({ b: null }), 'updated');
    assert.equal(custom(), null);
  });
});

describe('an import', () => {
  function start(t: TestContext): { fixture: ImportFixture; run: ImportRun } {
    const fixture = createImportFixture(t);
    return { fixture, run: fixture.archive.startImport(COLUMNS, 'update') };
  }

  it('forgets what was not committed', (t) => {
    const { fixture, run } = start(t);
    run.write(row('5512345678', 'Ana'), 1);
    run.commitBatch();
    run.write(row('5512345679', 'Eva'), 2);
    run.close();
    assert.deepEqual(summary(fixture), [[1, 101, '5512345678', 'Ana']]);
  });

  it('leaves the connection as it was', (t) => {
    const fixture = createImportFixture(t);
    const { database } = fixture.connection;
    const read = () =>
      ['cache_size', 'wal_autocheckpoint'].map((name) => database.prepare(`PRAGMA ${name}`).get());
    const before = read();
    write(fixture, [row('5512345678', 'Ana')]);
    assert.deepEqual(read(), before);
    assert.equal(database.prepare('SELECT count(*) AS n FROM temp.sqlite_schema').get()?.n, 0);
    write(fixture, [row('5512345679', 'Eva')]);
  });

  it('meets the same leads the second time, also where rows with and without lead ids share a number', (t) => {
    const fixture = createImportFixture(t);
    const files = [
      [row('5512345678', 'Ana'), row('5512345678', 'Eva'), row('5512345678', 'Sol', { leadId: 5 })],
      [
        row('8112345678', null),
        row('8112345678', null, { leadId: 12 }),
        row('8112345678', 'Sol', { leadId: 6 }),
      ],
    ];
    for (const rows of files) {
      write(fixture, rows);
      const content = fixture.leads();
      write(fixture, rows);
      assert.deepEqual(fixture.leads(), content);
    }
  });

  it('changes nothing the second time, whatever the file says', (t) => {
    const fixture = createImportFixture(t);
    const anyRow = fc.record({
      leadId: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 2 }),
      listId: fc.constantFrom(101, 102),
      phone: fc.constantFrom('5512345678', '+52 55 1234 5678', '8112345678'),
      name: fc.constantFrom('Ana', 'Eva', '', null),
    });
    const rows = fc.array(anyRow, { maxLength: 12 });
    fc.assert(
      fc.property(
        rows,
        rows,
        fc.constantFrom('update' as const, 'skip' as const),
        (before, file, onDuplicate) => {
          fixture.connection.database.exec('DELETE FROM leads');
          const rowsOf = (list: typeof file) => list.map(({ phone, name, ...ids }) => row(phone, name, ids));
          write(fixture, rowsOf(before), 'add');
          write(fixture, rowsOf(file), onDuplicate);
          const content = fixture.leads();
          const results = write(fixture, rowsOf(file), onDuplicate);
          assert.ok(!results.includes('added') && !results.includes('updated'), JSON.stringify(results));
          assert.deepEqual(fixture.leads(), content);
        },
      ),
      { numRuns: 400 },
    );
  });
});
