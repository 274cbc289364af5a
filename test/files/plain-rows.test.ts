import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';

import { splitLine } from '../../src/files/csv-dialect.ts';
import { PlainRows } from '../../src/files/plain-rows.ts';

interface Read {
  readonly rows: readonly { readonly cells: readonly (string | null)[]; readonly line: number }[];
  readonly bad: readonly { readonly raw: string; readonly line: number }[];
  readonly endLine: number;
}

function read(bytes: Buffer, size: number, columns: number): Read {
  const rows: { cells: readonly (string | null)[]; line: number }[] = [];
  const bad: { raw: string; line: number }[] = [];
  const dialect = { delimiter: ',', hasQuotes: true, hasEscapes: false, isStrict: true };
  const plain = new PlainRows(
    { dialect, columns, width: columns },
    0,
    (cells, line) => rows.push({ cells, line }),
    (raw, line) => bad.push({ raw, line }),
  );
  for (let at = 0; at < bytes.length; at += size) plain.add(bytes.subarray(at, at + size));
  plain.finish();
  return { rows, bad, endLine: plain.endLine };
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

const CELLS = fc.constantFrom('a', 'í€', '😀', ' ', '""', '"a,b"', '"say ""no"""', '"x\ny"', '20" x', '');
const ROWS = fc.array(fc.tuple(CELLS, CELLS, CELLS), { maxLength: 20 });

describe('plain rows', () => {
  it('are split as csv-parse splits them, in any pieces', () => {
    fc.assert(
      fc.property(ROWS, fc.integer({ min: 1, max: 70 }), fc.boolean(), (rows, size, isCrLf) => {
        const text = rows.map((cells) => `${cells.join(',')}\n`).join('');
        const bytes = Buffer.from(isCrLf ? text.replaceAll('\n', '\r\n') : text);
        const isFilled = (cells: readonly (string | null)[]) =>
          cells.some((cell) => (cell ?? '').trim() !== '');
        const expected = parseWhole(bytes.toString(), isCrLf ? ['\r\n'] : ['\n'])?.filter(isFilled);
        const found = read(bytes, size, 3);
        assert.deepEqual([found.rows.map(({ cells }) => cells), found.bad], [expected, []]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('know where they begin, with empty lines and line breaks in cells between them', () => {
    for (const lineEnd of ['\n', '\r\n']) {
      const text = ['a,b', '', '1,"x', '', 'y"', '2,"say ""no"""', ',', '"",3', ''].join(lineEnd);
      for (const size of [1, 3, 100]) {
        const { rows, bad, endLine } = read(Buffer.from(text), size, 2);
        assert.deepEqual(rows, [
          { cells: ['a', 'b'], line: 1 },
          { cells: ['1', `x${lineEnd}${lineEnd}y`], line: 3 },
          { cells: ['2', 'say "no"'], line: 6 },
          { cells: ['', '3'], line: 8 },
        ]);
        assert.deepEqual([bad, endLine], [[], 8]);
      }
    }
  });

  it('are read one by one where they are odd', () => {
    const long = 'x'.repeat(300_000);
    const cases: readonly (readonly [odd: string, cells: readonly string[] | undefined])[] = [
      ['"a"b,1', ['"a"b', '1']],
      ['"a" ,1', ['"a" ', '1']],
      ['a\rb,1', ['a\rb', '1']],
      ['"a "la b" c",1', ['a "la b" c', '1']],
      ['"a,1', ['"a', '1']],
      ['"a', undefined],
      [`"${long}`, undefined],
      [`"${long}\n${long}",1`, [`${long}\n${long}`, '1']],
    ];
    for (const [odd, cells] of cases) {
      const { rows, bad } = read(Buffer.from(`h,i\n${odd}\n1,2\n`), 1_000, 2);
      const middle = cells === undefined ? [] : [cells];
      assert.deepEqual(
        rows.map((row) => row.cells),
        [['h', 'i'], ...middle, ['1', '2']],
        odd.slice(0, 20),
      );
      assert.deepEqual(bad, cells === undefined ? [{ raw: odd, line: 2 }] : []);
    }
  });

  it('refuse a last line that ends within a quoted cell', () => {
    for (const size of [1, 3, 100]) {
      const cut = read(Buffer.from('a,b\n1,"x'), size, 2);
      assert.deepEqual([cut.rows.length, cut.bad], [1, [{ raw: '1,"x', line: 2 }]]);
      for (const end of ['1,x"', '1,"x"', '1,"x\n']) {
        assert.deepEqual(read(Buffer.from(`a,b\n${end}`), size, 2).bad, []);
      }
    }
  });

  it('refuse a line that is too long, and go on below it', () => {
    const long = 'x'.repeat(3_000_000);
    for (const size of [50_000, 1_000_000, 10_000_000]) {
      const { rows, bad, endLine } = read(Buffer.from(`a,b\n${long},1\nc,d\n"e\n${long}`), size, 2);
      assert.deepEqual(
        rows.map(({ cells, line }) => [cells[0]?.slice(0, 5), line]),
        size < 3_000_000
          ? [
              ['a', 1],
              ['c', 3],
            ]
          : [
              ['a', 1],
              ['xxxxx', 2],
              ['c', 3],
            ],
      );
      assert.ok(
        bad.every(({ raw }) => raw.length <= 3_000_002),
        String(size),
      );
      assert.equal(endLine, 5);
    }
  });

  it('take time that grows with a line, not with its square', () => {
    const timeOf = (length: number) => {
      const began = performance.now();
      read(Buffer.alloc(length, 'x'), 65_536, 2);
      read(Buffer.from(`"${'x'.repeat(length)}`), 65_536, 2);
      return performance.now() - began;
    };
    timeOf(1_000_000);
    const [short, long] = [timeOf(2_000_000), timeOf(64_000_000)];
    // What is put together again with each piece takes a thousand times as long.
    assert.ok(long < 20 + 160 * short, `${short} ms, ${long} ms`);
  });

  it('take time that grows with a line of quotes, and with many lines, not with their square', () => {
    const dialect = { delimiter: ',', hasQuotes: true, hasEscapes: false, isStrict: false };
    const timeOf = (unit: string, times: number) => {
      const text = `${unit.repeat(times)}\n`;
      const began = performance.now();
      for (let at = 0; at < text.length;) at = splitLine(text, at, dialect).next;
      return performance.now() - began;
    };
    for (const unit of ['"a,', '"a"",', '\n', 'a\n']) {
      timeOf(unit, 1_000);
      const [short, long] = [timeOf(unit, 4_000), timeOf(unit, 128_000)];
      // With the square it is a thousand times as long.
      assert.ok(long < 20 + 200 * short, `${JSON.stringify(unit)}: ${short} ms, ${long} ms`);
    }
    for (const [line, cells] of [
      ['"a,"",x', ['"a', '', 'x']],
      ['"a,"""",x', ['"a', '"', 'x']],
      ['"a,"""b', ['"a', '"""b']],
      ['"a,""b","",c', ['a,"b', '', 'c']],
    ] as const) {
      assert.deepEqual(splitLine(`${line}\n`, 0, dialect).cells, cells, line);
    }
  });
});
