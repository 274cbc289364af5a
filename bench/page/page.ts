import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs');
const PAGE = join(FOLDER, 'performance.md');

/** What grows, and what a lookup then costs. */
export type GrowthName = 'leads' | 'connections' | 'workers';
/** The parts of docs/performance.md that benchmarks write, each between two marks of this name. */
export type PagePart =
  | 'asked'
  | 'machine'
  | 'postgres'
  | 'postgres-sizes'
  | GrowthName
  | `profile-${string}-${'before' | 'after'}`;

/** Puts a text in the place of what a benchmark wrote there before. */
export function writePagePart(part: PagePart, text: string): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- ${part}:begin -->`, `<!-- ${part}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/performance.md has no ${begin} before ${end}`);
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`);
}

export function writeChart(svg: string): void {
  writeFileSync(join(FOLDER, 'performance.svg'), svg);
}

/** As Markdown has tables; no cell of ours has a bar in it. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
