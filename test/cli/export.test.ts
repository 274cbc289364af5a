import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';

import { CommandFailure, EXIT } from '../../src/process/exit-code.ts';
import { exportLeads } from '../../src/cli/export.ts';
import { createTerminal } from '../../src/process/terminal.ts';
import { createImportFixture, createTestTerminal, type ImportFixture, unrecorded } from './import-fixture.ts';

async function exported(
  fixture: ImportFixture,
  file?: string,
  isForced = false,
): Promise<{ out: string; err: string }> {
  const { terminal, out, err } = createTestTerminal();
  const context = { ...unrecorded, archive: fixture.archive, terminal };
  assert.equal(await exportLeads(file, isForced, context), EXIT.ok);
  return { out: out(), err: err() };
}

async function filled(t: TestContext): Promise<ImportFixture> {
  const fixture = createImportFixture(t);
  const content =
    'lead_id,phone,list,list_name,nombre,notas,ciudad,modify_date,custom:plan:SELECT@101,custom:años:NUMBER@101\n' +
    '9,"5512345679",102,Sur,Eva,"a ""b"", c\nd","",2024-01-02 03:04:05,,\n' +
    '7,5512345678,101,,Ana,,,2024-01-02 03:04:05,gold,12\n';
  const { exitCode } = await fixture.import(fixture.file('a.csv', content));
  assert.equal(exitCode, EXIT.ok);
  return fixture;
}

const EXPECTED = [
  'lead_id,list_id,title,first_name,middle_initial,last_name,phone_number,alt_phone,email,address1,address2,address3,city,state,province,postal_code,country_code,gender,date_of_birth,status,user,comments,is_customer,last_local_call_time,modify_date,list_name,custom:plan:SELECT@101,custom:a%C3%B1os:NUMBER@101',
  '7,101,,Ana,,,5512345678,,,,,,,,,,,,,,,,0,,2024-01-02 03:04:05,,gold,12',
  '9,102,,Eva,,,5512345679,,,,,,"",,,,,,,,,"a ""b"", c\nd",0,,2024-01-02 03:04:05,Sur,,',
  '',
].join('\n');

describe('export', () => {
  it('writes every lead by its id to standard output, and nothing else', async (t) => {
    const fixture = await filled(t);
    assert.deepEqual(await exported(fixture), { out: EXPECTED, err: '' });
    assert.deepEqual(await exported(fixture, '-'), { out: EXPECTED, err: '' });
  });

  it('writes a file under its name only when it is whole, for its owner alone', async (t) => {
    const fixture = await filled(t);
    const file = fixture.path('out.csv');
    assert.deepEqual(await exported(fixture, file), { out: '', err: `exported 2 leads to ${file}\n` });
    assert.equal(fixture.read('out.csv'), EXPECTED);
    assert.equal(statSync(file).mode & 0o077, 0);
    assert.deepEqual(
      readdirSync(fixture.path('')).filter((name) => name.includes('part')),
      [],
    );
  });

  it('does not overwrite a file without --force', async (t) => {
    const fixture = await filled(t);
    const file = fixture.file('out.csv', 'mine');
    await assert.rejects(
      exported(fixture, file),
      (cause) => cause instanceof CommandFailure && /exists; .*--force/.test(cause.message),
    );
    assert.equal(fixture.read('out.csv'), 'mine');
    await exported(fixture, file, true);
    assert.equal(fixture.read('out.csv'), EXPECTED);
  });

  it('says why a file cannot be written, and leaves none', async (t) => {
    const fixture = await filled(t);
    const file = fixture.path('no/such/out.csv');
    await assert.rejects(
      exported(fixture, file),
      (cause) =>
        cause instanceof CommandFailure &&
        /^there is no folder for .+out\.csv; make it, or name another file$/.test(cause.message),
    );
    const { terminal } = createTestTerminal();
    const work = exportLeads(fixture.path('out.csv'), false, {
      ...unrecorded,
      archive: fixture.archive,
      terminal,
      signal: AbortSignal.abort(),
    });
    await assert.rejects(
      work,
      (cause) => cause instanceof CommandFailure && cause.exitCode === EXIT.interrupted,
    );
    assert.ok(!existsSync(fixture.path('out.csv')));
  });

  it('ends silently when its reader closes the pipe', async (t) => {
    const fixture = await filled(t);
    const stdout = new Writable({
      write: (_bytes, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    const err = new PassThrough();
    const terminal = createTerminal(new PassThrough(), stdout, err);
    assert.equal(
      await exportLeads(undefined, false, { ...unrecorded, archive: fixture.archive, terminal }),
      EXIT.ok,
    );
    assert.equal(err.read(), null);
  });

  it('writes an empty store as a header, which can be read back', async (t) => {
    const fixture = createImportFixture(t);
    const { out } = await exported(fixture);
    assert.match(out, /^lead_id,.*,list_name\n$/);
    const { err, exitCode } = await fixture.import(fixture.file('a.csv', out));
    assert.match(err, /^there is no row below the header\nadded 0, updated 0, unchanged 0, rejected 0/);
    assert.equal(exitCode, EXIT.attention);
  });
});
