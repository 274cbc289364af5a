import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import type {
  ImportColumns,
  ImportDescription,
  ImportResult,
  ImportRow,
  ImportRun,
  LeadArchive,
  LeadRecord,
  OnDuplicate,
} from '../../src/core/lead-archive.ts';
import type { LeadStore } from '../../src/core/lead-store.ts';
import type { LeadTextField } from '../../src/core/lead.ts';
import type { RecordStore } from '../../src/core/record-store.ts';
import { parseTextQuery } from '../../src/core/text-query.ts';

/** An empty store, which is closed when the test ends. */
export interface ImportedStore {
  readonly archive: LeadArchive;
  readonly records: RecordStore;
  readonly leads: LeadStore;
}

const TEXTS: readonly LeadTextField[] = ['phone_number', 'first_name'];
export const COLUMNS: ImportColumns = {
  texts: TEXTS,
  isCustomer: false,
  lastLocalCallTime: false,
  numbers: false,
};

export function row(phone: string, name: string | null, more: Partial<ImportRow> = {}): ImportRow {
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

export async function readAll({ archive }: Pick<ImportedStore, 'archive'>): Promise<readonly LeadRecord[]> {
  return Array.fromAsync(archive.leads());
}

/** What became of rows, of which `write` or `commitBatch` says it. */
export async function writeRows(
  run: ImportRun,
  rows: readonly ImportRow[],
  firstLine = 1,
): Promise<readonly ImportResult[]> {
  const early = rows.map((each, index) => run.write(each, firstLine + index));
  const late = (await run.commitBatch()).values();
  return early.map((result) => result ?? late.next().value ?? { rejected: 'nothing is known of it' });
}

/** Writes rows in one run, row n as line n from 1. */
export async function write(
  { archive }: Pick<ImportedStore, 'archive'>,
  rows: readonly ImportRow[],
  onDuplicate: OnDuplicate = 'update',
  columns = COLUMNS,
  description?: ImportDescription,
): Promise<readonly ImportResult[]> {
  const run = await archive.startImport(columns, onDuplicate, description);
  try {
    for (const listId of new Set(rows.map((each) => each.listId))) run.prepareList(listId, undefined, []);
    const results = await writeRows(run, rows);
    const count = (what: ImportResult) => results.filter((result) => result === what).length;
    const [added, updated, unchanged] = [count('added'), count('updated'), count('unchanged')];
    const rejected = rows.length - added - updated - unchanged;
    await run.end('done', { added, updated, unchanged, rejected, removed: 0 });
    return results;
  } finally {
    await run.close();
  }
}

function rejection(result: ImportResult | undefined): string {
  return typeof result === 'object' ? result.rejected : '';
}

export async function summary(
  store: ImportedStore,
): Promise<readonly (readonly (string | number | null)[])[]> {
  const leads = await readAll(store);
  return leads.map(({ lead }) => [lead.lead_id, lead.list_id, lead.phone_number, lead.first_name]);
}

export const FILE: ImportDescription = { fileName: 'a.csv', isWhole: false };

/** The body of the tests that every store of ours passes into which files are imported: what the port LeadArchive promises. */
export function importsContract(name: string, open: (context: TestContext) => Promise<ImportedStore>): void {
  describe(name, () => {
    ofRows(open);
    ofPeople(open);
  });
}

type Open = (context: TestContext) => Promise<ImportedStore>;

function ofRows(open: Open): void {
  describe('a row whose lead is there already', () => {
    it('is met by its number in every spelling, in the same list only', async (t) => {
      const fixture = await open(t);
      await write(fixture, [row('5512345678', 'Ana')]);
      assert.deepEqual(
        await write(fixture, [row('+52 1 55 1234 5678', 'Eva'), row('5512345678', 'Luis', { listId: 102 })]),
        ['updated', 'added'],
      );
      assert.deepEqual(await summary(fixture), [
        [1, 101, '+52 1 55 1234 5678', 'Eva'],
        [2, 102, '5512345678', 'Luis'],
      ]);
    });

    it('is met by its lead id alone, whatever its number and list', async (t) => {
      const fixture = await open(t);
      await write(fixture, [
        row('5512345678', 'Ana', { leadId: 7 }),
        row('5512345679', 'Luis', { leadId: 9 }),
      ]);
      assert.deepEqual(await write(fixture, [row('5512345679', 'Ana', { leadId: 7, listId: 102 })]), [
        'updated',
      ]);
      assert.deepEqual(await summary(fixture), [
        [7, 102, '5512345679', 'Ana'],
        [9, 101, '5512345679', 'Luis'],
      ]);
    });

    it('changes only the columns that the file has; nothing in a cell empties its field', async (t) => {
      const fixture = await open(t);
      const whole: ImportColumns = {
        texts: ['phone_number', 'city', 'alt_phone'],
        isCustomer: true,
        lastLocalCallTime: true,
        numbers: false,
      };
      await write(
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
      assert.deepEqual(await write(fixture, [row('5512345678', 'Ana')]), ['updated']);
      assert.deepEqual(await write(fixture, [row('5512345678', null)]), ['updated']);
      const [record] = await readAll(fixture);
      assert.deepEqual(
        [record?.lead.city, record?.lead.alt_phone, record?.lead.first_name],
        ['CDMX', '8112345678', null],
      );
      assert.deepEqual([record?.isCustomer, record?.lastLocalCallTime], [true, '2024-01-01 00:00:00']);
    });

    it('is unchanged when it says the same, and its time of change stays', async (t) => {
      const fixture = await open(t);
      await write(fixture, [row('5512345678', 'Ana', { modifyDate: '2020-01-01 00:00:00' })]);
      assert.deepEqual(await write(fixture, [row('5512345678', 'Ana')]), ['unchanged']);
      assert.equal((await readAll(fixture))[0]?.modifyDate, '2020-01-01 00:00:00');
      assert.deepEqual(await write(fixture, [row('5512345678', 'Eva')]), ['updated']);
      assert.match((await readAll(fixture))[0]?.modifyDate ?? '', /^20(?!20)\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
      assert.deepEqual(
        await write(fixture, [row('5512345678', 'Eva', { modifyDate: '2020-01-01 00:00:00' })]),
        ['updated'],
      );
    });

    it('is left alone under skip', async (t) => {
      const fixture = await open(t);
      await write(fixture, [row('5512345678', 'Ana', { leadId: 7 })]);
      const rows = [
        row('5512345678', 'Eva'),
        row('5512345678', 'Eva', { leadId: 7 }),
        row('5512345679', 'Luis'),
        row('5512345679', 'Sol'),
      ];
      assert.deepEqual(await write(fixture, rows, 'skip'), ['unchanged', 'unchanged', 'added', 'unchanged']);
      assert.deepEqual(
        (await summary(fixture)).map(([, , , name]) => name),
        ['Ana', 'Luis'],
      );
    });

    it('is added beside it under add, unless its lead id is taken', async (t) => {
      const fixture = await open(t);
      await write(fixture, [row('5512345678', 'Ana', { leadId: 7 })]);
      const results = await write(
        fixture,
        [row('5512345678', 'Eva'), row('5512345678', 'Sol', { leadId: 7 })],
        'add',
      );
      assert.equal(results[0], 'added');
      assert.equal(rejection(results[1]), 'lead_id 7 is taken');
      assert.deepEqual(
        (await summary(fixture)).map(([, , , name]) => name),
        ['Ana', 'Eva'],
      );
    });

    it('is rejected when an earlier line of the same file says something else', async (t) => {
      const fixture = await open(t);
      const rows = [
        row('5512345678', 'Ana'),
        row('5512345678', 'Ana'),
        row('5512345678', 'Eva'),
        row('5512345679', 'Luis', { leadId: 7 }),
        row('5512345670', 'Sol', { leadId: 7 }),
      ];
      for (const first of ['added', 'unchanged'] as const) {
        const results = await write(fixture, rows);
        assert.deepEqual([results[0], results[1], results[3]], [first, 'unchanged', first]);
        assert.equal(
          rejection(results[2]),
          'line 1 has the same list and number with other values; --on-duplicate add keeps both',
        );
        assert.equal(rejection(results[4]), 'line 4 has the same lead_id 7 with other values');
      }
    });

    it('names the right line after thousands of others, in any order', async (t) => {
      const fixture = await open(t);
      const ids = Array.from({ length: 2_000 }, (_, index) => ((index * 7) % 2_000) + 1);
      const rows = ids.map((leadId) => row(String(5_500_000_000 + leadId), 'Ana', { leadId }));
      const again = ids.map((leadId) => row(String(5_500_000_000 + leadId), 'Eva', { leadId }));
      for (let run = 0; run < 2; run++) {
        const results = await write(fixture, [...rows, ...again]);
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
    it('is given after the highest one, and never beyond ten digits', async (t) => {
      const fixture = await open(t);
      const rows = [
        row('5512345678', 'Ana', { leadId: 9_999_999_998 }),
        row('5512345679', 'Eva'),
        row('5512345670', 'Sol'),
      ];
      const results = await write(fixture, rows);
      assert.deepEqual(results.slice(0, 2), ['added', 'added']);
      assert.match(rejection(results[2]), /no lead_id up to 9999999999 is left/);
      assert.equal(await fixture.archive.countLeads(), 2);
    });
  });

  describe('custom fields', () => {
    const FIELDS = [
      { label: 'b', type: 'TEXT' },
      { label: '2024', type: 'NUMBER' },
    ] as const;

    it('are appended to those a list has, once', async (t) => {
      const fixture = await open(t);
      const run = await fixture.archive.startImport(COLUMNS, 'update');
      assert.equal(run.prepareList(101, 'Norte', FIELDS), undefined);
      assert.equal(run.prepareList(101, undefined, [{ label: 'a', type: 'DATE' }, ...FIELDS]), undefined);
      assert.match(
        run.prepareList(101, 'Sur', [
          { label: 'new', type: 'TEXT' },
          { label: 'b', type: 'AREA' },
        ]) ?? '',
        /b as TEXT, not AREA/,
      );
      await run.commitBatch();
      await run.close();
      assert.deepEqual(await fixture.archive.lists(), [
        { listId: 101, name: 'Norte', customFields: [...FIELDS, { label: 'a', type: 'DATE' }] },
      ]);
    });

    it('keep the values that the file does not have, in the list’s order', async (t) => {
      const fixture = await open(t);
      const one = async (
        custom: Record<string, string | number | null>,
      ): Promise<ImportResult | undefined> => {
        const run = await fixture.archive.startImport(COLUMNS, 'update');
        run.prepareList(101, undefined, FIELDS);
        const early = run.write(row('5512345678', 'Ana', { custom: new Map(Object.entries(custom)) }), 1);
        const [result = early] = await run.commitBatch();
        await run.close();
        return result;
      };
      const custom = async () => (await readAll(fixture))[0]?.custom;
      assert.equal(await one({ '2024': 5 }), 'added');
      assert.equal(await one({ b: 'x' }), 'updated');
      assert.deepEqual(await custom(), [
        ['b', 'x'],
        ['2024', 5],
      ]);
      assert.equal(await one({ b: 'x', '2024': 5 }), 'unchanged');
      assert.equal(await one({}), 'unchanged');
      assert.equal(await one({ '2024': null }), 'updated');
      assert.deepEqual(await custom(), [
        ['b', 'x'],
        ['2024', null],
      ]);
      assert.equal(await one({ b: null }), 'updated');
      assert.equal(await custom(), null);
    });
  });

  describe('an import', () => {
    async function start(t: TestContext): Promise<{ fixture: ImportedStore; run: ImportRun }> {
      const fixture = await open(t);
      return { fixture, run: await fixture.archive.startImport(COLUMNS, 'update') };
    }

    it('forgets what was not committed', async (t) => {
      const { fixture, run } = await start(t);
      run.write(row('5512345678', 'Ana'), 1);
      await run.commitBatch();
      run.write(row('5512345679', 'Eva'), 2);
      await run.close();
      assert.deepEqual(await summary(fixture), [[1, 101, '5512345678', 'Ana']]);
    });

    it('meets the same leads the second time, also where rows with and without lead ids share a number', async (t) => {
      const fixture = await open(t);
      const files = [
        [row('5512345678', 'Ana'), row('5512345678', 'Eva'), row('5512345678', 'Sol', { leadId: 5 })],
        [
          row('8112345678', null),
          row('8112345678', null, { leadId: 12 }),
          row('8112345678', 'Sol', { leadId: 6 }),
        ],
      ];
      for (const rows of files) {
        await write(fixture, rows);
        const content = await readAll(fixture);
        await write(fixture, rows);
        assert.deepEqual(await readAll(fixture), content);
      }
    });
  });
}

function ofPeople(open: Open): void {
  describe('who a row is', () => {
    const BOTH: ImportColumns = { ...COLUMNS, keySource: 'code' };

    it('is told by number and name, and a row that may be two is rejected', async (t) => {
      const store = await open(t);
      const family = [row('5512345678', 'Ana'), row('5512345678', 'Luis')];
      assert.deepEqual(await write(store, family, 'match'), ['added', 'added']);
      assert.deepEqual(await write(store, [row('+52 55 1234 5678', 'ANÁ')], 'match'), ['updated']);
      const [stranger, other] = await write(
        store,
        [row('5512345678', 'Eva'), row('5512345679', 'Sol', { leadId: 1 })],
        'match',
      );
      assert.match(
        rejection(stranger),
        /^phone_number 5512345678 belongs here to Luis \(lead 2\), and the row is Eva;/,
      );
      assert.match(rejection(other), /^lead_id 1 belongs here to ANÁ \(lead 1\), and the row is Sol;/);
      await write(store, [row('5512345678', 'Ana')], 'add');
      const [twice] = await write(store, [row('55 1234 5678', 'Ana')], 'match');
      assert.match(rejection(twice), /^the number and the name are those of leads 3 and 1;/);
    });

    it('is told by the id of another system first', async (t) => {
      const store = await open(t);
      const first = [row('5512345678', 'Ana'), row('5512345679', 'Luis', { externalId: 'C2' })];
      assert.deepEqual(await write(store, first, 'match', BOTH), ['added', 'added']);
      const next = [
        row('5512345678', 'Ana', { externalId: 'C1' }),
        row('8112345679', 'Lucho', { externalId: 'C2' }),
        row('5512345678', 'Ana', { externalId: 'C3' }),
        row('5512345671', 'Eva', { externalId: 'C3' }),
      ];
      const results = await write(store, next, 'match', BOTH);
      assert.deepEqual(results.slice(0, 3), ['unchanged', 'updated', 'added']);
      assert.match(rejection(results[3]), /^line 3 has the same list and number with other values/);
      assert.deepEqual(await summary(store), [
        [1, 101, '5512345678', 'Ana'],
        [2, 101, '8112345679', 'Lucho'],
        [3, 101, '5512345678', 'Ana'],
      ]);
    });

    it('is told also where more leads share a number than are looked at', async (t) => {
      const store = await open(t);
      const many = Array.from({ length: 130 }, (_, at) => row('5512345678', `P${at}`));
      await write(store, many, 'add');
      const moved = [
        row('5599999999', 'P129', { leadId: 130 }),
        row('5599999999', 'P128', { leadId: 129 }),
        row('5512345678', 'P28'),
        row('5512345678', 'P29'),
      ];
      const results = await write(store, moved, 'match');
      assert.deepEqual(results, ['updated', 'updated', 'unchanged', 'unchanged']);
      assert.equal((await readAll(store)).length, 130);
    });

    it('is found by its new words, and not by the former ones', async (t) => {
      const store = await open(t);
      const found = async (text: string) => {
        const query = parseTextQuery(text, 'q', 'MX');
        assert.ok('by' in query);
        const page = await store.leads.searchText?.(query, 'every list', { offset: 0, limit: 10 });
        return page?.matches.map(({ leadId }) => leadId);
      };
      await write(store, [row('5512345678', 'Xochitl', { externalId: 'ZX81' })], 'match', BOTH);
      await Array.fromAsync(store.archive.indexSearch());
      assert.deepEqual([await found('xochi'), await found('zx81')], [[1], [1]]);
      await write(store, [row('5512345678', 'Citlali', { leadId: 1 })], 'update', BOTH, FILE);
      await Array.fromAsync(store.archive.indexSearch());
      assert.deepEqual([await found('xochi'), await found('citlali'), await found('zx81')], [[], [1], [1]]);
      await Array.fromAsync(store.archive.undoImport(1));
      await Array.fromAsync(store.archive.indexSearch());
      assert.deepEqual([await found('xochi'), await found('citlali')], [[1], []]);
    });
  });
}
