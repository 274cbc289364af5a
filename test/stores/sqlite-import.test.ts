import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';

import { createLeadStore } from '../../src/stores/sqlite/leads.ts';
import { createRecordStore } from '../../src/stores/sqlite/records.ts';
import { createImportFixture } from '../cli/import-fixture.ts';
import { importHistoryContract } from './import-history.contract.ts';
import { type ImportedStore, importsContract, row, write } from './imports.contract.ts';

function open(t: TestContext): Promise<ImportedStore> {
  const { archive, connection } = createImportFixture(t);
  const leads = createLeadStore(connection, { address3IsPhone: false });
  return Promise.resolve({ archive, leads, records: createRecordStore(connection, leads) });
}

importsContract('imports into the embedded store', open);
importHistoryContract('the history of imports into the embedded store', open);

describe('an import into the embedded store', () => {
  it('leaves the connection as it was', async (t) => {
    const fixture = createImportFixture(t);
    const { database } = fixture.connection;
    const read = () =>
      ['cache_size', 'wal_autocheckpoint'].map((name) => database.prepare(`PRAGMA ${name}`).get());
    const before = read();
    await write(fixture, [row('5512345678', 'Ana')]);
    assert.deepEqual(read(), before);
    assert.equal(database.prepare('SELECT count(*) AS n FROM temp.sqlite_schema').get()?.n, 0);
    await write(fixture, [row('5512345679', 'Eva')]);
  });

  it('changes nothing the second time, whatever the file says', async (t) => {
    const fixture = createImportFixture(t);
    const anyRow = fc.record({
      leadId: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 2 }),
      listId: fc.constantFrom(101, 102),
      phone: fc.constantFrom('5512345678', '+52 55 1234 5678', '8112345678'),
      name: fc.constantFrom('Ana', 'Eva', '', null),
    });
    const rows = fc.array(anyRow, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        rows,
        fc.constantFrom('update' as const, 'skip' as const),
        async (before, file, onDuplicate) => {
          fixture.connection.database.exec('DELETE FROM leads');
          const rowsOf = (list: typeof file) => list.map(({ phone, name, ...ids }) => row(phone, name, ids));
          await write(fixture, rowsOf(before), 'add');
          await write(fixture, rowsOf(file), onDuplicate);
          const content = fixture.leads();
          const results = await write(fixture, rowsOf(file), onDuplicate);
          assert.ok(!results.includes('added') && !results.includes('updated'), JSON.stringify(results));
          assert.deepEqual(fixture.leads(), content);
        },
      ),
      { numRuns: 400 },
    );
  });
});
