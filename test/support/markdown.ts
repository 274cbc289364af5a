import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './command.ts';

/** A fenced block of a page, such as "```sh fails". */
export interface Block {
  /** The fence's first word. */
  readonly language: string;
  /** What comes after it. */
  readonly note: string;
  readonly text: string;
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
  /** The line of the closing fence. */
  readonly lastLine: number;
}

export interface Page {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const FOLDERS = ['.', 'deploy', 'docs', 'docs/decisions', 'docs/es', 'docs/integrations'];

export function readPages(): readonly Page[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => readPage(folder === '.' ? name : `${folder}/${name}`)),
  );
}

export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, blocks: blocksOf(text) };
}

export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let open: { start: number; language: string; note: string } | undefined;
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith('```')) continue;
    if (open === undefined) {
      const [, language = '', note = ''] = /^```(\S*) *(.*)$/.exec(line) ?? [];
      open = { start: at, language, note };
      continue;
    }
    const { start, language, note } = open;
    blocks.push({
      language,
      note,
      text: lines.slice(start + 1, at).join('\n'),
      line: start + 1,
      lastLine: at + 1,
    });
    open = undefined;
  }
  if (open !== undefined) throw new Error(`the fence in line ${open.start + 1} is never closed`);
  return blocks;
}

/** The rows of the table below a heading or marker, cell by cell, without head and rule. */
export function tableBelow(text: string, marker: string): readonly (readonly string[])[] {
  const start = text.indexOf(marker);
  if (start < 0) throw new Error(`there is no ${marker}`);
  const table = /(?:^\|.*\|$\n?)+/m.exec(text.slice(start))?.[0];
  if (table === undefined) throw new Error(`there is no table below ${marker}`);
  return table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}

/** The text of a cell that is one piece of code. */
export function uncode(cell: string): string {
  return /^`(.*)`$/.exec(cell)?.[1] ?? cell;
}
