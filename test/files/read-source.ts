import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isDamage } from '../../src/files/csv.ts';
import { say } from '../../src/files/import-words.ts';
import { ENGLISH_IMPORT } from '../../src/files/import-words-en.ts';
import type { SourceOptions } from '../../src/files/lead-source.ts';
import { openLeadSource } from '../../src/files/open-lead-source.ts';
import type { Cells } from '../../src/files/row.ts';

/** All that a file is read to. */
export interface ReadSource {
  readonly kind: string;
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly delimiter: string;
  readonly notices: readonly string[];
  readonly rows: readonly { readonly cells: Cells; readonly line: number }[];
  readonly bad: readonly { readonly raw: string; readonly line: number; readonly reason: string }[];
  /** Of the last progress. */
  readonly bytes: number;
  readonly line: number;
  readonly size: number;
  /** What is said of the file behind the rows that are whole; undefined: it is whole. */
  readonly damage: string | undefined;
}

/** Reads a file through the source that its content asks for. */
export async function readSource(path: string, options: SourceOptions = {}): Promise<ReadSource> {
  await using source = await openLeadSource(path, options);
  const rows: { cells: Cells; line: number }[] = [];
  const bad: { raw: string; line: number; reason: string }[] = [];
  let last = { bytes: 0, line: 0 };
  const reading = source.rows(
    (cells, line) => rows.push({ cells, line }),
    (raw, line, reason) => bad.push({ raw, line, reason }),
  );
  let damage: string | undefined;
  try {
    for await (const progress of reading) last = progress;
  } catch (cause) {
    if (!(cause instanceof Error) || !isDamage(cause)) throw cause;
    damage = cause.message.replace(source.name, 'FILE');
  }
  const { kind, header, headerLine, delimiter, size } = source;
  const notices = source.notices.map((notice) => say(ENGLISH_IMPORT.notices, notice));
  return { kind, header, headerLine, delimiter, notices, rows, bad, ...last, size, damage };
}

/** Reads what a test wrote, from a file of its own. */
export async function readContent(
  content: string | Buffer,
  options: SourceOptions & { readonly name?: string } = {},
): Promise<ReadSource> {
  const folder = mkdtempSync(join(tmpdir(), 'callercard-source-'));
  try {
    const path = join(folder, options.name ?? 'leads.csv');
    writeFileSync(path, content);
    return await readSource(path, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
