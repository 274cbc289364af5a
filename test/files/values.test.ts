import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readDate, readMoment } from '../../src/files/dates.ts';
import { readWhole, readYesNo } from '../../src/files/values.ts';

describe('a date in a file', () => {
  it('is a day of the calendar, or the dialer’s no date', () => {
    for (const date of ['1990-12-31', '2024-02-29', '2000-02-29', '1825-10-23', '0000-00-00', '0000-02-29']) {
      assert.equal(readDate(date, undefined), date);
    }
    for (const date of [
      '2023-02-29',
      '1900-02-29',
      '1990-13-01',
      '1990-00-10',
      '1990-04-31',
      '31/12/1990',
      '90-12-31',
      '1990-1-1',
      '',
    ]) {
      assert.equal(readDate(date, undefined), undefined, date);
    }
  });

  it('may have the day or the month first with --dates', () => {
    assert.equal(readDate('31/12/1990', 'dmy'), '1990-12-31');
    assert.equal(readDate('1-2-1990', 'dmy'), '1990-02-01');
    assert.equal(readDate('1.2.1990', 'mdy'), '1990-01-02');
    assert.equal(readDate('1990-12-31', 'dmy'), '1990-12-31');
    for (const date of ['31/12/90', '31/12-1990', '12/31/1990'])
      assert.equal(readDate(date, 'dmy'), undefined, date);
  });

  it('has a time in a moment', () => {
    assert.equal(readMoment('2024-05-06 07:08:09', undefined), '2024-05-06 07:08:09');
    assert.equal(readMoment('2024-05-06T07:08', undefined), '2024-05-06 07:08:00');
    assert.equal(readMoment('06/05/2024 7:08', 'dmy'), '2024-05-06 07:08:00');
    assert.equal(readMoment('0000-00-00 00:00:00', undefined), null);
    for (const text of ['2024-05-06', '2024-05-06 24:00:00', '2024-05-06 07:60', '2024-02-30 07:00', 'now']) {
      assert.equal(readMoment(text, undefined), undefined, text);
    }
  });
});

describe('a number in a file', () => {
  it('is whole and within its limits', () => {
    assert.equal(readWhole('14246', 1, 9_999_999_999), 14246);
    assert.equal(readWhole('007', 1, 10), 7);
    assert.equal(Object.is(readWhole('-0', -5, 5), 0), true);
    for (const text of ['0', '11', '1.0', '1e3', '0x5', ' 5', '', '５'])
      assert.equal(readWhole(text, 1, 10), undefined, text);
    const max = Number.MAX_SAFE_INTEGER;
    assert.equal(readWhole('9007199254740991', -max, max), max);
    assert.equal(readWhole('9007199254740992', -max, max), undefined);
  });
});

describe('a yes or no in a file', () => {
  it('is read in Spanish and English', () => {
    for (const text of ['1', 'yes', 'TRUE', 'si', 'Sí']) assert.equal(readYesNo(text), true, text);
    for (const text of ['0', 'no', 'False', 'NO']) assert.equal(readYesNo(text), false, text);
    for (const text of ['2', 'maybe', '-']) assert.equal(readYesNo(text), undefined, text);
  });
});
