import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { CommandFailure, EXIT } from '../../src/process/exit-code.ts';
import { createImportFixture } from './import-fixture.ts';

const SHEET =
  'Teléfono,Nombre,RFC,Vacía,Cumpleaños\n3315550001,Ana,XAXX010101000,,03/07/1976\n3315550002,Luis,,,no sé\n';

describe('an import of columns that nobody knows', () => {
  it('makes them custom fields, leaves empty ones out, and says both', async (t) => {
    const fixture = createImportFixture(t);
    const { err, exitCode } = await fixture.import(fixture.file('a.csv', SHEET), { list: 101 });
    assert.equal(exitCode, EXIT.ok);
    assert.match(err, /^added 2, updated 0, unchanged 0, rejected 0/);
    assert.match(
      err,
      /^columns: Teléfono → phone_number, Nombre → first_name, RFC → custom field rfc, Cumpleaños → date_of_birth$/m,
    );
    assert.match(err, /^left out: Vacía \(no row has anything in it\)$/m);
    assert.match(err, /^dates of "Cumpleaños" may have day or month first; .*--dates mdy$/m);
    assert.match(
      err,
      /^warnings 1: line 3: date_of_birth 'no sé' is no day of the calendar; it was left out$/m,
    );
    assert.deepEqual(
      fixture.leads().map(({ lead, custom }) => [lead.date_of_birth, custom]),
      [
        ['1976-07-03', [['rfc', 'XAXX010101000']]],
        [null, null],
      ],
    );
  });

  it('names no column that keeps its own name', async (t) => {
    const fixture = createImportFixture(t);
    const sheet = 'phone_number,first_name,city,Teléfono 2\n3315550001,Ana,León,3315550002\n';
    const { err } = await fixture.import(fixture.file('a.csv', sheet), { list: 101 });
    assert.match(err, /^columns: Teléfono 2 → alt_phone; 3 more by their own names$/m);
  });

  it('says the same for programs', async (t) => {
    const fixture = createImportFixture(t);
    const { out } = await fixture.import(fixture.file('a.csv', SHEET), { list: 101, json: true });
    const { columns, warnings, warningCount, notices } = JSON.parse(out) as Record<string, unknown>;
    assert.deepEqual(columns, [
      { column: 'Teléfono', became: 'phone_number' },
      { column: 'Nombre', became: 'first_name' },
      { column: 'RFC', became: 'custom field rfc' },
      { column: 'Vacía', became: null, leftOut: 'empty' },
      { column: 'Cumpleaños', became: 'date_of_birth' },
    ]);
    assert.equal(warningCount, 1);
    assert.deepEqual(warnings, [
      {
        line: 3,
        column: 'date_of_birth',
        text: "date_of_birth 'no sé' is no day of the calendar; it was left out",
        said: {
          code: 'leftOut',
          values: ['date_of_birth', "'no sé'", { code: 'noDay', values: [] }],
        },
      },
    ]);
    assert.equal((notices as unknown[]).length, 1);
  });

  it('refuses them with --strict, and leaves them out with --ignore-unknown', async (t) => {
    const fixture = createImportFixture(t);
    const file = fixture.file('a.csv', SHEET);
    await assert.rejects(
      fixture.import(file, { list: 101, strict: true }),
      (cause) => cause instanceof CommandFailure && cause.message.includes('unknown column "RFC"; settle it'),
    );
    assert.equal(fixture.archive.countLeads(), 0);
    const { err } = await fixture.import(file, { list: 101, ignoreUnknown: true });
    assert.match(
      err,
      /^left out: Vacía \(no row has anything in it\); RFC \(not known\)$|^left out: .*RFC \(not known\)/m,
    );
    assert.deepEqual(fixture.archive.lists()[0]?.customFields, []);
  });

  it('looks at the whole of a long file for values', async (t) => {
    const fixture = createImportFixture(t);
    const rows = Array.from(
      { length: 6_000 },
      (_, at) => `33${15_550_000 + at},${at === 5_990 ? 'late' : ''},03/07/1976`,
    );
    rows.push('3315559999,,12/25/1980');
    const file = fixture.file('a.csv', `Tel,Zona,Nacimiento\n${rows.join('\n')}\n`);
    const { err } = await fixture.import(file, { list: 101 });
    assert.match(err, /Zona → custom field zona/);
    assert.doesNotMatch(err, /may have day or month first/);
    assert.equal(fixture.leads()[0]?.lead.date_of_birth, '1976-03-07');
    assert.deepEqual(fixture.leads()[5_990]?.custom, [['zona', 'late']]);
  });

  it('keeps the type that an earlier import gave them', async (t) => {
    const fixture = createImportFixture(t);
    const text = 'Tel,Edad\n3315550001,31\n';
    await fixture.import(fixture.file('a.csv', text), { list: 101, custom: ['Edad:NUMBER'] });
    const { err } = await fixture.import(
      fixture.file('b.csv', 'Tel,Edad\n3315550001,31\n3315550002,doce\n'),
      { list: 101 },
    );
    assert.match(err, /^added 1, updated 0, unchanged 1, rejected 0/);
    assert.match(err, /warnings 1: line 3: edad 'doce' is no NUMBER; it was left out/);
  });
});
