import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';

import { mayBePlain, PlainRows } from '../../src/files/plain-rows.ts';
import { TextFeatures } from '../../src/files/survey.ts';

interface Read {
  readonly rows: readonly { readonly cells: readonly (string | null)[]; readonly line: number }[];
  readonly rest: string;
  readonly linesBeforeRest: number;
  readonly isStuck: boolean;
}

function read(bytes: Buffer, size: number, delimiter = ','): Read {
  const rows: { cells: readonly (string | null)[]; line: number }[] = [];
  const plain = new PlainRows(delimiter, 0, (cells, line) => rows.push({ cells, line }));
  let at = 0;
  for (; at < bytes.length && !plain.isStuck; at += size) plain.add(bytes.subarray(at, at + size));
  const rest = Buffer.concat([plain.rest, bytes.subarray(at)]).toString();
  return { rows, rest, linesBeforeRest: plain.linesBeforeRest, isStuck: plain.isStuck };
}

/** csv-parse, as files are read with it. */
function parseWhole(text: string, lineEnds: readonly string[]) {
  const options = {
    record_delimiter: [...lineEnds],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    cast: (cell: string, { quoting }: { quoting: boolean }) => (cell === '' && !quoting ? null : cell),
  };
  try {
    return parse(text, options) as unknown as (string | null)[][];
  } catch {
    // A quote that is never closed.
    return undefined;
  }
}

const PLACES = [
  'a',
  'í',
  '€',
  '😀',
  ' ',
  '0',
  ',',
  ',',
  '"',
  '""',
  '"a"',
  ',"',
  '",',
  '\n',
  '\n',
  '\r\n',
  '"\n"',
];
const FILES = fc
  .array(fc.constantFrom(...PLACES), { maxLength: 60 })
  .chain((parts) => fc.constantFrom(parts.join(''), parts.join('').replaceAll(/\r?\n/g, '\r\n')));

describe('plain rows', () => {
  it('are split as csv-parse splits them, in any pieces, and what is left begins with a row', () => {
    let [whole, stuck] = [0, 0];
    fc.assert(
      fc.property(FILES, fc.integer({ min: 1, max: 70 }), (text, size) => {
        const bytes = Buffer.from(text);
        const features = new TextFeatures(',');
        features.add(bytes);
        const lineEnds = features.lineEnds();
        const expected = parseWhole(text, lineEnds);
        if (!mayBePlain(',', lineEnds) || expected === undefined) return;
        const found = read(bytes, size);
        const left = parseWhole(found.rest, lineEnds);
        assert.deepEqual([...found.rows.map(({ cells }) => cells), ...(left ?? [])], expected);
        assert.equal(text.endsWith(found.rest), true);
        const before = text.slice(0, text.length - found.rest.length);
        assert.equal(found.linesBeforeRest, before.split('\n').length - 1);
        if (found.isStuck) stuck++;
        else whole++;
      }),
      { numRuns: 3_000 },
    );
    assert.ok(whole > 50 && stuck > 50, `${whole} read whole, ${stuck} left`);
  });

  it('know where they begin, with empty lines and line breaks in cells between them', () => {
    for (const lineEnd of ['\n', '\r\n']) {
      const text = ['a,b', '', '1,"x', '', 'y"', '2,"say ""no"""', ',', '"",3', ''].join(lineEnd);
      for (const size of [1, 3, 100]) {
        const { rows, rest, isStuck } = read(Buffer.from(text), size);
        assert.deepEqual(rows, [
          { cells: ['a', 'b'], line: 1 },
          { cells: ['1', `x${lineEnd}${lineEnd}y`], line: 3 },
          { cells: ['2', 'say "no"'], line: 6 },
          { cells: [null, null], line: 7 },
          { cells: ['', '3'], line: 8 },
        ]);
        assert.deepEqual([rest, isStuck], ['', false]);
      }
    }
  });

  it('leave what is odd, from its row on', () => {
    for (const odd of ['"a"b,1\n', '"a" ,1\n', 'a\rb,1\n', '"a\rb",1\n', `"${'x'.repeat(120_000)}`]) {
      const { rows, rest, linesBeforeRest, isStuck } = read(Buffer.from(`h,i\n1,2\n${odd}`), 1_000);
      assert.deepEqual([rows.length, linesBeforeRest, isStuck], [2, 2, true], odd.slice(0, 20));
      assert.equal(rest, odd);
    }
    const unended = read(Buffer.from('h,i\n1,2'), 100);
    assert.deepEqual([unended.rows.length, unended.rest, unended.isStuck], [1, '1,2', false]);
  });

  it('are not looked for where a sign means two things', () => {
    assert.equal(mayBePlain(';', ['\r\n', '\n']), true);
    assert.equal(mayBePlain('"', ['\n']), false);
    assert.equal(mayBePlain('😀', ['\n']), false);
    assert.equal(mayBePlain(',', ['\r']), false);
  });
});
