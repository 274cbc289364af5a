import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readVcardLine } from '../../src/files/vcard-lines.ts';
import { readContent, type ReadSource } from './read-source.ts';

function named({ header, rows }: ReadSource): readonly Readonly<Record<string, string>>[] {
  return rows.map(({ cells }) =>
    Object.fromEntries(header.flatMap((name, at) => (cells[at] == null ? [] : [[name, cells[at]]]))),
  );
}

const card = (...lines: readonly string[]) => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n');

describe('a vCard', () => {
  it('of version 2.1 is read: bare parameters, QUOTED-PRINTABLE over lines, pictures', async () => {
    const found = await readContent(
      card(
        'VERSION:2.1',
        'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:N=C3=BA=C3=B1ez;Jos=C3=A9;;Dr.;',
        'FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Jos=E9',
        'TEL;HOME;VOICE:33 1111 0001',
        'TEL;CELL;PREF:+52 1 33 2345 6811',
        'NOTE;ENCODING=QUOTED-PRINTABLE:uno=0Ados =',
        '=3D tres',
        'PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ',
        ' SkZJRg==',
        '',
        'BDAY:19800229',
      ),
    );
    assert.deepEqual(named(found), [
      {
        first_name: 'José',
        last_name: 'Núñez',
        title: 'Dr.',
        'Phone 1 - Label': 'Mobile',
        'Phone 1 - Value': '+52 1 33 2345 6811',
        'Phone 2 - Label': 'Home',
        'Phone 2 - Value': '33 1111 0001',
        Birthday: '1980-02-29',
        Notes: 'uno\ndos = tres',
      },
    ]);
    assert.deepEqual([found.kind, found.bad, found.bytes], ['vcf', [], found.size]);
  });

  it('of version 3.0 and 4.0 is read: folded lines, groups, labels, escapes', async () => {
    const found = await readContent(
      card(
        'VERSION:4.0',
        'N:Ibarra;Rosa;María;;',
        'item1.TEL;type=pref:tel:+525512345678',
        'item1.X-ABLabel:_$!<Oficina>!$_',
        'TEL;VALUE=uri;TYPE="voice,cell":tel:+523312345678',
        'EMAIL;TYPE=INTERNET:rosa@exam',
        ' ple.com',
        'ADR;TYPE=home:;Int 3;Calle 1\\, col;Guadalajara;JAL;44100;México',
        'ORG:Flores Ibarra\\; S.A.;Ventas',
        'TITLE:Dueña',
        'BDAY:--0229',
        'NOTE:a\\nb\\, c',
        'PHOTO;ENCODING=b;TYPE=JPEG:AAAA',
        ' BBBB',
      ),
    );
    assert.deepEqual(named(found), [
      {
        first_name: 'Rosa',
        last_name: 'Ibarra',
        middle_initial: 'María',
        'Organization Name': 'Flores Ibarra; S.A., Ventas',
        'Organization Title': 'Dueña',
        'Phone 1 - Label': 'Oficina',
        'Phone 1 - Value': '+525512345678',
        'Phone 2 - Label': 'Mobile',
        'Phone 2 - Value': '+523312345678',
        'E-mail 1 - Value': 'rosa@example.com',
        'Address 1 - Label': 'Home',
        'Address 1 - Street': 'Calle 1, col, Int 3',
        'Address 1 - City': 'Guadalajara',
        'Address 1 - Region': 'JAL',
        'Address 1 - Postal Code': '44100',
        'Address 1 - Country': 'México',
        Birthday: '--02-29',
        Notes: 'a\nb, c',
      },
    ]);
  });

  it('has the name that it has: the whole one, or the company’s', async () => {
    const found = await readContent(
      card('VERSION:3.0', 'FN:Taller López', 'TEL:1') + card('ORG:Talleres', 'TEL:2', 'BDAY:1604-03-15'),
    );
    assert.deepEqual(
      named(found).map((each) => [each.first_name, each['Organization Name'], each.Birthday]),
      [
        ['Taller López', undefined, undefined],
        ['Talleres', 'Talleres', '--03-15'],
      ],
    );
  });

  it('of very many lines, however these go on, takes no longer for each of them', async () => {
    const many = 150_000;
    const each: Readonly<Record<string, readonly [first: string, more: string, last: string]>> = {
      folded: ['NOTE:', '\n x', ''],
      'folded before its colon': ['NOTE', '\n ;x', '\n :y'],
      'with soft breaks': ['NOTE;QUOTED-PRINTABLE:=', '\nx=', '\nx'],
      'folded, and like a soft break': ['NOTE:', '\n x=', ''],
    };
    for (const [name, [first, more, last]] of Object.entries(each)) {
      const started = performance.now();
      const found = await readContent(card('FN:Ana', 'TEL:1', first + more.repeat(many) + last));
      // Where the text so far was copied for each line, it took a minute.
      assert.ok(performance.now() - started < 10_000, name);
      assert.equal(named(found)[0]?.first_name, 'Ana', name);
    }
  });

  it('that has no end takes no other one with it', async () => {
    const found = await readContent(
      `BEGIN:VCARD\nFN:Roto\nTEL:1\n${card('FN:Ana', 'TEL:2')}astray\n${card('FN:Eva', 'AGENT:', 'BEGIN:VCARD', 'FN:X', 'END:VCARD', 'TEL:3')}BEGIN:VCARD\nFN:Luis`,
    );
    assert.deepEqual(
      named(found).map((each) => [each.first_name, each['Phone 1 - Value']]),
      [
        ['Ana', '2'],
        ['Eva', '3'],
      ],
    );
    assert.deepEqual(found.bad, [
      { raw: 'BEGIN:VCARD\nFN:Roto\nTEL:1', line: 1, reason: 'has no END:VCARD' },
      { raw: 'astray', line: 8, reason: 'is in no vCard' },
      { raw: 'BEGIN:VCARD\nFN:Luis', line: 17, reason: 'has no END:VCARD' },
    ]);
    assert.equal(found.damage, 'FILE was cut off: its last vCard has no END:VCARD');
    await assert.rejects(readContent('BEGIN:VCARD\nFN:Ana\n'), /has no whole vCard/);
  });

  it('has properties with colons and semicolons in quotes', () => {
    const line = readVcardLine('TEL;X-A="a:b;c";TYPE=home:tel:5');
    assert.deepEqual([line?.name, line?.types, line?.value], ['TEL', ['HOME'], 'tel:5']);
    assert.equal(readVcardLine('nothing'), undefined);
  });
});
