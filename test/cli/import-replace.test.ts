import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import type { ImportOptions } from '../../src/cli/import-options.ts';
import type { LeadState } from '../../src/core/lead-state.ts';
import type { RecordStore } from '../../src/core/record-store.ts';
import { EXIT } from '../../src/process/exit-code.ts';
import type { SqliteArchive } from '../../src/stores/sqlite/lead-archive.ts';
import { createLeadStore } from '../../src/stores/sqlite/leads.ts';
import { createRecordStore } from '../../src/stores/sqlite/records.ts';
import { createImportFixture, type Imported } from './import-fixture.ts';

interface Imports {
  readonly archive: SqliteArchive;
  readonly records: RecordStore;
  /** How many leads each list has. */
  readonly lists: () => Readonly<Record<string, number>>;
  readonly several: (contents: readonly string[], options?: Partial<ImportOptions>) => Promise<Imported>;
  readonly import: (name: string, content: string, options?: Partial<ImportOptions>) => Promise<Imported>;
}

function createImports(t: TestContext): Imports {
  const fixture = createImportFixture(t);
  return {
    archive: fixture.archive,
    records: createRecordStore(
      fixture.connection,
      createLeadStore(fixture.connection, { address3IsPhone: false }),
    ),
    lists: () => {
      const counts: Record<string, number> = {};
      for (const { lead } of fixture.leads()) counts[lead.list_id] = (counts[lead.list_id] ?? 0) + 1;
      return counts;
    },
    several: (contents, options = {}) =>
      fixture.import(
        contents.map((content, at) => fixture.file(`${at}.csv`, content)),
        { onDuplicate: 'match', ...options },
      ),
    import: (name, content, options = {}) =>
      fixture.import(fixture.file(name, content), { onDuplicate: 'match', ...options }),
  };
}

/** Rows of people, each with a list. */
function csv(count: number, list: number | ((at: number) => number), from = 0): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const listId = typeof list === 'number' ? list : list(at);
    return `P${from + at},${3_312_340_000 + from + at},${listId}`;
  });
  return ['name,phone,list_id', ...rows, ''].join('\n');
}

const NOTHING_ELSE = {
  isCustomer: false,
  lastLocalCallTime: null,
  modifyDate: undefined,
  custom: new Map(),
  numbers: [],
} as const;

const REPLACE = { replace: true } as const;

describe('--replace', () => {
  it('removes nobody by a file that was cut off or goes on behind its end', async (t) => {
    const people = Array.from({ length: 9 }, (_, at) => ({ name: `P${at}`, phone: `331234000${at}` }));
    const whole = JSON.stringify(people, null, 1);
    const card = ({ name, phone }: { name: string; phone: string }) =>
      `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL:${phone}\nEND:VCARD\n`;
    const cards = people.map(card).join('');
    const { lists, ...imports } = createImports(t);
    await imports.import('full.json', whole, { list: 5 });
    for (const [name, content, why] of [
      ['between.json', `${whole.slice(0, whole.indexOf('}', whole.indexOf('P6')) + 1)},`, /cut off/],
      ['within.json', whole.slice(0, whole.indexOf('P7')), /cut off/],
      ['wrapper.json', `{"data":${JSON.stringify(people.slice(0, 6))}`, /cut off/],
      ['two.json', `${JSON.stringify(people.slice(0, 6))}\n${JSON.stringify(people.slice(6))}\n`, /goes on/],
      ['cut.vcf', cards.slice(0, -5), /cut off/],
    ] as const) {
      const options = { list: 5, ...REPLACE, acceptRejects: true };
      await assert.rejects(imports.import(name, content, options), why, name);
      assert.deepEqual(lists(), { 5: 9 }, name);
    }
    assert.match((await imports.import('full.json', whole, { list: 5, ...REPLACE })).err, /removed 0,/);
  });

  it('removes more than half of a list only where that is said', async (t) => {
    const { lists, ...imports } = createImports(t);
    await imports.import(
      'all.csv',
      csv(40, (at) => (at < 30 ? 1 : 2)),
    );
    // Of list 1 16 of 30 would go; new people do not change the share.
    const file = csv(14, 1) + csv(100, 1, 200).replace(/^.*\n/, '') + csv(10, 2, 30).replace(/^.*\n/, '');
    await assert.rejects(
      imports.import('half.csv', file, REPLACE),
      /nothing was changed: --replace would remove 16 of the 30 leads of list 1, more than half; .*--replace-most/,
    );
    assert.deepEqual(lists(), { 1: 30, 2: 10 });
    const { err, out } = await imports.import('half.csv', file, {
      ...REPLACE,
      replaceMost: true,
      json: true,
    });
    assert.match(err, /^added 100, updated 0, unchanged 24, rejected 0, removed 16 \(list 1: 16\), /m);
    assert.deepEqual((JSON.parse(out) as { removedByList: unknown }).removedByList, { 1: 16 });
    assert.deepEqual(lists(), { 1: 114, 2: 10 });
  });

  it('counts what several files have together', async (t) => {
    const { lists, several, ...imports } = createImports(t);
    await imports.import('all.csv', csv(30, 1));
    await assert.rejects(
      several([csv(100, 1, 200), csv(14, 1)], REPLACE),
      /remove 16 of the 30 leads of list 1/,
    );
    assert.deepEqual(lists(), { 1: 30 });
    const { err } = await several([csv(10, 1), csv(10, 1, 10)], REPLACE);
    assert.match(err, /removed 10 \(list 1: 10\), /);
    assert.deepEqual(lists(), { 1: 20 });
  });

  it('removes half of a list, or all of a short one, without more words', async (t) => {
    const { lists, ...imports } = createImports(t);
    await imports.import(
      'all.csv',
      csv(40, (at) => (at < 30 ? 1 : 2)),
    );
    const { err } = await imports.import('some.csv', csv(15, 1) + 'New,3399990000,2\n', REPLACE);
    assert.match(err, /removed 25 \(list 1: 15, list 2: 10\), /);
    assert.deepEqual(lists(), { 1: 15, 2: 1 });
  });

  it('counts leads that a file takes to another list neither as there nor as gone', async (t) => {
    const { lists, archive, ...imports } = createImports(t);
    await imports.import('all.csv', csv(40, 1));
    const columns = {
      texts: ['phone_number'],
      isCustomer: false,
      lastLocalCallTime: false,
      numbers: false,
    } as const;
    const run = archive.startImport(columns, 'update', { fileName: 'moved.csv', isWhole: true });
    for (let id = 1; id <= 29; id++) {
      const row = { leadId: id, listId: id <= 20 ? 2 : 1, texts: [String(3_312_340_000 + id - 1)] };
      run.prepareList(row.listId, undefined, []);
      run.write({ ...row, ...NOTHING_ELSE }, id);
    }
    run.commitBatch();
    const both = new Set([1, 2]);
    assert.deepEqual(Object.fromEntries(run.countOthers(both)), {
      1: { before: 40, others: 11 },
      2: { before: 0, others: 0 },
    });
    assert.equal([...run.removeOthers(both)].at(-1), 11);
    run.close();
    assert.deepEqual(lists(), { 1: 9, 2: 20 });
  });

  it('removes nobody whom people have made, changed or moved while it runs', async (t) => {
    const { lists, archive, records, ...imports } = createImports(t);
    await imports.import('all.csv', csv(6, 1) + csv(1, 2, 50).replace(/^.*\n/, ''));
    const columns = {
      texts: ['phone_number'],
      isCustomer: false,
      lastLocalCallTime: false,
      numbers: false,
    } as const;
    const run = archive.startImport(columns, 'update', { fileName: 'sheet.csv', isWhole: true });
    run.prepareList(1, undefined, []);
    run.write({ leadId: 1, listId: 1, texts: ['3312340000'], ...NOTHING_ELSE }, 1);
    run.commitBatch();
    const by = { user: 'ana', endpoint: 'card', requestId: 'r' } as const;
    const change = async (leadId: number, values: LeadState) => {
      const stored = await records.read(leadId, 'every list');
      assert.ok(stored);
      const options = { allowShared: true };
      const written = await records.change(leadId, stored.state, { ...stored.state, ...values }, by, options);
      assert.ok('id' in written);
    };
    await change(2, { city: 'León' });
    await change(3, { list_id: 2 });
    const added = await records.add({ list_id: 1, is_customer: false, first_name: 'New' }, by, {});
    assert.ok('id' in added);
    assert.equal([...run.removeOthers(new Set([1]))].at(-1), 3);
    run.close();
    assert.deepEqual(lists(), { 1: 3, 2: 2 });
    for (const leadId of [1, 2, 3, added.id])
      assert.ok(await records.read(leadId, 'every list'), `${leadId}`);
  });

  it('with --list removes from that list alone, whatever list a row names by mistake', async (t) => {
    const { lists, ...imports } = createImports(t);
    await imports.import('1.csv', csv(20, 1001));
    await imports.import('2.csv', csv(8, 1002, 100));
    const typo = csv(20, (at) => (at === 7 ? 1002 : 1001));
    const { err, exitCode } = await imports.import('typo.csv', typo, { list: 1001, ...REPLACE });
    assert.equal(exitCode, EXIT.ok);
    assert.match(err, /^added 1, updated 0, unchanged 19, rejected 0, removed 1 \(list 1001: 1\)/m);
    assert.deepEqual(lists(), { 1001: 19, 1002: 9 });
    await imports.import('only.csv', csv(1, 1002, 100), { list: 1001, ...REPLACE });
    assert.deepEqual(lists(), { 1001: 19, 1002: 9 });
  });
});
