import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import type { ImportColumns } from '../../src/core/lead-archive.ts';
import {
  COLUMNS,
  FILE,
  type ImportedStore,
  readAll,
  row,
  summary,
  write,
  writeRows,
} from './imports.contract.ts';

/** The body of the tests of what is kept of imports, and of taking them back. */
export function importHistoryContract(
  name: string,
  open: (context: TestContext) => Promise<ImportedStore>,
): void {
  const last = async <Piece>(pieces: Iterable<Piece> | AsyncIterable<Piece>) =>
    (await Array.fromAsync(pieces)).at(-1);
  const KEYED: ImportColumns = { ...COLUMNS, keySource: 'code' };

  describe(name, () => {
    it('lists them, and what each did', async (t) => {
      const store = await open(t);
      await write(store, [row('5512345678', 'Ana'), row('5512345679', 'Eva')], 'match', COLUMNS, FILE);
      const by = { user: 'eva', endpoint: 'console' } as const;
      await write(store, [row('5512345678', 'Eva')], 'update', COLUMNS, { ...FILE, fileName: 'b.csv', by });
      const imports = await store.archive.imports();
      assert.deepEqual(
        imports.map(({ importId, fileName, importedBy, state, canBeUndone, counts }) => [
          ...[importId, fileName, importedBy, state, canBeUndone],
          ...[counts.added, counts.updated],
        ]),
        [
          [2, 'b.csv', 'eva', 'done', true, 0, 1],
          [1, 'a.csv', 'operator', 'done', true, 2, 0],
        ],
      );
      assert.match(imports[0]?.startedAt ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      const timeline = await store.records.timeline(1, { offset: 0, limit: 10 });
      const kinds = timeline?.entries.map((entry) =>
        entry.type === 'change' ? [entry.importId, entry.before, entry.after] : [entry.type],
      );
      assert.deepEqual(kinds, [[2, { first_name: 'Ana' }, { first_name: 'Eva' }], ['import']]);
    });

    it('takes an import back as a whole, but for what was changed later', async (t) => {
      const store = await open(t);
      await write(store, [row('5512345678', 'Ana', { modifyDate: '2020-01-01 00:00:00' })], 'match');
      const before = await readAll(store);
      const file = [
        row('5512345678', 'Eva', { leadId: 1 }),
        row('5512345679', 'Luis'),
        row('5512345670', 'Sol'),
      ];
      await write(store, file, 'update', COLUMNS, FILE);
      await write(store, [row('5512345679', 'Lucho')], 'update', COLUMNS, FILE);
      assert.deepEqual(await last(store.archive.undoImport(1)), { restored: 1, removed: 1, kept: 1 });
      const [first, ...rest] = await readAll(store);
      assert.deepEqual([first], before);
      assert.deepEqual(
        rest.map(({ lead }) => lead.first_name),
        ['Lucho'],
      );
      assert.deepEqual(await write(store, [row('55 1234 5678', 'Ana')], 'match'), ['updated']);
      assert.deepEqual(await write(store, [row('5512345670', 'Sol')], 'match'), ['added']);
      assert.deepEqual(
        (await readAll(store)).map(({ lead }) => lead.lead_id),
        [1, 2, 4],
      );
    });

    it('removes who is in none of the files of a sheet, and brings them back with their keys', async (t) => {
      const store = await open(t);
      const people = Array.from({ length: 6 }, (_, at) =>
        row(`551234567${at}`, `P${at}`, { externalId: `C${at}` }),
      );
      await write(store, people, 'match', KEYED);
      await write(store, [row('8112345678', 'Other', { listId: 102 })], 'match');
      const before = await readAll(store);
      const whole = { ...FILE, isWhole: true };
      const first = await store.archive.startImport(KEYED, 'match', whole);
      first.prepareList(101, undefined, []);
      await writeRows(first, people.slice(0, 2));
      const second = await store.archive.startImport(KEYED, 'match', { ...whole, after: first });
      second.prepareList(101, undefined, []);
      await writeRows(second, [...people.slice(1, 3), row('5512340000', 'New', { externalId: 'N' })]);
      assert.deepEqual(Object.fromEntries(await second.countOthers(new Set([101, 103]))), {
        101: { before: 6, others: 3 },
        103: { before: 0, others: 0 },
      });
      await store.records.change(4, ...(await changed(store, 4)));
      assert.equal(await last(second.removeOthers(new Set([101]))), 2);
      for (const run of [first, second])
        await run.end('done', { added: 0, updated: 0, unchanged: 0, rejected: 0, removed: 0 });
      await second.close();
      await first.close();
      const left = await readAll(store);
      assert.deepEqual(
        left.map(({ lead }) => lead.first_name),
        ['P0', 'P1', 'P2', 'Changed', 'Other', 'New'],
      );
      assert.deepEqual(await last(store.archive.undoImport(2)), { restored: 2, removed: 1, kept: 0 });
      const after = await readAll(store);
      assert.deepEqual(
        after.filter(({ lead }) => lead.lead_id !== 4),
        before.filter(({ lead }) => lead.lead_id !== 4),
      );
      assert.deepEqual(await write(store, [row('5500000000', 'P5', { externalId: 'C5' })], 'match', KEYED), [
        'updated',
      ]);
    });

    it('makes nobody twice who has come back by a later import', async (t) => {
      const store = await open(t);
      const people = Array.from({ length: 4 }, (_, at) =>
        row(`551234567${at}`, `P${at}`, { externalId: `C${at}` }),
      );
      await write(store, people, 'match', KEYED);
      const run = await store.archive.startImport(KEYED, 'match', { ...FILE, isWhole: true });
      await writeRows(run, people.slice(0, 1));
      assert.equal(await last(run.removeOthers(new Set([101]))), 3);
      await run.close();
      const back = [
        row('8112345678', 'P1', { externalId: 'C1' }),
        row('55 1234 5672', 'p2'),
        row('5512345673', 'Else'),
      ];
      await write(store, back, 'match', KEYED, FILE);
      assert.deepEqual(await last(store.archive.undoImport(1)), { restored: 1, removed: 0, kept: 2 });
      assert.deepEqual(
        (await readAll(store)).map(({ lead }) => lead.first_name),
        ['P0', 'P3', 'P1', 'p2', 'Else'],
      );
    });

    it('ends imports that were killed, of which those that are to be whole are taken back', async (t) => {
      const store = await open(t);
      for (const isWhole of [false, true]) {
        const run = await store.archive.startImport(COLUMNS, 'match', { ...FILE, isWhole });
        await writeRows(run, [row(isWhole ? '5512345678' : '5512345679', 'Ana')]);
        await run.close();
      }
      const said = await Array.fromAsync(store.archive.endKilledImports());
      assert.deepEqual(
        said.filter((each) => each !== undefined),
        [
          'import 2 (a.csv) did not come to its end and was taken back',
          'import 1 (a.csv) did not come to its end; what it wrote stays',
        ],
      );
      const states = (await store.archive.imports()).map(({ state, canBeUndone }) => [state, canBeUndone]);
      assert.deepEqual(states, [
        ['undone', false],
        ['stopped', true],
      ]);
      assert.deepEqual(await summary(store), [[1, 101, '5512345679', 'Ana']]);
      assert.deepEqual(await Array.fromAsync(store.archive.endKilledImports()), []);
    });

    it('keeps what the last ten removed, and forgets the rest', async (t) => {
      const store = await open(t);
      await write(store, [row('5512345678', 'Ana'), row('5512345679', 'Eva')]);
      const run = await store.archive.startImport(COLUMNS, 'match', FILE);
      await writeRows(run, [row('5512345678', 'Ana')]);
      await last(run.removeOthers(new Set([101])));
      await run.end('done', { added: 0, updated: 0, unchanged: 1, rejected: 0, removed: 1 });
      await run.close();
      for (let at = 0; at < 10; at += 1)
        await write(store, [row('5512345678', 'Ana')], 'match', COLUMNS, FILE);
      await Array.fromAsync(store.archive.endKilledImports());
      const undoable = (await store.archive.imports()).filter(({ canBeUndone }) => canBeUndone);
      assert.deepEqual(
        undoable.map(({ importId }) => importId),
        [11, 10, 9, 8, 7, 6, 5, 4, 3, 2],
      );
      assert.equal(await store.records.timeline(2, { offset: 0, limit: 10 }), undefined);
    });

    it('is written by one import at a time', async (t) => {
      const { archive } = await open(t);
      const release = await archive.claimImport();
      assert.ok(release !== undefined);
      await release();
      const again = await archive.claimImport();
      assert.ok(again !== undefined);
      await again();
    });
  });
}

/** Another name of a lead, as somebody changes it. */
async function changed({ records }: ImportedStore, leadId: number) {
  const record = await records.read(leadId, 'every list');
  assert.ok(record !== undefined);
  const to = { ...record.state, first_name: 'Changed' };
  return [record.state, to, { user: 'ana', endpoint: 'v1', requestId: 'r' }, {}] as const;
}
