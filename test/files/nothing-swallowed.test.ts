/** Whoever wrote a file, and whatever happened to a line of it: no row takes another one with it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';

import { type Row, type Writer, WRITERS } from './file-writers.ts';
import { readContent, type ReadSource } from './read-source.ts';

/** Always the same files: among all that chance can write, a few can be read in two ways, and nobody can say which. */
const SEED = 14;

const HEADER = ['phone_number', 'first_name', 'comments', 'email'];

const PARTS = ['a', '\\', '\\x', 'Ñandú', '€', ' ', '7', '"', '"hola"', "'", '.', ':', 'x y'];
const DELIMITERS = [',', ';', '\t', '|'];
const BREAKS = ['\n', '\r\n', '\n\n'];

function text(parts: readonly string[]) {
  return fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((found) => found.join(''));
}

/** A value has delimiters or line breaks: with both, a line of it may look like a row. */
const VALUE = fc.oneof(
  { weight: 4, arbitrary: text(PARTS) },
  { weight: 2, arbitrary: text([...PARTS, ...DELIMITERS]) },
  { weight: 1, arbitrary: text([...PARTS, ...BREAKS]) },
);
const ROWS = fc.array(fc.tuple(VALUE, VALUE, VALUE), { minLength: 1, maxLength: 12 });

/** The rows as the writer can write them; the first cell says which row it is. */
function rowsOf(writer: Writer, values: readonly (readonly string[])[]): Row[] {
  const rows: Row[] = values.map((row, at) => [`R${at}`, ...row.map(writer.value)]);
  if (writer.usual.length === 0) return rows;
  const empty = writer.value('');
  for (const value of writer.usual) rows.push([`R${rows.length}`, value, empty, 'z']);
  return rows;
}

function write(writer: Writer, lines: readonly string[]): Buffer {
  return writer.encode(writer.row(HEADER, true) + lines.join(''));
}

describe('a file that nothing happened to', () => {
  for (const writer of WRITERS) {
    it(`is read to the cells that were written: ${writer.name}`, async () => {
      await fc.assert(
        fc.asyncProperty(ROWS, async (values) => {
          const rows = rowsOf(writer, values);
          const lines = rows.map((row) => writer.row(row, false));
          const found = await readContent(write(writer, lines));
          assert.deepEqual(
            found.rows.map(({ cells }) => cells),
            rows,
          );
          assert.deepEqual([found.bad, found.header], [[], HEADER]);
        }),
        { numRuns: 150, seed: SEED },
      );
    });
  }
});

/** Puts quotes into a line, or cuts it. */
const DAMAGE = fc.record({
  row: fc.nat(),
  at: fc.nat(),
  what: fc.constantFrom('quote', 'quotes', 'cut'),
});

function damaged(line: string, at: number, what: string): string {
  const [, content = '', end = ''] = /^([^]*?)(\r?\n)$/.exec(line) ?? [];
  // Which row it was is still to be seen.
  const from = content.indexOf('R') + 4;
  const place = Math.min(content.length, from + (at % Math.max(1, content.length - from)));
  if (what === 'cut') return content.slice(0, place) + end;
  const quote = content.slice(0, place) + '"' + content.slice(place) + end;
  return what === 'quote' ? quote : damaged(quote, at * 7 + 3, 'quote');
}

function bare(value: string): string {
  return value.replaceAll(/["\\]/g, '');
}

function assertKept(found: ReadSource, rows: readonly Row[], broken: number, line: string): void {
  for (const [at, row] of rows.entries()) {
    if (at === broken) continue;
    const same = found.rows.filter(({ cells }) => cells[0] === row[0]);
    assert.deepEqual(
      same.map(({ cells }) => cells),
      [row],
      `row ${at}`,
    );
  }
  const others = new Set(rows.filter((_, at) => at !== broken).map(([id]) => id));
  const left = found.rows.filter(({ cells }) => !others.has(cells[0] ?? null));
  const pieces = left.flatMap(({ cells }) => cells.flatMap((cell) => bare(cell ?? '').split(/[\r\n\t]/)));
  for (const piece of pieces) assert.ok(bare(line).includes(piece), JSON.stringify([piece, line]));
  for (const { raw, reason } of found.bad) {
    assert.ok(line.includes(raw), JSON.stringify([raw, line]));
    assert.match(reason, /quote/);
  }
  assert.ok(left.length + found.bad.length > 0, 'the damaged row is gone');
  if (line.trimEnd().split('\n').length === 1) assert.equal(left.length + found.bad.length, 1);
}

describe('a file of which a line was damaged', () => {
  for (const writer of WRITERS) {
    it(`keeps every other row, and none of it gets into another: ${writer.name}`, async () => {
      await fc.assert(
        fc.asyncProperty(ROWS, DAMAGE, async (values, { row, at, what }) => {
          const rows = rowsOf(writer, values);
          const broken = row % rows.length;
          const lines = rows.map((cells) => writer.row(cells, false));
          const line = damaged(lines[broken] ?? '', at, what);
          const found = await readContent(write(writer, lines.with(broken, line)));
          assertKept(found, rows, broken, line);
        }),
        { numRuns: 250, seed: SEED },
      );
    });
  }
});
