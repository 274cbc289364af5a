import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { testTitles } from '../test/repo/test-titles.ts';

const TESTS = join(import.meta.dirname, '..', 'test');

interface NamedTest {
  /** From the repository's root. */
  readonly file: string;
  readonly title: string;
}

const NO_TEST = 'No test names it yet.';

/**
 * The page with the tests that name a line's number or a published weakness in their titles. Other entries, states and
 * words are somebody's own; a numbered test that is gone goes from the page, too.
 *
 * @param text of docs/security.md
 */
export function withNamedTests(text: string): string {
  const tests = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => `test/${name}`)
    .flatMap((file) => testTitles(file).map((title) => ({ file, title })));
  const withLines = changeRows(text, '<!-- lines -->', ([line = '', promise = '', checks = '', ...rest]) => [
    line,
    promise,
    checksOf(Number.parseInt(line, 10), checks, tests),
    ...rest,
  ]);
  return changeRows(withLines, '<!-- cves -->', ([name = '', what = '']) => {
    const test = tests.find(({ title }) => title.includes(name));
    return [name, what, test === undefined ? '' : entryOf(test), test === undefined ? NO_TEST : ''];
  });
}

/** The lines whose number stands before a title: `37: …`, `18, 19: …`. */
export function numbersOf(title: string): readonly number[] {
  const [, numbers = ''] = /^(\d+(?:(?:, | and |-)\d+)*): /.exec(title) ?? [];
  return [...numbers.matchAll(/\d+/g)].map(Number);
}

/** A file that a line names already says enough. */
function checksOf(line: number, written: string, tests: readonly NamedTest[]): string {
  const numbered = tests.filter(({ title }) => numbersOf(title).includes(line));
  const there = new Set(tests.map(entryOf));
  const kept = written
    .split('<br>')
    .filter((entry) => entry !== '' && (!/" *\d[\d, and-]*: /.test(entry) || there.has(entry)));
  const files = new Set(kept.map((entry) => /^`(.+?)`/.exec(entry)?.[1]));
  return [...kept, ...numbered.filter(({ file }) => !files.has(file)).map(entryOf)].join('<br>');
}

function entryOf({ file, title }: NamedTest): string {
  return `\`${file}\` "${title.replaceAll('|', '\\|')}"`;
}

/** Changes the cells of each row of the table below a marker. */
function changeRows(
  text: string,
  marker: string,
  change: (cells: readonly string[]) => readonly string[],
): string {
  const start = text.indexOf(marker);
  if (start < 0) throw new Error(`there is no ${marker}`);
  const table = /(?:^\|.*\|$\n?)+/m.exec(text.slice(start))?.[0] ?? '';
  const rows = table
    .trimEnd()
    .split('\n')
    .map((row, at) => {
      if (at < 2) return row;
      const cells = row.slice(1, -1).split(/(?<!\\)\|/);
      return `| ${change(cells.map((cell) => cell.trim())).join(' | ')} |`;
    });
  return text.replace(table, () => `${rows.join('\n')}\n`);
}
