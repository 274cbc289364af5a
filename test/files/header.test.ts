import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { LEAD_FIELDS } from '../../src/core/lead.ts';
import { FILE_FIELDS } from '../../src/files/file-field.ts';
import { customHeader, readCustomHeader } from '../../src/files/values.ts';
import type { TextSource } from '../../src/files/column-plan.ts';
import { planColumns, type ColumnPlan } from '../../src/files/header.ts';
import type { HeaderFlags } from '../../src/files/header-flags.ts';

const NO_FLAGS: HeaderFlags = { map: [], custom: [], ignore: [] };

function plan(header: readonly string[], flags: Partial<HeaderFlags> = {}, hasList = true): ColumnPlan {
  const planned = planColumns(header, { ...NO_FLAGS, ...flags }, hasList);
  if ('problems' in planned) assert.fail(planned.problems.join('\n'));
  return planned.plan;
}

function problems(
  header: readonly string[],
  flags: Partial<HeaderFlags> = {},
  hasList = true,
): readonly string[] {
  const planned = planColumns(header, { ...NO_FLAGS, ...flags }, hasList);
  return 'problems' in planned ? planned.problems : [];
}

function fieldsOf(planned: ColumnPlan): Record<string, number> {
  const { texts, numbers, emails, others } = planned;
  const at = (source: TextSource): number | undefined => {
    if (source.is === 'number') return numbers[source.place]?.at;
    if (source.is === 'e-mail') return emails[0];
    return 'at' in source ? source.at : undefined;
  };
  const places = texts.flatMap(({ field, source }) => {
    const place = at(source);
    return place === undefined ? [] : [[field, place] as const];
  });
  return { ...Object.fromEntries(places), ...others };
}

describe('a header', () => {
  it('may have every field under its own name', () => {
    const names = [...LEAD_FIELDS, 'is_customer', 'last_local_call_time', 'modify_date', 'list_name'];
    assert.deepEqual(
      fieldsOf(plan(names, {}, false)),
      Object.fromEntries(names.map((name, at) => [name, at])),
    );
  });

  it('may use the names that people use, in any letter case, with or without accents', () => {
    const header = [
      'Teléfono',
      'Teléfono 2',
      'NOMBRE',
      'Apellidos',
      'Correo electrónico',
      'C.P.',
      'Fecha de Nacimiento',
      'Estatus',
      'Estado',
      ' Lista ',
      'Cliente',
    ];
    assert.deepEqual(Object.keys(fieldsOf(plan(header, {}, false))).sort(), [
      'alt_phone',
      'date_of_birth',
      'email',
      'first_name',
      'is_customer',
      'last_name',
      'list_id',
      'phone_number',
      'postal_code',
      'state',
      'status',
    ]);
    assert.deepEqual(fieldsOf(plan(['E-mail', 'ZIP Code', 'Mobile', 'Last  Name'])), {
      email: 0,
      postal_code: 1,
      phone_number: 2,
      last_name: 3,
    });
  });

  it('says with --strict every unknown column with the flags that settle it, in one problem', () => {
    const found = problems(['phone', 'Deporte', 'vendedor'], { strict: true });
    assert.equal(found.length, 1);
    for (const word of [
      '"Deporte"',
      '"vendedor"',
      '--map "NAME=FIELD"',
      '--custom "NAME"',
      '--ignore "NAME"',
      'first_name, ',
    ]) {
      assert.ok(found[0]?.includes(word), `${word} is missing in: ${found[0] ?? ''}`);
    }
    assert.ok(!found[0]?.includes('"phone"'));
  });

  it('that is the first lead is refused as no header', () => {
    for (const value of ['(33) 1234-5678', 'ana@example.com', '5512345678']) {
      const [first] = problems(['Ana', value, 'Guadalajara']);
      assert.match(first ?? '', /^the first line must hold the names of the columns/);
      assert.ok(first?.includes(`"${value}"`), first);
    }
    for (const names of [
      ['phone', 'Deporte'],
      ['x', 'y'],
      ['Saldo 2025', 'Tel. 2'],
    ])
      assert.ok(!problems(names).some((problem) => problem.includes('first line')), names.join());
    // Whoever says what the column is knows that it is one.
    assert.deepEqual(problems(['phone', 'ana@example.com'], { ignore: ['ana@example.com'] }), []);
  });

  it('is settled by the flags', () => {
    const planned = plan(['Tel. de casa', 'Deporte', 'Saldo:MXN', 'colonia'], {
      map: ['tel de casa=phone_number', 'COLONIA=address2'],
      custom: ['Deporte'],
      ignore: ['Saldo:MXN'],
    });
    assert.deepEqual(fieldsOf(planned), { phone_number: 0, address2: 3 });
    assert.deepEqual(
      planned.custom.map(({ at, field, lists }) => [at, field, lists]),
      [[1, { label: 'deporte', type: 'TEXT', caption: 'Deporte' }, undefined]],
    );
    assert.deepEqual([...planned.ignored], [2]);
  });

  it('takes a custom field with its type in any letter case', () => {
    const planned = plan(['phone', 'Años', 'a:b'], { custom: ['Años:number', 'a:b'] });
    assert.deepEqual(
      planned.custom.map(({ field }) => field),
      [
        { label: 'anos', type: 'NUMBER', caption: 'Años' },
        { label: 'a_b', type: 'TEXT', caption: 'a:b' },
      ],
    );
  });

  it('refuses flags that name nothing, or nothing possible', () => {
    const found = problems(['phone', 'x', 'y', '日本'], {
      map: ['z=first_name', 'x=nonsense', 'x'],
      custom: ['y:COLOUR', 'phone:TEXT:DATE', '日本', 'w'],
      ignore: ['v'],
    });
    for (const word of [
      'column "z"',
      'one of lead_id',
      'type is one of TEXT',
      '"日本" cannot be',
      'column "w"',
      'column "v"',
    ]) {
      assert.ok(
        found.some((problem) => problem.includes(word)),
        `${word} is missing in: ${found.join('\n')}`,
      );
    }
  });

  it('refuses one column under two flags and a custom field that has a field’s name', () => {
    assert.match(
      problems(['phone', 'x'], { map: ['x=city'], ignore: ['x'] }).join(),
      /--ignore "x": another flag/,
    );
    assert.match(problems(['phone', 'city'], { custom: ['city'] }).join(), /city is a field of every lead/);
  });

  it('may have two columns for one field: the second is a custom field, but with --strict a problem', () => {
    const header = ['phone', 'ciudad', 'Municipio'];
    const planned = plan(header);
    assert.deepEqual(fieldsOf(planned), { phone_number: 0, city: 1 });
    assert.deepEqual(
      planned.custom.map(({ at, field }) => [at, field.label]),
      [[2, 'municipio']],
    );
    assert.match(
      problems(header, { strict: true }).join(),
      /"ciudad" and "Municipio" both mean city.*--ignore "Municipio".*--map "Municipio=alt_phone"/,
    );
    assert.deepEqual(fieldsOf(plan(header, { map: ['Municipio=city'] })), { phone_number: 0, city: 2 });
    assert.match(
      problems(['phone', 'a', 'b'], { map: ['a=city', 'b=city'] }).join(),
      /"a" and "b" both mean city/,
    );
  });

  it('refuses a file without telephone numbers or without a list, both at once', () => {
    const found = problems(['nombre'], {}, false);
    assert.equal(found.length, 2);
    assert.match(found.join('\n'), /--map "COLUMN=phone_number"[^]*--list ID/);
    assert.deepEqual(problems(['phone', 'lista'], {}, false), []);
  });

  it('counts for nothing where it is a rejects file’s or has no name', () => {
    const planned = plan(['phone', 'reject_line', 'Reject Reason', '', ' ']);
    assert.equal(planned.width, 3);
    assert.deepEqual([...planned.ignored], [1, 2]);
  });

  it('that is another system’s never gives the ids of leads', () => {
    for (const name of ['id', 'ID', 'lead', 'lead_id', 'Lead ID']) {
      const planned = plan([name, 'phone']);
      assert.equal(planned.others.lead_id, undefined, name);
      assert.equal(planned.custom.length, 1, name);
      assert.equal(plan([name, 'phone'], { map: [`${name}=lead_id`] }).others.lead_id, 0, name);
    }
    assert.equal(plan([...FILE_FIELDS]).others.lead_id, 0);
  });
});

describe('a custom field’s header in an export', () => {
  it('says label, type and lists, and is read back', () => {
    const header = customHeader({ label: 'deporte', type: 'SELECT' }, [101, 102]);
    assert.equal(header, 'custom:deporte:SELECT@101,102');
    assert.deepEqual(readCustomHeader(header), {
      field: { label: 'deporte', type: 'SELECT' },
      lists: new Set([101, 102]),
    });
    const odd = { label: 'saldo: 50 % @ "año"', type: 'NUMBER' } as const;
    assert.deepEqual(readCustomHeader(customHeader(odd, [7]))?.field, odd);
  });

  it('is no header when a part is missing or wrong', () => {
    for (const header of [
      'custom:x',
      'custom:x:TEXT',
      'custom:x:TEXT@',
      'custom:x:COLOUR@1',
      'custom:x:TEXT@0',
      'custom:%:TEXT@1',
      'custom::TEXT@1',
    ]) {
      assert.equal(readCustomHeader(header), undefined, header);
    }
  });

  it('may share a label between lists, but not within one', () => {
    assert.deepEqual(problems(['phone', 'custom:x:TEXT@1', 'custom:x:NUMBER@2']), []);
    assert.match(
      problems(['phone', 'custom:x:TEXT@1,2', 'custom:x:NUMBER@2']).join(),
      /both mean the custom field x/,
    );
    assert.match(
      problems(['phone', 'custom:x:TEXT@1', 'X'], { custom: ['X'] }).join(),
      /both mean the custom field x/,
    );
  });
});
