import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';

import type { ImportColumns, ImportRow, OnDuplicate } from '../../src/core/lead-archive.ts';
import { startBulkLoad } from '../../src/stores/sqlite/bulk-load.ts';
import { createImportFixture, type ImportFixture } from '../cli/import-fixture.ts';

const COLUMNS: ImportColumns = {
  texts: ['phone_number', 'alt_phone', 'address3'],
  isCustomer: false,
  lastLocalCallTime: false,
  numbers: false,
};

function row(phone: string, more: Partial<ImportRow> = {}): ImportRow {
  return {
    leadId: undefined,
    listId: 101,
    texts: [phone, `81${phone.slice(2)}`, null],
    isCustomer: false,
    lastLocalCallTime: null,
    modifyDate: undefined,
    custom: new Map(),
    numbers: [],
    ...more,
  };
}

function phone(index: number): string {
  return `55${10_000_000 + index}`;
}

function start(fixture: ImportFixture, onDuplicate: OnDuplicate = 'update') {
  const run = fixture.archive.startImport(COLUMNS, onDuplicate);
  let line = 0;
  return { run, add: (one: ImportRow) => run.write(one, ++line) };
}

/** Another process's view of the store. */
function openBeside(t: TestContext, fixture: ImportFixture): DatabaseSync {
  const database = new DatabaseSync(fixture.connection.path);
  t.after(() => database.close());
  return database;
}

function indexesOf(database: DatabaseSync): readonly string[] {
  return database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'lead_numbers' AND sql IS NOT NULL ORDER BY name",
    )
    .all()
    .map(({ name }) => String(name));
}

const INDEXES = ['lead_numbers_by_key'];

function assertSound(fixture: ImportFixture, leads: number): void {
  const { database } = fixture.connection;
  assert.deepEqual(indexesOf(database), INDEXES);
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
  assert.equal(fixture.archive.countLeads(), leads);
}

describe('an import that fills an empty store', () => {
  it('shows nobody a store without indexes, in the middle of a batch or after it', (t) => {
    const fixture = createImportFixture(t);
    const beside = openBeside(t, fixture);
    const schema = fixture.connection.database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all();
    const { run, add } = start(fixture);
    for (let batch = 0; batch < 3; batch++) {
      for (let at = 0; at < 500; at++) add(row(phone(batch * 500 + at)));
      assert.deepEqual(indexesOf(fixture.connection.database), [], 'left out within the batch');
      assert.deepEqual(indexesOf(beside), INDEXES);
      run.commitBatch();
      assert.deepEqual(indexesOf(beside), INDEXES);
      const plan = beside
        .prepare("EXPLAIN QUERY PLAN SELECT 1 FROM lead_numbers WHERE key = '525510000001'")
        .get();
      assert.match(String(plan?.detail), /USING (?:COVERING )?INDEX lead_numbers_by_key/);
    }
    run.close();
    assertSound(fixture, 1_500);
    assert.deepEqual(
      fixture.connection.database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all(),
      schema,
    );
  });

  it('leaves the indexes when it is closed in the middle of a batch', (t) => {
    const fixture = createImportFixture(t);
    const { run, add } = start(fixture);
    for (let at = 0; at < 100; at++) add(row(phone(at)));
    run.commitBatch();
    for (let at = 100; at < 200; at++) add(row(phone(at)));
    run.close();
    assertSound(fixture, 100);
  });

  it('meets the rows of the file itself, of this batch and of earlier ones', (t) => {
    const fixture = createImportFixture(t);
    const { run, add } = start(fixture);
    assert.equal(add(row(phone(1))), 'added');
    assert.equal(add(row(phone(2))), 'added');
    assert.equal(add(row(phone(1))), 'unchanged');
    run.commitBatch();
    assert.equal(
      add(row(`+52 1 ${phone(2)}`, { texts: [`+52 1 ${phone(2)}`, null, null] })) instanceof Object,
      true,
    );
    assert.equal(add(row(phone(2))), 'unchanged');
    assert.equal(add(row(phone(2), { listId: 102 })), 'added');
    assert.equal(add(row(phone(1), { leadId: 2 })) instanceof Object, true);
    run.commitBatch();
    run.close();
    assertSound(fixture, 3);
  });

  it('keeps every row of one number under add, and those with lead ids of their own', (t) => {
    const fixture = createImportFixture(t);
    const { run, add } = start(fixture, 'add');
    for (let at = 0; at < 300; at++) assert.equal(add(row(phone(1))), 'added');
    assert.equal(add(row(phone(1), { leadId: 9_999_999_998 })), 'added');
    run.commitBatch();
    run.close();
    assertSound(fixture, 301);
  });

  it('reads the indexes where many leads share a number, and where ids are too high to be kept in memory', (t) => {
    for (const firstId of [1, 5_000_000_000]) {
      const fixture = createImportFixture(t);
      const { run, add } = start(fixture);
      for (let at = 0; at < 150; at++) assert.equal(add(row(phone(1), { leadId: firstId + at })), 'added');
      assert.equal(add(row(phone(1))), 'unchanged');
      assert.equal(add(row(phone(2))), 'added');
      assert.equal(add(row(phone(2))), 'unchanged');
      assert.deepEqual(indexesOf(fixture.connection.database), INDEXES);
      run.commitBatch();
      run.close();
      assertSound(fixture, 151);
    }
  });

  it('sees what others wrote between two batches', (t) => {
    const fixture = createImportFixture(t);
    const beside = openBeside(t, fixture);
    const { run, add } = start(fixture);
    for (let at = 0; at < 100; at++) add(row(phone(at)));
    run.commitBatch();
    beside.exec(
      `INSERT INTO leads (lead_id, list_id, phone_number, modify_date)
       VALUES (1000, 101, '${phone(200)}', '2026-01-01 00:00:00');
       INSERT INTO lead_numbers
       VALUES (1000, '52${phone(200)}', 0, 0, '${phone(200)}', 101, NULL, '2026-01-01 00:00:00')`,
    );
    assert.equal(add(row(phone(200))), 'updated');
    assert.equal(add(row(phone(5))), 'unchanged');
    assert.deepEqual(indexesOf(fixture.connection.database), INDEXES);
    run.commitBatch();
    run.close();
    assertSound(fixture, 101);
  });

  it('makes its batches larger as it goes, up to the time for which others wait', (t) => {
    const { database } = createImportFixture(t).connection;
    let buildMs = 100;
    let clock = 0;
    database.exec('BEGIN IMMEDIATE');
    const bulk = startBulkLoad(database, () => (clock += buildMs));
    assert.ok(bulk !== undefined);
    /** How many rows go into a batch that began so long ago. */
    const fill = (heldMs = 0) => {
      let rows = 0;
      for (; !bulk.isFull(heldMs); rows++) bulk.countRow();
      return rows;
    };
    /** Whether there is a further batch. */
    const goOn = () => {
      bulk.bringBack();
      database.exec('COMMIT; BEGIN IMMEDIATE');
      return bulk.resume();
    };
    const sizes = [fill()];
    for (; sizes.length < 3; sizes.push(fill())) assert.equal(goOn(), true);
    assert.deepEqual(sizes, [20_000, 40_000, 120_000]);
    assert.equal(goOn(), true);
    // The indexes of 180,000 rows took 100 ms: at 270,000 the two times together are what others wait for.
    const late = fill(3_350);
    assert.ok(Math.abs(late - 90_000) <= 1, String(late));
    assert.equal(fill(3_500), 0);
    buildMs = 2_600;
    assert.equal(goOn(), false, 'indexes that take so long are kept up row by row');
  });

  it('counts the rows that it writes, and ends a batch in between two', (t) => {
    const { run, add } = start(createImportFixture(t), 'add');
    let size = 0;
    for (; !run.isBatchFull(); size++) add(row(phone(size)));
    run.commitBatch();
    run.close();
    assert.ok(size > 0 && size <= 20_000, String(size));
    assert.equal(run.isBatchFull(), false);
  });

  it('does not begin where leads are already', (t) => {
    const fixture = createImportFixture(t);
    for (const name of [phone(1), phone(2)]) {
      const { run, add } = start(fixture);
      add(row(name));
      assert.deepEqual(indexesOf(fixture.connection.database), name === phone(1) ? [] : INDEXES);
      run.commitBatch();
      run.close();
    }
    assertSound(fixture, 2);
  });
});
