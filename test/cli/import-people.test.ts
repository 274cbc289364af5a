import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import { importLeads } from '../../src/cli/import.ts';
import type { ImportOptions } from '../../src/cli/import-options.ts';
import {
  createImportFixture,
  createTestTerminal,
  type Imported,
  type ImportFixture,
} from './import-fixture.ts';
import { EXIT } from '../../src/process/exit-code.ts';

const LIST = { list: 1, onDuplicate: 'match' } as const;

/** What the store holds of each lead: id, name, number. */
function people(fixture: ImportFixture): readonly string[] {
  return fixture
    .leads()
    .map(({ lead }) => `${lead.lead_id} ${lead.first_name ?? ''} ${lead.phone_number ?? ''}`);
}

function createImports(t: TestContext) {
  const fixture = createImportFixture(t);
  let count = 0;
  return {
    fixture,
    import: (content: string, options: Partial<ImportOptions> = {}): Promise<Imported> =>
      fixture.import(fixture.file(`${(count += 1)}.csv`, content), { ...LIST, ...options }),
  };
}

describe('people who share a number', () => {
  const FAMILY = 'nombre,telefono\nAna,33 2345 7011\nLuis,33 2345 7011\n';

  it('are as many as the file names, and the same file changes nothing', async (t) => {
    const { fixture, ...imports } = createImports(t);
    assert.match((await imports.import(FAMILY)).err, /^added 2, updated 0, unchanged 0, rejected 0/);
    assert.match((await imports.import(FAMILY)).err, /^added 0, updated 0, unchanged 2, rejected 0/);
    assert.deepEqual(people(fixture), ['1 Ana 33 2345 7011', '2 Luis 33 2345 7011']);
  });

  it('are not overwritten by somebody of another name; both are named, and what settles it', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import(FAMILY);
    const before = people(fixture);
    const other = 'nombre,telefono\nEva,+52 33 2345 7011\n';
    const { err, exitCode } = await imports.import(other);
    assert.equal(exitCode, EXIT.attention);
    assert.match(err, /rejected 1 /);
    assert.match(err, /belongs here to Luis \(lead 2\), and the row is Eva; .*update.*add.*--key/);
    assert.deepEqual(people(fixture), before);
    await imports.import(other, { onDuplicate: 'add' });
    assert.deepEqual(people(fixture), [...before, '3 Eva +52 33 2345 7011']);
  });

  it('are told apart by accents, case and signs no more than by spaces', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import('nombre,telefono\nJosé  Ángel,3323457011\n');
    assert.match((await imports.import('nombre,telefono\nJOSE ANGEL,33 2345 7011\n')).err, /updated 1/);
    assert.equal(fixture.leads().length, 1);
  });

  it('of one name are not guessed at', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import('nombre,telefono\nAna,3323457011\n');
    await imports.import('nombre,telefono\nAna,3323457011\n', { onDuplicate: 'add' });
    const { err } = await imports.import('nombre,telefono,correo\nAna,3323457011,a@example.com\n');
    assert.match(err, /rejected 1 /);
    assert.match(err, /those of leads \d and \d; .*--key/);
    assert.deepEqual(
      fixture.leads().map(({ lead }) => lead.email),
      [null, null],
    );
  });
});

describe('a lead id of another system', () => {
  it('changes nobody of another name', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import('nombre,telefono\nRosa,3323456841\n');
    const foreign = 'id,nombre,telefono\n1,Otro,5553450000\n';
    const { err } = await imports.import(foreign, { map: ['id=lead_id'] });
    assert.match(err, /lead_id 1 belongs here to Rosa \(lead 1\), and the row is Otro/);
    await imports.import(foreign);
    assert.deepEqual(people(fixture), ['1 Rosa 3323456841', '2 Otro 5553450000']);
  });
});

describe('rows with a key', () => {
  const WEEK = 'codigo,nombre,telefono\nC1,Ana,3311110001\nC2,Luis,3311110003\n';

  it('come back to their leads, whatever else has changed', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import(WEEK, { key: 'codigo' });
    const next = 'codigo,nombre,telefono\nC1,Ana,3322220001\nC2,Luis Peña,3311110003\nC3,Eva,3311110003\n';
    const { err } = await imports.import(next, { key: 'Código' });
    assert.match(err, /^added 1, updated 2 \(.*phone_number 1.*\), unchanged 0, rejected 0/);
    assert.deepEqual(people(fixture), ['1 Ana 3322220001', '2 Luis Peña 3311110003', '3 Eva 3311110003']);
  });

  it('take on the leads of an earlier import without it, by number and name', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import(WEEK);
    await imports.import(WEEK, { key: 'codigo' });
    await imports.import('codigo,nombre,telefono\nC1,Ana,3322220001\n', { key: 'codigo' });
    assert.deepEqual(people(fixture), ['1 Ana 3322220001', '2 Luis 3311110003']);
  });

  it('need a column of that name', async (t) => {
    const { import: run } = createImports(t);
    await assert.rejects(run(WEEK, { key: 'clave' }), /--key "clave": .* has no such column/);
  });
});

describe('a list that is to be what the sheet says', () => {
  const WEEK = 'codigo,nombre,telefono\nC1,Ana,3311110001\nC2,Luis,3311110003\nC3,Eva,3311110005\n';
  const NEXT = 'codigo,nombre,telefono\nC1,Ana,3322220001\nC4,Sol,3311110007\n';
  const REPLACE = { key: 'codigo', replace: true } as const;

  it('loses who is no longer in it, and gets all back by undo', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import(WEEK, { key: 'codigo' });
    await imports.import('nombre,telefono\nOtra,3399990000\n', { list: 2 });
    const before = fixture.leads();
    const { err } = await imports.import(NEXT, REPLACE);
    assert.match(err, /^added 1, updated 1 .*, rejected 0, removed 2/);
    assert.deepEqual(people(fixture), ['1 Ana 3322220001', '4 Otra 3399990000', '5 Sol 3311110007']);
    const [newest] = fixture.archive.imports();
    assert.deepEqual([newest?.counts.removed, newest?.canBeUndone], [2, true]);
    const results = [...fixture.archive.undoImport(newest?.importId ?? 0)];
    assert.deepEqual(results.at(-1), { restored: 3, removed: 1, kept: 0 });
    assert.deepEqual(fixture.leads(), before);
    // Also what they are found by, and the keys.
    const numbers = 'SELECT count(*) AS count FROM lead_numbers';
    assert.equal(fixture.connection.database.prepare(numbers).get()?.count, 4);
    assert.match((await imports.import(WEEK, { key: 'codigo' })).err, /^added 0, updated 0, unchanged 3/);
  });

  it('loses nobody while rows are rejected, unless that is expected', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import(WEEK, { key: 'codigo' });
    const bad = `${NEXT}C2,Luis,abc\n`;
    const first = await imports.import(bad, REPLACE);
    assert.equal(first.exitCode, EXIT.attention);
    assert.match(first.err, /removed 0/);
    assert.match(first.err, /nobody was removed, because .*--accept-rejects/);
    assert.equal(fixture.leads().length, 4);
    const second = await imports.import(bad, { ...REPLACE, acceptRejects: true });
    assert.equal(second.exitCode, EXIT.ok);
    assert.match(second.err, /removed 2/);
  });

  it('loses nobody by a file without a row', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import(WEEK, { key: 'codigo' });
    assert.match((await imports.import('codigo,nombre,telefono\n', REPLACE)).err, /removed 0/);
    assert.equal(fixture.leads().length, 3);
  });

  it('is as before when the import is stopped in its middle', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import(WEEK, { key: 'codigo' });
    const before = fixture.leads();
    const rows = Array.from({ length: 50_000 }, (_, at) => `D${at},Name ${at},${8_100_000_000 + at}`);
    const file = fixture.file('many.csv', `codigo,nombre,telefono\n${rows.join('\n')}\n`);
    const { terminal, err } = createTestTerminal();
    const stop = new AbortController();
    const exitCode = await importLeads(
      file,
      { map: [], custom: [], ignore: [], ...LIST, ...REPLACE },
      {
        // The first rows are written, and then it stops.
        openStore: () => {
          stop.abort();
          return { archive: fixture.archive, country: 'MX' };
        },
        terminal,
        signal: stop.signal,
      },
    );
    assert.equal(exitCode, EXIT.interrupted);
    assert.match(
      err(),
      /stopped; nothing was changed\nadded 0, updated 0, unchanged 0, rejected 0, removed 0/,
    );
    assert.deepEqual(fixture.leads(), before);
    const [newest] = fixture.archive.imports();
    assert.equal(newest?.state, 'undone');
    assert.match((await imports.import(NEXT, REPLACE)).err, /^added 1, updated 1 .*removed 2/);
  });
});

describe('an import that was taken back', () => {
  it('leaves what later imports have changed', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import('nombre,telefono\nAna,3311110001\nLuis,3311110003\n');
    await imports.import('nombre,telefono,correo\nAna,3311110001,ana@example.com\n');
    const [, first] = fixture.archive.imports();
    const results = [...fixture.archive.undoImport(first?.importId ?? 0)];
    assert.deepEqual(results.at(-1), { restored: 0, removed: 1, kept: 1 });
    assert.deepEqual(people(fixture), ['1 Ana 3311110001']);
    assert.deepEqual(
      fixture.archive.imports().map(({ state, canBeUndone }) => [state, canBeUndone]),
      [
        ['done', true],
        ['undone', false],
      ],
    );
  });

  it('can be one of the last ten', async (t) => {
    const { fixture, ...imports } = createImports(t);
    for (let at = 0; at < 12; at += 1) await imports.import(`nombre,telefono\nAna,${3_311_110_000 + at}\n`);
    const undoable = fixture.archive.imports().filter(({ canBeUndone }) => canBeUndone);
    assert.deepEqual(
      undoable.map(({ importId }) => importId),
      [12, 11, 10, 9, 8, 7, 6, 5, 4, 3],
    );
  });

  /** People of numbers that begin with 33, each with a code. */
  const coded = (from: number, to: number, name = 'P', code = 'K') =>
    Array.from(
      { length: to - from },
      (_, at) => `${code}${from + at},${name}${from + at},${3_300_000_000 + from + at}\n`,
    );
  const file = (...rows: readonly string[]) => `codigo,nombre,telefono\n${rows.join('')}`;
  const KEY = { key: 'codigo' } as const;

  /** Three imports: people, the last ten of whom the second removes, and what a test adds. */
  async function withRemoved(t: TestContext) {
    const { fixture, ...imports } = createImports(t);
    await imports.import(file(...coded(0, 30)), KEY);
    await imports.import(file(...coded(0, 20)), { ...KEY, replace: true });
    return { fixture, ...imports };
  }
  const undo = (fixture: ImportFixture, id: number) => [...fixture.archive.undoImport(id)].at(-1);

  it('takes nobody whom a later import has added', async (t) => {
    const { fixture, ...imports } = await withRemoved(t);
    await imports.import(file(...coded(50, 58, 'New', 'N')), { ...KEY, list: 2 });
    const later = people(fixture).slice(20);
    assert.deepEqual(undo(fixture, 2), { restored: 10, removed: 0, kept: 0 });
    assert.deepEqual(people(fixture).slice(30), later);
    assert.equal(people(fixture).length, 38);
    assert.deepEqual(undo(fixture, 3), { restored: 0, removed: 8, kept: 0 });
    assert.equal(people(fixture).length, 30);
    assert.deepEqual(undo(fixture, 1), { restored: 0, removed: 30, kept: 0 });
  });

  it('takes nobody whom a later import has added under the id of who was removed', async (t) => {
    const { fixture } = await withRemoved(t);
    const columns = {
      texts: ['phone_number', 'first_name'],
      isCustomer: false,
      lastLocalCallTime: false,
      numbers: false,
    } as const;
    const run = fixture.archive.startImport(columns, 'match', { fileName: 'export.csv', isWhole: false });
    run.prepareList(1, undefined, []);
    for (let id = 21; id <= 28; id++) {
      const texts = [String(5_500_000_000 + id), `New${id}`];
      const nothing = {
        isCustomer: false,
        lastLocalCallTime: null,
        modifyDate: undefined,
        numbers: [],
        custom: new Map(),
      };
      assert.equal(run.write({ leadId: id, listId: 1, texts, ...nothing }, id), 'added');
    }
    run.commitBatch();
    run.end('done', { added: 8, updated: 0, unchanged: 0, rejected: 0, removed: 0 });
    run.close();
    const before = people(fixture);
    assert.deepEqual(undo(fixture, 2), { restored: 2, removed: 0, kept: 8 });
    assert.deepEqual(
      people(fixture).filter((each) => before.includes(each)),
      before,
    );
    assert.deepEqual(undo(fixture, 3), { restored: 0, removed: 8, kept: 0 });
    assert.equal(people(fixture).length, 22);
  });

  it('makes nobody twice who has come back by a later import', async (t) => {
    const { fixture, ...imports } = await withRemoved(t);
    // By the key, with another number; by number and name; of the number of another one.
    const back = ['K20,P20,5512340020\n', ',p21,3300000021\n', ',Somebody,3300000022\n'];
    assert.match((await imports.import(file(...back), KEY)).err, /^added 3/);
    assert.deepEqual(undo(fixture, 2), { restored: 8, removed: 0, kept: 2 });
    const names = people(fixture).map((each) => each.replace(/^\d+ /, ''));
    assert.deepEqual(
      names.filter((each) => /P2[012] |p21|Somebody/.test(each)),
      ['P22 3300000022', 'P20 5512340020', 'p21 3300000021', 'Somebody 3300000022'],
    );
  });

  it('brings back both of two who were removed together, whatever they have in common', async (t) => {
    const { fixture, ...imports } = createImports(t);
    await imports.import('nombre,telefono\nAna,3300000001\nAna,3300000001\nEva,3300000002\n', {
      onDuplicate: 'add',
    });
    await imports.import('nombre,telefono\nEva,3300000002\n', { replace: true });
    assert.equal(people(fixture).length, 1);
    assert.deepEqual(undo(fixture, 2), { restored: 2, removed: 0, kept: 0 });
  });
});
