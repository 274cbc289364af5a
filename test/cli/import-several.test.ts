import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { CommandFailure, EXIT } from '../../src/process/exit-code.ts';
import { runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { createImportFixture, type ImportFixture } from './import-fixture.ts';

const ANA = '5512345601,Ana';
const EVA = '5512345602,Eva';
const LUIS = '5512345603,Luis';
const OLD = '5512345609,Olga';
const BAD = 'abc,Nadie';

/** A store in which Olga is already, and files of these rows, called `a.csv`, `b.csv` and so on. */
async function withFiles(t: TestContext, ...files: readonly (readonly string[])[]) {
  const fixture = createImportFixture(t);
  await fixture.import(fixture.file('old.csv', sheet([OLD])), { list: 101 });
  const paths = files.map((rows, at) => fixture.file(`${'abcdefghijklm'.charAt(at)}.csv`, sheet(rows)));
  return { fixture, paths };
}

function sheet(rows: readonly string[]): string {
  return ['phone,nombre', ...rows, ''].join('\n');
}

function namesIn(fixture: ImportFixture): readonly (string | null)[] {
  return fixture.leads().map(({ lead }) => lead.first_name);
}

interface Case {
  readonly files: readonly (readonly string[])[];
  readonly flags?: {
    readonly replace?: boolean;
    readonly acceptRejects?: boolean;
    readonly dryRun?: boolean;
  };
  readonly names: readonly string[];
  readonly exitCode: number;
  /** The counts of each file. */
  readonly counts: readonly RegExp[];
  readonly rejects: readonly string[];
  readonly says?: RegExp;
}

const added = (count: number, rejected = 0) => new RegExp(`^added ${count}, .* rejected ${rejected}`);

const CASES: Readonly<Record<string, Case>> = {
  'two files': {
    files: [[ANA], [EVA, LUIS]],
    names: ['Olga', 'Ana', 'Eva', 'Luis'],
    exitCode: EXIT.ok,
    counts: [added(1), added(2)],
    rejects: [],
  },
  'a row of the first one is rejected': {
    files: [[ANA, BAD], [EVA]],
    names: ['Olga', 'Ana', 'Eva'],
    exitCode: EXIT.attention,
    counts: [added(1, 1), added(1)],
    rejects: ['a.rejects.csv'],
  },
  'rows of both are rejected': {
    files: [
      [ANA, BAD],
      [EVA, BAD],
    ],
    names: ['Olga', 'Ana', 'Eva'],
    exitCode: EXIT.attention,
    counts: [added(1, 1), added(1, 1)],
    rejects: ['a.rejects.csv', 'b.rejects.csv'],
  },
  'rejected rows that are expected': {
    files: [[ANA, BAD], [EVA]],
    flags: { acceptRejects: true },
    names: ['Olga', 'Ana', 'Eva'],
    exitCode: EXIT.ok,
    counts: [added(1, 1), added(1)],
    rejects: ['a.rejects.csv'],
  },
  'a file without a row': {
    files: [[], [EVA]],
    names: ['Olga', 'Eva'],
    exitCode: EXIT.attention,
    counts: [added(0), added(1)],
    rejects: [],
  },
  '--replace: who is in none of them goes': {
    files: [[ANA], [EVA], [LUIS]],
    flags: { replace: true },
    names: ['Ana', 'Eva', 'Luis'],
    exitCode: EXIT.ok,
    counts: [/removed 0/, /removed 0/, /removed 1/],
    rejects: [],
  },
  '--replace: who is in one of them stays': {
    files: [[ANA, OLD], [EVA]],
    flags: { replace: true },
    names: ['Olga', 'Ana', 'Eva'],
    exitCode: EXIT.ok,
    counts: [/removed 0/, /removed 0/],
    rejects: [],
  },
  '--replace: nobody goes when a row of any is rejected': {
    files: [[ANA, BAD], [EVA]],
    flags: { replace: true },
    names: ['Olga', 'Ana', 'Eva'],
    exitCode: EXIT.attention,
    counts: [/rejected 1.*removed 0/, /removed 0/],
    rejects: ['a.rejects.csv'],
    says: /nobody was removed, because the rejected rows/,
  },
  '--replace: nobody goes when a file has no row': {
    files: [[ANA], []],
    flags: { replace: true, acceptRejects: true },
    names: ['Olga', 'Ana'],
    exitCode: EXIT.attention,
    counts: [/removed 0/, /removed 0/],
    rejects: [],
    says: /nobody was removed, because no row of one of the files was taken/,
  },
  '--replace --accept-rejects': {
    files: [[ANA, BAD], [EVA]],
    flags: { replace: true, acceptRejects: true },
    names: ['Ana', 'Eva'],
    exitCode: EXIT.ok,
    counts: [/rejected 1.*removed 0/, /removed 1/],
    rejects: ['a.rejects.csv'],
  },
};

describe('an import of several files', () => {
  for (const [what, { files, flags, names, exitCode, counts, rejects, says }] of Object.entries(CASES)) {
    it(`has a summary of each and one exit code: ${what}`, async (t) => {
      const { fixture, paths } = await withFiles(t, ...files);
      const ran = await fixture.import(paths, { list: 101, onDuplicate: 'match', ...flags });
      assert.equal(ran.exitCode, exitCode, ran.err);
      assert.deepEqual(namesIn(fixture), names);
      const lines = ran.err.split('\n');
      const found = lines.filter((line) => line.startsWith('added '));
      assert.equal(found.length, counts.length, ran.err);
      for (const [at, count] of counts.entries()) assert.match(found[at] ?? '', count);
      const headings = lines.filter((line) => /^\/.*\.csv:$/.test(line));
      assert.deepEqual(
        headings,
        paths.map((path) => `${path}:`),
      );
      const written = paths.map((path) => path.replace(/csv$/, 'rejects.csv')).filter(existsSync);
      assert.deepEqual(
        written,
        rejects.map((name) => fixture.path(name)),
      );
      if (says !== undefined) assert.match(ran.err, says);
      const states = fixture.archive.imports().map(({ state }) => state);
      assert.deepEqual(new Set(states), new Set(['done']));
      // Each can be taken back by itself.
      for (const { importId } of fixture.archive.imports())
        if (importId > 1) Array.from(fixture.archive.undoImport(importId));
      assert.deepEqual(namesIn(fixture), ['Olga']);
    });
  }

  it('has a summary of each as JSON, too, which names the file', async (t) => {
    const { fixture, paths } = await withFiles(t, [ANA], [EVA, BAD]);
    const { out } = await fixture.import(paths, { list: 101, json: true });
    const read = out.trim().split('\n');
    assert.deepEqual(
      read.map((line) => {
        const { file, added: count, rejected } = JSON.parse(line) as Record<string, unknown>;
        return [file, count, rejected];
      }),
      [
        [paths[0], 1, 0],
        [paths[1], 1, 1],
      ],
    );
  });

  it('does nothing where a file cannot be used', async (t) => {
    const { fixture, paths } = await withFiles(t, [ANA], [EVA]);
    const [a = '', b = ''] = paths;
    const noPhone = fixture.file('c.csv', 'nombre\nAna\n');
    for (const files of [
      [a, fixture.path('none.csv')],
      [a, b, noPhone],
      [fixture.path('none.csv'), b],
    ]) {
      for (const replace of [false, true]) {
        await assert.rejects(
          fixture.import(files, { list: 101, replace }),
          (cause) => cause instanceof CommandFailure && /none\.csv|c\.csv/.test(cause.message),
        );
        assert.deepEqual(namesIn(fixture), ['Olga']);
      }
    }
    assert.equal(fixture.archive.imports().length, 1);
  });

  it('refuses flags that do not go with several files', async (t) => {
    const { fixture, paths } = await withFiles(t, ...Array.from({ length: 11 }, () => [ANA]));
    for (const [files, flags, why] of [
      [paths.slice(0, 2), { rejects: fixture.path('r.csv') }, /--rejects names one file/],
      [['-', '-'], {}, /standard input \(-\) can be imported once/],
      [paths, { replace: true }, /--replace takes at most 10 files/],
    ] as const) {
      await assert.rejects(
        fixture.import(files, { list: 101, ...flags }),
        (cause) =>
          cause instanceof CommandFailure && cause.exitCode === EXIT.usage && why.test(cause.message),
      );
    }
    assert.deepEqual(namesIn(fixture), ['Olga']);
  });

  it('with --replace takes all of them back when one fails', async (t) => {
    const { fixture, paths } = await withFiles(t, [ANA, '5512345609,Olga'], [EVA, BAD]);
    // Rejects cannot be written: something else has taken the name since.
    const stop = new AbortController();
    const broken = fixture.archive.startImport.bind(fixture.archive);
    let runs = 0;
    t.mock.method(fixture.archive, 'startImport', (...args: Parameters<typeof broken>) => {
      const run = broken(...args);
      if (++runs === 2)
        t.mock.method(run, 'commitBatch', () => {
          throw Object.assign(new Error('disk full'), { code: 'ERR_SQLITE_ERROR' });
        });
      return run;
    });
    await assert.rejects(
      fixture.import(paths, { list: 101, replace: true }, stop.signal),
      (cause) =>
        cause instanceof CommandFailure &&
        /disk full.*what the files had changed was taken back/.test(cause.message),
    );
    assert.deepEqual(namesIn(fixture), ['Olga']);
    const states = fixture.archive.imports().map(({ state }) => state);
    assert.ok(
      states.every((state) => state === 'done' || state === 'undone'),
      states.join(),
    );
  });

  it('with --replace says where what failed cannot be taken back then, which the next import does', async (t) => {
    const { fixture, paths } = await withFiles(t, [ANA, '5512345609,Olga'], [EVA]);
    const start = fixture.archive.startImport.bind(fixture.archive);
    const isFull = () => {
      throw Object.assign(new Error('disk full'), { code: 'ERR_SQLITE_ERROR' });
    };
    const mocks = [
      t.mock.method(fixture.archive, 'undoImport', isFull),
      t.mock.method(fixture.archive, 'startImport', (...args: Parameters<typeof start>) => {
        const run = start(...args);
        if (args[2]?.after !== undefined) t.mock.method(run, 'commitBatch', isFull);
        return run;
      }),
    ];
    await assert.rejects(
      fixture.import(paths, { list: 101, replace: true }),
      (cause) =>
        cause instanceof CommandFailure &&
        cause.exitCode === EXIT.failed &&
        cause.message.includes('failed (disk full) and could not be taken back now; the next import'),
    );
    for (const { mock } of mocks) mock.restore();
    assert.deepEqual(namesIn(fixture), ['Olga', 'Ana']);
    await fixture.import([fixture.file('next.csv', sheet([EVA]))], { list: 101 });
    assert.deepEqual(namesIn(fixture), ['Olga', 'Eva']);
  });

  it('keeps the rejects that another file of the same name has just got', async (t) => {
    const { fixture } = await withFiles(t);
    const files = [fixture.file('x.csv', sheet([ANA, BAD])), fixture.file('x.txt', sheet([EVA]))];
    const { err, exitCode } = await fixture.import(files, { list: 101 });
    assert.equal(exitCode, EXIT.attention);
    assert.match(fixture.read('x.rejects.csv'), /abc,Nadie/);
    assert.doesNotMatch(err, /was removed/);
  });

  it('is tried with --dry-run, file by file, and leaves nothing', async () => {
    const cwd = temporaryFolder();

    writeFileSync(join(cwd, 'a.csv'), sheet([ANA, BAD]));
    writeFileSync(join(cwd, 'b.csv'), sheet([EVA, BAD]));
    const tried = await runCallercard(['import', 'a.csv', 'b.csv', '--list', '101', '--dry-run'], { cwd });
    assert.equal(tried.code, EXIT.attention, tried.stderr);
    assert.equal(
      tried.stderr.match(/^added 1, updated 0, unchanged 0, rejected 1/gm)?.length,
      2,
      tried.stderr,
    );
    assert.deepEqual(readdirSync(cwd).sort(), ['a.csv', 'b.csv']);
    const undo = await runCallercard(['import', 'a.csv', '--undo', '1'], { cwd });
    assert.equal(undo.code, EXIT.usage);
    assert.match(undo.stderr, /--undo takes an import back; it takes no file/);
  });
});
