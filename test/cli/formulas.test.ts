/** Files of ours in a spreadsheet: nothing in them runs, and what comes back from them is what was there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';

import { csvLine } from '../../src/files/csv.ts';
import { EXIT } from '../../src/process/exit-code.ts';
import { runCallercard } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { createImportFixture } from './import-fixture.ts';

const RUNS = /^[\s"]*[=+\-@＝＋－＠]|^[\t\r\n\0]/;

/** The cells of a file, line by line, as a spreadsheet of this delimiter has them. */
function cellsOf(text: string, delimiter: string): readonly (readonly string[])[] {
  return parse(text, { delimiter, bom: true, relax_column_count: true, relax_quotes: true });
}

function assertNothingRuns(text: string, delimiter: string): void {
  for (const cells of cellsOf(text, delimiter))
    for (const cell of cells) assert.doesNotMatch(cell, RUNS, JSON.stringify(cell));
}

const PIECES = [
  "'",
  '"',
  '=',
  '+',
  '-',
  '@',
  '＝',
  '\t',
  '\r',
  '\n',
  '\0',
  ',',
  ';',
  '|',
  ' ',
  'a',
  '=1+1',
  "'=",
] as const;
const value = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

/** One row: what is in the text fields and in a custom field. */
const row = fc.record({
  first_name: fc.option(value),
  comments: fc.option(value),
  city: fc.option(value),
  status: fc.option(value),
  extra: fc.option(value),
});

const COLUMNS = ['first_name', 'comments', 'city', 'status', 'extra'] as const;
const FLAGS = { list: 101, custom: ['extra:AREA'], onDuplicate: 'add' } as const;
const BAD = 'no number';
const GOOD = '5512345678';

describe('rejects', () => {
  it('56: have each value as text, headers and reasons too, and give it back when they are imported', async (t) => {
    const rows = fc.array(row, { minLength: 10, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(',', ';', '\t', '|'), async (rows, delimiter) => {
        const write = (phone: string) =>
          [[...COLUMNS, 'phone'], ...rows.map((each) => [...COLUMNS.map((name) => each[name]), phone])]
            .map((cells) => `${csvLine(cells, delimiter)}\n`)
            .join('');
        const wanted = createImportFixture(t);
        assert.equal((await wanted.import(wanted.file('a.csv', write(GOOD)), FLAGS)).exitCode, EXIT.ok);

        const rejected = createImportFixture(t);
        const first = await rejected.import(rejected.file('a.csv', write(BAD)), FLAGS);
        assert.match(first.err, new RegExp(`^added 0, updated 0, unchanged 0, rejected ${rows.length} `));
        const rejects = rejected.read('a.rejects.csv');
        assertNothingRuns(rejects, delimiter);

        const again = await rejected.import(rejected.path('a.rejects.csv'), FLAGS);
        assert.match(again.err, new RegExp(`rejected ${rows.length} `));
        const corrected = rejected.read('a.rejects.rejects.csv').replaceAll(BAD, GOOD);
        const fixture = createImportFixture(t);
        const last = await fixture.import(fixture.file('corrected.csv', corrected), FLAGS);
        assert.equal(last.exitCode, EXIT.ok, last.err);
        const contents = (of: typeof fixture) =>
          of
            .leads()
            .map(({ lead, custom }) => [COLUMNS.slice(0, 4).map((name) => lead[name as 'city']), custom]);
        assert.deepEqual(contents(fixture), contents(wanted));
      }),
      { numRuns: 12 },
    );
  });

  it('56: have no header that runs, and are understood again with the same flags', async (t) => {
    const fixture = createImportFixture(t);
    const flags = { list: 101, map: ['=cmd=first_name', '+phone=phone_number'], ignore: ["'@x"] };
    const file = fixture.file('a.csv', "=cmd,+phone,'@x\nAna,+abc,1\n");
    await fixture.import(file, flags);
    const rejects = fixture.read('a.rejects.csv');
    assertNothingRuns(rejects, ',');
    assert.match(rejects, /^\uFEFF'=cmd,'\+phone,''@x,reject_line,reject_reason\r\nAna,'\+abc,1,2,/);
    const corrected = fixture.file('b.csv', rejects.replace("'+abc", "'+52 55 1234 5678"));
    assert.equal((await fixture.import(corrected, flags)).exitCode, EXIT.ok);
    assert.deepEqual(
      fixture.leads().map(({ lead }) => [lead.first_name, lead.phone_number]),
      [['Ana', '+52 55 1234 5678']],
    );
  });

  it('have a delimiter that is found again, where the file said sep=', async (t) => {
    const fixture = createImportFixture(t);
    await fixture.import(fixture.file('a.csv', 'sep=^\nphone^a,b,c;d\nabc^x\n'), {
      list: 101,
      custom: ['a,b,c;d'],
    });
    const rejects = fixture.read('a.rejects.csv');
    assert.match(rejects, /^\uFEFFphone,"a,b,c;d",reject_line,reject_reason\r\nabc,x,3,/);
  });
});

describe('export --for-spreadsheet', () => {
  async function create(content: string): Promise<string> {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.csv'), content);
    const args = ['import', 'a.csv', '--list', '101', '--custom', 'extra:NUMBER'];
    const ran = await runCallercard(args, { cwd });
    assert.equal(ran.code, EXIT.ok, ran.stderr);
    return cwd;
  }

  it('56: writes what would run as text, says so in its header, and is read back to the same leads', async () => {
    const cwd = await create(
      'phone,nombre,notas,extra\n+49 170 1234567,=1+1,"- uno\n- dos",-5\n5512345678,\'=x,@,7\n',
    );
    const plain = await runCallercard(['export'], { cwd });
    assert.match(plain.stdout, /^1,101,,=1\+1,/m);
    const escaped = await runCallercard(['export', 'out.csv', '--for-spreadsheet'], { cwd });
    assert.equal(escaped.code, EXIT.ok, escaped.stderr);
    const { stdout } = await runCallercard(['export', '--for-spreadsheet'], { cwd });
    const [header = '', first = ''] = stdout.split('\n');
    assert.ok(header.endsWith(',formulas_escaped'), header);
    // By which Excel knows that it is UTF-8.
    assert.match(readFileSync(join(cwd, 'out.csv'), 'utf8'), /^\uFEFFlead_id,/);
    assert.doesNotMatch(plain.stdout, /\uFEFF|formulas_escaped/);
    assert.match(first, /^1,101,,'=1\+1,,,'\+49 170 1234567,/);
    // Numbers are numbers: nothing runs, and they can be added up.
    for (const [at, cells] of cellsOf(stdout, ',').entries())
      assert.deepEqual(
        cells.filter((cell) => RUNS.test(cell)),
        at === 1 ? ['-5'] : [],
      );
    assert.match(stdout, /^2,101,,''=x,/m);

    const other = temporaryFolder();
    const back = await runCallercard(['import', join(cwd, 'out.csv')], { cwd: other });
    assert.equal(back.code, EXIT.ok, back.stderr);
    assert.equal((await runCallercard(['export'], { cwd: other })).stdout, plain.stdout);
    assert.ok(!existsSync(join(cwd, 'out.rejects.csv')));
  });
});
