import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Cells, LONGEST_VALUE } from '../../src/files/cells.ts';
import { planColumns } from '../../src/files/header.ts';
import { RowReader } from '../../src/files/row.ts';

const HEADER = [
  'phone_number',
  'alt_phone',
  'Phone 3 - Value',
  'email',
  'E-mail 2 - Value',
  'Full name',
  'first_name',
  'Address 1 - Street',
  'Address 2 - Street',
  'date_of_birth',
  'gender',
  'country_code',
  'comments',
  'last_local_call_time',
  'is_customer',
  'further_numbers',
  'mystery',
];

/** The text of one cell, by how long it is. */
const FILLS: Readonly<Record<string, (length: number) => string>> = {
  numbers: (length) => several(length, (at) => String(3_300_000_000 + at), ', '),
  'spaced numbers': (length) => several(length, (at) => `33 ${2_000_0000 + at}`, ' '),
  'numbers that are too short': (length) => several(length, (at) => String(at % 1000), ' / '),
  'e-mails': (length) => several(length, (at) => `a${at}@b.mx`, ', '),
  'one e-mail': (length) => several(length, () => 'a@b.mx', ';'),
  separators: (length) => ',;|/'.repeat(length / 4),
  spaces: (length) => `1${' '.repeat(length - 2)}2`,
  'spaces and letters': (length) => 'a '.repeat(length / 2),
  quotes: (length) => '"'.repeat(length),
  digits: (length) => '7'.repeat(length),
  signs: (length) => '+('.repeat(length / 2),
  words: (length) => several(length, (at) => `x${at}`, ' y '),
  particles: (length) => 'de '.repeat(length / 3),
  'exponents and zeros': (length) => `1.${'0'.repeat(length - 4)}e9`,
  times: (length) => '1:00 '.repeat(length / 5),
  mojibake: (length) => 'Ã©'.repeat(length / 2),
  brackets: (length) => '['.repeat(length),
  'pairs of numbers': (length) => `[${several(length - 30, (at) => `["x","${3_300_000_000 + at}"]`, ',')}]`,
};

function several(length: number, each: (at: number) => string, between: string): string {
  const parts: string[] = [];
  for (let [size, at] = [0, 0]; ; at++) {
    const part = each(at);
    size += part.length + between.length;
    if (size > length) return parts.join(between);
    parts.push(part);
  }
}

/** A row of numbers and of one cell that is filled. */
function rowWith(at: number, text: string): Cells {
  const cells: (string | null)[] = HEADER.map(() => null);
  cells[0] = '3312345678';
  cells[at] = text;
  return cells;
}

function readerFor(samples: readonly Cells[]): RowReader {
  const content = { samples, columnsWithValues: undefined };
  const planned = planColumns(HEADER, { map: [], custom: [], ignore: [] }, true, content);
  if ('problems' in planned) assert.fail(planned.problems.join('\n'));
  return new RowReader(planned.plan, { country: 'MX', listId: 1, dates: undefined });
}

/** Milliseconds: the shortest of several times. */
function timeOf(work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < 3 && best > NOTHING; run++) {
    const began = performance.now();
    work();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

const SMALL = 1_024;
/** As many short cells have the same bytes as one long cell. */
const COUNT = LONGEST_VALUE / SMALL;
/** What grows with the square takes 64 times as long; the rest is for what is measured badly. */
const MOST_TIMES = 12;
/** Milliseconds. Less is not worth comparing. */
const NOTHING = 20;

describe('one row with a long cell', () => {
  for (const [name, fill] of Object.entries(FILLS)) {
    it(`takes no longer for its bytes than short ones: ${name}`, () => {
      for (const [at, column] of HEADER.entries()) {
        const [short, long] = [rowWith(at, fill(SMALL)), rowWith(at, fill(LONGEST_VALUE))];
        const reader = readerFor([short]);
        const one = timeOf(() => reader.read(long));
        if (one < NOTHING) continue;
        const plain = timeOf(() => {
          for (let row = 0; row < COUNT; row++) reader.read(short);
        });
        assert.ok(
          one < MOST_TIMES * plain,
          `${column}: ${one} ms for one cell, ${plain} ms for the same bytes in ${COUNT}`,
        );
      }
    });

    it(`is rejected where it is too long: ${name}`, () => {
      for (const at of HEADER.keys()) {
        const reason = readerFor([]).read(rowWith(at, fill(500_000)));
        if (typeof reason !== 'string') assert.fail(`${HEADER[at]} was taken`);
        assert.match(reason, /^has \d{6} characters in column \d+ \('/);
      }
    });
  }
});
