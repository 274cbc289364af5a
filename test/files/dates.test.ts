import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { planColumns } from '../../src/files/header.ts';
import { usualDates } from '../../src/files/column-dates.ts';
import { readAnyDate, readAnyMoment } from '../../src/files/dates.ts';
import { say } from '../../src/files/import-words.ts';
import { ENGLISH_IMPORT } from '../../src/files/import-words-en.ts';
import { noticesOf } from '../../src/files/plan-notices.ts';
import { RowReader } from '../../src/files/row.ts';

const MONTHS = [
  ['enero', 'January', 'janeiro'],
  ['febrero', 'February', 'fevereiro'],
  ['marzo', 'March', 'março'],
  ['abril', 'April', 'abril'],
  ['mayo', 'May', 'maio'],
  ['junio', 'June', 'junho'],
  ['julio', 'July', 'julho'],
  ['agosto', 'August', 'agosto'],
  ['septiembre', 'September', 'setembro'],
  ['octubre', 'October', 'outubro'],
  ['noviembre', 'November', 'novembro'],
  ['diciembre', 'December', 'dezembro'],
] as const;

describe('a date as people and programs write it', () => {
  it('is the day that it means, in any of the ways', () => {
    const day = fc.date({ min: new Date('1928-01-01'), max: new Date('2024-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (date) => {
        const iso = date.toISOString().slice(0, 10);
        const [year = '', month = '', dayOfMonth = ''] = iso.split('-');
        const [d, m] = [Number(dayOfMonth), Number(month)];
        const [es, en, pt] = MONTHS[m - 1] ?? ['', '', ''];
        const serial = Math.round((Date.parse(iso) - Date.UTC(1899, 11, 30)) / 86_400_000);
        for (const text of [
          iso,
          `${iso}T06:00:00.000Z`,
          `${iso} 00:00:00`,
          `${d}/${m}/${year}`,
          `${dayOfMonth}.${month}.${year}`,
          `${d}-${m}-${year} 12:00:00 a. m.`,
          `${year}/${m}/${d}`,
          `${year}${month}${dayOfMonth}`,
          `${d} de ${es} de ${year}`,
          `${d} de ${pt} de ${year}`,
          `${en} ${d}, ${year}`,
          `${d}-${es.slice(0, 3)}-${year}`,
          `${d}/${es.slice(0, 3).toUpperCase()}./${year}`,
          String(serial),
        ]) {
          assert.equal(readAnyDate(text, 'dmy'), iso, text);
        }
        assert.equal(readAnyDate(`${m}/${d}/${year}`, 'mdy'), iso);
      }),
    );
  });

  it('may have a year of two digits, of the last hundred', () => {
    assert.equal(readAnyDate('15-mar-85', 'dmy'), '1985-03-15');
    assert.equal(readAnyDate('3/7/76', 'dmy'), '1976-07-03');
    assert.equal(readAnyDate('3/7/05', 'mdy'), '2005-03-07');
  });

  it('may have no year', () => {
    for (const text of ['--03-15', '--0315', '15 de marzo', 'March 15', '0000-03-15'])
      assert.equal(readAnyDate(text, 'dmy'), '0000-03-15', text);
  });

  it('may be none, which is said in many ways', () => {
    for (const text of ['0/0/00', '00/00/0000', '0-0-0', '0'])
      assert.equal(readAnyDate(text, 'dmy'), null, text);
    assert.equal(readAnyDate('0000-00-00', 'dmy'), '0000-00-00');
  });

  it('is nothing else', () => {
    for (const text of [
      'no sé',
      '1985',
      '31/13/1990',
      '30 de febrero de 1990',
      'marzo',
      '12',
      '2024-02-30',
      'mañana 12 99',
      '1/2',
      '123456',
    ])
      assert.equal(readAnyDate(text, 'dmy'), undefined, text);
  });

  it('has its time in a moment', () => {
    assert.equal(readAnyMoment('15/03/2024 5:06 p. m.', 'dmy'), '2024-03-15 17:06:00');
    assert.equal(readAnyMoment('15/03/2024', 'dmy'), '2024-03-15 00:00:00');
    assert.equal(readAnyMoment('2024-03-15T05:06:07.123Z', 'dmy'), '2024-03-15 05:06:07');
    assert.equal(readAnyMoment('ayer', 'dmy'), undefined);
  });
});

describe('a column of dates', () => {
  const header = ['phone', 'dob', 'alta'];
  function read(dates: readonly string[], country: 'MX' | 'US' = 'MX', others: readonly string[] = []) {
    const rows = dates.map((date, at) => ['5512345678', date, others[at] ?? '']);
    const content = { samples: rows, columnsWithValues: undefined };
    const planned = planColumns(header, { map: [], custom: [], ignore: [] }, true, content);
    assert.ok('plan' in planned);
    const reader = new RowReader(planned.plan, { country, listId: 1, dates: undefined });
    const values = rows.map((cells) => {
      const row = reader.read(cells);
      return typeof row === 'string' ? row : row.texts[1];
    });
    const notices = noticesOf(planned.plan, header, content, { country, dates: undefined });
    return { values, notices: notices.map((notice) => say(ENGLISH_IMPORT.notices, notice)) };
  }

  it('is read as any of its rows shows', () => {
    assert.deepEqual(read(['03/07/1976', '25/12/1980'], 'US').values, ['1976-07-03', '1980-12-25']);
    assert.deepEqual(read(['03/07/1976', '12/25/1980'], 'MX').values, ['1976-03-07', '1980-12-25']);
    assert.deepEqual(read(['03/07/1976', '12/25/1980'], 'MX').notices, []);
  });

  it('is read as the other dates of the file where it does not say', () => {
    assert.deepEqual(read(['03/07/1976'], 'US', ['31/12/2020']).values, ['1976-07-03']);
  });

  it('is read as the country writes dates where nothing says, with a notice', () => {
    const [mexican, american] = [read(['03/07/1976']), read(['03/07/1976'], 'US')];
    assert.deepEqual(mexican.values, ['1976-07-03']);
    assert.deepEqual(american.values, ['1976-03-07']);
    assert.match(mexican.notices.join(), /dates of "dob" may have .* day first, as in MX; .*--dates mdy/);
    assert.match(american.notices.join(), /month first, as in US; .*--dates dmy/);
    assert.deepEqual(read(['07/07/1976', '1980-01-02']).notices, []);
  });

  it('has a usual order in every country', () => {
    for (const country of ['MX', 'ES', 'AR', 'BR', 'GB', 'DE', 'JP', 'CA'])
      assert.equal(usualDates(country), 'dmy');
    assert.equal(usualDates('US'), 'mdy');
  });
});
