import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

import { CommandFailure, EXIT } from '../../src/process/exit-code.ts';
import { runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused } from './customers.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { createImportFixture, type ImportFixture } from './import-fixture.ts';

const pipeSkip = skipWithout('mkfifo', findProgram('mkfifo') !== undefined, 'coreutils');

function names(fixture: ImportFixture): readonly (string | null)[] {
  return fixture.leads().map(({ lead }) => lead.first_name);
}

/** The failure's one line. */
async function failure(work: Promise<unknown>, exitCode: number = EXIT.failed): Promise<string> {
  try {
    await work;
  } catch (cause) {
    assert.ok(cause instanceof CommandFailure, String(cause));
    assert.equal(cause.exitCode, exitCode);
    assert.doesNotMatch(cause.message, /\n/);
    return cause.message;
  }
  assert.fail('it did not fail');
}

describe('import', () => {
  it('adds the leads, says so, and changes nothing the second time', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file(
      'a.csv',
      'telefono,lista,nombre,cliente\n55 1234 5678,101,Ana,sí\n8112345678,102,Luis,\n',
    );
    const first = await fixture.import(file);
    assert.equal(first.exitCode, EXIT.ok);
    assert.match(
      first.err,
      /^added 2, updated 0, unchanged 0, rejected 0, [\d.]+ s\ncolumns: telefono → phone_number, lista → list_id, nombre → first_name, cliente → is_customer\nto take it back: callercard import --undo 1\n$/,
    );
    assert.equal(first.out, '');
    const before = fixture.leads();
    assert.deepEqual(names(fixture), ['Ana', 'Luis']);
    assert.deepEqual([before[0]?.isCustomer, before[1]?.isCustomer], [true, false]);
    assert.equal(before[0]?.lead.phone_number, '55 1234 5678');
    const second = await fixture.import(file);
    assert.equal(second.exitCode, EXIT.ok);
    assert.match(second.err, /^added 0, updated 0, unchanged 2, rejected 0/);
    assert.deepEqual(fixture.leads(), before);
    assert.ok(!existsSync(fixture.path('a.rejects.csv')));
  });

  it('goes on after bad rows, and writes them to the rejects file with line and reason', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file(
      'a.csv',
      'phone;nombre;notas\r\n5512345678;Ana;"dos\r\nlíneas"\r\nabc;"Luis; ""Lu""";x\r\n\r\n5512345679;Eva\r\n8112345678;Sol;y;z\r\n;;\r\n5512345670;Fin;\r\n',
    );
    const { exitCode, err } = await fixture.import(file, { list: 101 });
    assert.equal(exitCode, EXIT.attention);
    assert.match(err, /^added 2, updated 0, unchanged 0, rejected 3 \(see .*a\.rejects\.csv\), /);
    assert.deepEqual(names(fixture), ['Ana', 'Fin']);
    assert.equal(fixture.leads()[0]?.lead.comments, 'dos\r\nlíneas');
    assert.deepEqual(fixture.read('a.rejects.csv').split('\r\n'), [
      '\uFEFFphone;nombre;notas;reject_line;reject_reason',
      `abc;"Luis; ""Lu""";x;4;"phone_number 'abc' has letters; only digits and + - ( ) . / are understood"`,
      "5512345679;Eva;;6;has 2 of the header's 3 cells",
      "8112345678;Sol;y;7;has more cells than the header: 'z' in column 4;z",
      '',
    ]);
  });

  it('takes a corrected rejects file', async (t) => {
    const fixture = createImportFixture(t);
    await fixture.import(fixture.file('a.csv', 'phone,nombre\nabc,Ana\nabd,Luis\n'), { list: 101 });
    const corrected = fixture.read('a.rejects.csv').replace('abc', '5512345678');
    const { err } = await fixture.import(fixture.file('a.rejects.csv', corrected), { list: 101 });
    assert.match(err, /^added 1, updated 0, unchanged 0, rejected 1 \(see .*a\.rejects\.rejects\.csv\)/);
    assert.deepEqual(names(fixture), ['Ana']);
    assert.match(
      fixture.read('a.rejects.rejects.csv'),
      /^\uFEFFphone,nombre,reject_line,reject_reason\r\nabd,Luis,3,/,
    );
  });

  it('writes the summary as JSON to standard output', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', 'phone\n5512345678\nabc\n');
    const { out } = await fixture.import(file, { list: 101, json: true });
    const { seconds, firstRejected, ...summary } = JSON.parse(out) as Record<string, unknown>;
    assert.equal((firstRejected as { readonly line: number }).line, 3);
    assert.deepEqual(summary, {
      added: 1,
      updated: 0,
      unchanged: 0,
      rejected: 1,
      rejectsFile: fixture.path('a.rejects.csv'),
      importId: 1,
      changedFields: {},
      lines: 3,
      format: null,
      columns: [{ column: 'phone', became: 'phone_number' }],
      notices: [],
      saidNotices: [],
      warningCount: 0,
      warnings: [],
    });
    assert.equal(typeof seconds, 'number');
    const whole = await fixture.import(fixture.file('b.csv', 'phone\n5512345678'), {
      list: 101,
      json: true,
    });
    assert.match(
      whole.out,
      /"unchanged":1,"rejected":0,"rejectsFile":null,"importId":null,"changedFields":{},"lines":2/,
    );
  });

  it('fills the list of rows that name none', async (t) => {
    const fixture = createImportFixture(t);
    await fixture.import(
      fixture.file('a.csv', 'phone,list,list_name\n5512345678,,Norte\n5512345679,102,Sur\n'),
      { list: 101 },
    );
    assert.deepEqual(
      fixture.leads().map(({ lead }) => lead.list_id),
      [101, 102],
    );
    assert.deepEqual(fixture.archive.lists(), [
      { listId: 101, name: 'Norte', customFields: [] },
      { listId: 102, name: 'Sur', customFields: [] },
    ]);
  });

  it('makes custom fields of columns, in every list of the file', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file(
      'a.csv',
      'phone,list,Deporte,Años\n5512345678,101,fútbol,12\n5512345679,102,,\n5512345670,101,x,doce\n',
    );
    const { err } = await fixture.import(file, { custom: ['Deporte:select', 'Años:NUMBER'] });
    assert.match(err, /added 2, updated 0, unchanged 0, rejected 1/);
    const customFields = [
      { label: 'deporte', type: 'SELECT', caption: 'Deporte' },
      { label: 'anos', type: 'NUMBER', caption: 'Años' },
    ];
    assert.deepEqual(fixture.archive.lists(), [
      { listId: 101, name: null, customFields },
      { listId: 102, name: null, customFields },
    ]);
    assert.deepEqual(
      fixture.leads().map(({ custom }) => custom),
      [
        [
          ['deporte', 'fútbol'],
          ['anos', 12],
        ],
        null,
      ],
    );
    const { err: again } = await fixture.import(file, { custom: ['Deporte:select', 'Años:NUMBER'] });
    assert.match(again, /added 0, updated 0, unchanged 2, rejected 1/);
    const { err: other } = await fixture.import(file, { custom: ['Deporte', 'Años:NUMBER'] });
    assert.match(other, /added 0, updated 0, unchanged 0, rejected 3/);
    assert.match(
      fixture.read('a.3.rejects.csv'),
      /list 101 has the custom field deporte as SELECT, not TEXT/,
    );
  });

  it('says all that is wrong with the header at once, and imports nothing', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', 'nombre,"De\x1b[31m\nporte"\nAna,x\n');
    const message = await failure(fixture.import(file, { map: ['x=city'], strict: true }), EXIT.usage);
    assert.match(
      message,
      /no column "x".*unknown column "De\?\[31m ⏎ porte".*--map "COLUMN=phone_number".*--list ID/,
    );
    assert.equal(fixture.archive.countLeads(), 0);
  });

  it('refuses flags that make no sense', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', 'phone\n5512345678\n');
    const refused: readonly (readonly [string, string, RegExp])[] = [
      ['--list', '0', /'--list <id>'.*A list id is a whole number of 1 to 14 digits/],
      ['--list', '1'.repeat(15), /A list id is a whole number of 1 to 14 digits/],
      ['--on-duplicate', 'x', /Allowed choices are update, skip, add/],
      ['--dates', 'ymd', /Allowed choices are dmy, mdy/],
    ];
    for (const [flag, value, message] of refused) {
      const ran = await runCallercard(['import', file, flag, value], { cwd: fixture.path('.') });
      assertRefused(ran, EXIT.usage, message);
    }
    assert.match(
      await failure(fixture.import(file, { list: 1, rejects: file }), EXIT.usage),
      /is the file that is imported/,
    );
    assert.equal(fixture.read('a.csv'), 'phone\n5512345678\n');
  });

  it('58: waits for nobody to write into a pipe', { skip: pipeSkip, timeout: 20_000 }, async (t) => {
    const fixture = createImportFixture(t);
    assert.equal(spawnSync('mkfifo', [fixture.path('pipe.csv')]).status, 0);
    await assert.rejects(
      fixture.import(fixture.path('pipe.csv'), { list: 1 }),
      /pipe.csv is not a regular file; .*standard input/,
    );
  });

  it('refuses what is no lead file, with what to do', async (t) => {
    const fixture = createImportFixture(t);
    const refused = (name: string, content: string | Buffer) =>
      failure(fixture.import(fixture.file(name, content), { list: 101 }));
    assert.match(await failure(fixture.import(fixture.path('none.csv'))), /there is no file .*none\.csv/);
    assert.match(await refused('empty.csv', ''), /is empty/);
    assert.match(await refused('blank.csv', '\n\n ,\n'), /has no header line/);
    assert.match(await refused('a.xlsx', 'PK\x03\x04 and so on'), /is damaged, or no workbook/);
    assert.match(await refused('a.bin', Buffer.from('phone\0\x01\n')), /is not a text file/);
    assert.match(
      await refused('open.csv', '"phone,nombre\n1,2\n'),
      /quote \("\) in the header line is never closed/,
    );
    mkdirSync(fixture.path('folder.csv'));
    assert.match(
      await failure(fixture.import(fixture.path('folder.csv'))),
      /is not a regular file|cannot be read/,
    );
  });

  it('reads a quote that is never closed as it is written, or rejects its line, and goes on below it', async (t) => {
    const fixture = createImportFixture(t);
    const open = `phone,nombre\n5512345678,"A\r\nna"\n5512345679,"Luis\n5512345670\n8112345678,x\n`;
    const { err } = await fixture.import(fixture.file('a.csv', open), { list: 101 });
    assert.match(err, /^added 3, updated 0, unchanged 0, rejected 1/);
    assert.match(err, /first rejected: line 5: has 1 of the header's 2 cells/);
    assert.deepEqual(names(fixture), ['A\r\nna', '"Luis', 'x']);
  });

  it('keeps the text of a line that could not be split among the rejects', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', 'phone,nombre,ciudad\n5512345678,"Ana;\n5512345679,Luis,León\n');
    const { err } = await fixture.import(file, { list: 101 });
    assert.match(err, /^added 1, updated 0, unchanged 0, rejected 1/);
    assert.equal(
      fixture.read('a.rejects.csv').split('\r\n')[1],
      '"5512345678,""Ana;",,,2,"has a quote ("") that is never closed"',
    );
  });

  it('takes the rejects of an earlier import away once nothing is rejected, and nothing else', async (t) => {
    const fixture = createImportFixture(t);
    const bad = fixture.file('a.csv', 'phone,nombre\n5512345678,Ana\nabc,Luis\n');
    await fixture.import(bad, { list: 101 });
    assert.ok(existsSync(fixture.path('a.rejects.csv')));
    const good = fixture.file('a.csv', 'phone,nombre\n5512345678,Ana\n5512345679,Luis\n');
    const { err } = await fixture.import(good, { list: 101 });
    assert.match(err, /nothing was rejected, and so the older .*a\.rejects\.csv was removed/);
    assert.ok(!existsSync(fixture.path('a.rejects.csv')));
    fixture.file('a.rejects.csv', 'phone,reject_line\n1,2\n');
    const again = await fixture.import(good, { list: 101 });
    assert.doesNotMatch(again.err, /removed/);
    assert.equal(fixture.read('a.rejects.csv'), 'phone,reject_line\n1,2\n');
  });

  it('reads standard input and compressed files, and leaves no copy of them', async () => {
    const cwd = temporaryFolder();
    const env = { TMPDIR: join(cwd, 'tmp') };
    mkdirSync(env.TMPDIR);
    const rows = 'phone,nombre\n5512345678,Ana\nabc,Luis\n';
    const ran = await runCallercard(['import', '-', '--list', '1'], { cwd, env, input: rows });
    assert.match(
      ran.stderr,
      /^added 1, updated 0, unchanged 0, rejected 1 \(see standard-input\.rejects\.csv\)/,
    );
    writeFileSync(join(cwd, 'a.csv.gz'), gzipSync(rows));
    const packed = await runCallercard(['import', 'a.csv.gz', '--list', '1'], { cwd, env });
    assert.match(packed.stderr, /unchanged 1, rejected 1 \(see a\.rejects\.csv\)/);
    assert.deepEqual(readdirSync(env.TMPDIR), []);
    writeFileSync(join(cwd, 'b.gz'), gzipSync(rows).subarray(0, 30));
    assertRefused(
      await runCallercard(['import', 'b.gz', '--list', '1'], { cwd }),
      1,
      /b\.gz is a damaged \.gz file/,
    );
  });

  it('stops at the first reject when the rejects cannot be written, and keeps the rows before it', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', 'phone\n5512345678\nabc\n5512345679\n');
    const message = await failure(
      fixture.import(file, { list: 101, rejects: fixture.path('no/such/folder.csv') }),
    );
    assert.match(
      message,
      /rejected rows cannot be written to .*--rejects FILE; what came before stays: added 1/,
    );
    assert.equal(fixture.archive.countLeads(), 1);
  });

  it('stops on Ctrl-C after a whole batch, says how far it came, and finishes the next time', async (t) => {
    const fixture = createImportFixture(t);
    const rows = Array.from({ length: 30_000 }, (_, index) => `55${10_000_000 + index},${'x'.repeat(20)}`);
    const file = fixture.file('a.csv', `phone,notas\n${rows.join('\n')}\n`);
    const controller = new AbortController();
    const running = fixture.import(file, { list: 101, json: true }, controller.signal);
    const watch = setInterval(() => {
      if (fixture.connection.database.isTransaction) controller.abort();
    }, 1);
    const stopped = await running.finally(() => clearInterval(watch));
    assert.equal(stopped.exitCode, EXIT.interrupted);
    const { added, lines } = JSON.parse(stopped.out) as { added: number; lines: number };
    assert.match(
      stopped.err,
      new RegExp(`^stopped after line ${lines}; run the same command again to finish\\n`),
    );
    assert.match(stopped.out, /"stopped":true/);
    assert.ok(added > 0 && added < rows.length, String(added));
    assert.equal(fixture.archive.countLeads(), added);
    assert.equal(lines, added + 1);
    const { err } = await fixture.import(file, { list: 101 });
    assert.match(
      err,
      new RegExp(`^added ${rows.length - added}, updated 0, unchanged ${added}, rejected 0`, 'm'),
    );
  });

  it('leaves the store as it found it when it is stopped before the first row', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', 'phone\n5512345678\n');
    assert.match(
      await failure(fixture.import(file, { list: 101 }, AbortSignal.abort()), EXIT.interrupted),
      /nothing was imported/,
    );
    assert.equal(fixture.archive.countLeads(), 0);
  });
});
