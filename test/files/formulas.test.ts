import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';

import { csvLine } from '../../src/files/csv.ts';
import { escapeFormulas, hasEscapedFormulas, unescapeFormulas } from '../../src/files/formulas.ts';

/** Texts of what matters here, and of anything else. */
const PIECES = [
  "'",
  '"',
  '=',
  '+',
  '-',
  '@',
  '＝',
  '＠',
  '\t',
  '\r',
  '\n',
  '\0',
  ',',
  ';',
  ' ',
  '\ufeff',
  'a',
  '=1+1',
  "'=",
] as const;
const cell = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

describe('a value that a spreadsheet would run', () => {
  it('56: is written with an apostrophe before the sign, and everything else as it is', () => {
    const table: readonly (readonly [string, string])[] = [
      ['=1+1', "'=1+1"],
      ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
      ['+49 170 1234567', "'+49 170 1234567"],
      ['-5', "'-5"],
      ['@SUM(A1)', "'@SUM(A1)"],
      ['\t=1', "'\t'=1"],
      ['\tx', "'\tx"],
      ['\rx', "'\rx"],
      ['\nx', "'\nx"],
      ['\0x', "'\0x"],
      // Google Sheets and LibreOffice take blanks away; Excel in Japanese runs the full-width signs.
      [' =1', " '=1"],
      ['\u00a0+1', "\u00a0'+1"],
      ['＝1+1', "'＝1+1"],
      ['＠x', "'＠x"],
      // Where a spreadsheet divides cells by another sign.
      ['x;=1+1', "x;'=1+1"],
      ['x, "=1+1', `x, "'=1+1`],
      ['x\n=1+1', "x\n'=1+1"],
      // The apostrophe itself.
      ["'=1", "''=1"],
      ["''=1", "'''=1"],
      ["'\tx", "''\tx"],
      // Nothing here runs.
      ['', ''],
      ["'", "'"],
      ["O'Neil", "O'Neil"],
      ["'x", "'x"],
      ['a=b', 'a=b'],
      ['bruno@email.com', 'bruno@email.com'],
      ['55-1234 +1', '55-1234 +1'],
      ['x\ny', 'x\ny'],
    ];
    for (const [value, written] of table) {
      assert.equal(escapeFormulas(value), written);
      assert.equal(unescapeFormulas(written), value);
    }
  });

  it('56: is read back as it was, whatever it is', () => {
    fc.assert(
      fc.property(cell, (value) => assert.equal(unescapeFormulas(escapeFormulas(value)), value)),
      { numRuns: 20_000 },
    );
  });

  /** Reads a file as a spreadsheet may: by any sign, quotes wherever they are, blanks around cells dropped. */
  function cellsIn(text: string): readonly string[] {
    return text.split(/[,;\t\r\n]/).map((part) => part.replace(/^["\s\0]+/, ''));
  }

  it('56: begins no cell, by whichever sign a spreadsheet divides the line', () => {
    const cells = fc.array(cell, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(cells, fc.constantFrom(',', ';', '\t'), (values, delimiter) => {
        const escaped = values.map(escapeFormulas);
        for (const one of escaped) assert.doesNotMatch(one, /^[=+\-@＝＋－＠\t\r\n\0]/);
        for (const one of cellsIn(csvLine(escaped, delimiter))) assert.doesNotMatch(one, /^[=+\-@＝＋－＠]/);
      }),
      { numRuns: 10_000 },
    );
  });

  it('takes time that grows with its length alone', () => {
    for (const value of [
      ' '.repeat(1_000_000),
      `x${' '.repeat(1_000_000)}=`,
      '\n'.repeat(1_000_000),
      '= '.repeat(500_000),
    ]) {
      const started = performance.now();
      assert.equal(unescapeFormulas(escapeFormulas(value)), value);
      assert.ok(performance.now() - started < 2_000, JSON.stringify(value.slice(0, 3)));
    }
  });

  it('is read back only from files of ours that say so', () => {
    assert.ok(hasEscapedFormulas(['phone', 'reject_line', 'reject_reason']));
    assert.ok(hasEscapedFormulas(['phone', 'formulas_escaped']));
    assert.ok(!hasEscapedFormulas(['phone', 'notes']));
  });
});
