import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';

import { CommandFailure, EXIT } from '../../src/process/exit-code.ts';
import { exportLeads } from '../../src/cli/export.ts';
import { createTerminal } from '../../src/process/terminal.ts';
import {
  CUSTOM_FIELD_TYPES,
  LEAD_TEXT_FIELDS,
  type CustomField,
  type CustomValue,
} from '../../src/core/lead.ts';
import type { ImportRow } from '../../src/core/lead-archive.ts';
import { createImportFixture, createTestTerminal, type ImportFixture, unrecorded } from './import-fixture.ts';

async function exported(
  fixture: ImportFixture,
  file?: string,
  isForced = false,
  forSpreadsheet = false,
): Promise<{ out: string; err: string }> {
  const { terminal, out, err } = createTestTerminal();
  const context = { ...unrecorded, archive: fixture.archive, terminal, forSpreadsheet };
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

describe('what export writes, import reads back', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const day = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  const date = fc.oneof(
    fc.constant('0000-00-00'),
    day.map((value) => value.toISOString().slice(0, 10)),
  );
  const moment = day.map((value) => value.toISOString().slice(0, 19).replace('T', ' '));
  const phone = fc.constantFrom(
    '5512345678',
    '+52 1 55 1234 5678',
    '(55) 1234-5678',
    '800432',
    '00 34 600 000 000',
  );
  const field = fc.record({
    label: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    type: fc.constantFrom(...CUSTOM_FIELD_TYPES),
  });
  const list = fc.record({
    name: fc.option(text),
    fields: fc.uniqueArray(
      fc.oneof(
        field,
        fc.constantFrom<CustomField>(
          { label: 'plan', type: 'TEXT' },
          { label: '2024', type: 'NUMBER' },
          { label: '__proto__', type: 'DATE' },
        ),
      ),
      { maxLength: 4, selector: ({ label }) => label },
    ),
  });
  const lead = fc.record({
    leadId: fc.integer({ min: 1, max: 9_999_999_999 }),
    list: fc.nat(),
    texts: fc.tuple(...LEAD_TEXT_FIELDS.map((name) => textOf(name))),
    isCustomer: fc.boolean(),
    lastLocalCallTime: fc.option(moment),
    modifyDate: moment,
    values: fc.array(fc.option(fc.tuple(text, fc.maxSafeInteger(), date)), { minLength: 4, maxLength: 4 }),
  });

  function textOf(name: string): fc.Arbitrary<string | null> {
    if (name === 'phone_number') return phone;
    if (name === 'date_of_birth') return fc.option(date);
    const any = name === 'alt_phone' ? text.map((value) => value.trim()) : text;
    return fc.option(any);
  }

  function valueOf(
    { type }: CustomField,
    value: readonly [string, number, string] | null | undefined,
  ): CustomValue {
    if (value === null || value === undefined) return null;
    return type === 'NUMBER' ? value[1] : type === 'DATE' ? value[2] : value[0];
  }

  it('56: to the same leads and lists and bytes, also with --for-spreadsheet', async (t) => {
    const lists = fc.array(list, { minLength: 1, maxLength: 3 });
    const leads = fc.uniqueArray(lead, { minLength: 1, maxLength: 8, selector: ({ leadId }) => leadId });
    await fc.assert(
      fc.asyncProperty(lists, leads, async (lists, leads) => {
        const first = createImportFixture(t);
        const run = first.archive.startImport(
          { texts: LEAD_TEXT_FIELDS, isCustomer: true, lastLocalCallTime: true, numbers: false },
          'update',
        );
        for (const [index, each] of leads.entries()) {
          const place = each.list % lists.length;
          const fields = lists[place]?.fields ?? [];
          run.prepareList(101 + place, lists[place]?.name ?? undefined, fields);
          const custom = new Map(fields.map((each_, at) => [each_.label, valueOf(each_, each.values[at])]));
          const row: ImportRow = { ...each, listId: 101 + place, custom, numbers: [] };
          assert.equal(run.write(row, index + 1), 'added');
        }
        run.commitBatch();
        run.close();
        const { out } = await exported(first);
        const second = createImportFixture(t);
        const { exitCode, err } = await second.import(second.file('a.csv', out));
        assert.equal(exitCode, EXIT.ok, err);
        assert.deepEqual(second.leads(), first.leads());
        assert.deepEqual(second.archive.lists(), first.archive.lists());
        assert.equal((await exported(second)).out, out);
        const { out: escaped } = await exported(first, undefined, false, true);
        const { err: again } = await second.import(second.file('escaped.csv', escaped));
        assert.match(again, new RegExp(`^added 0, updated 0, unchanged ${leads.length}, rejected 0`));
      }),
      { numRuns: 60 },
    );
  });
});
