import { statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

import { saveProfile } from '../files/import-profiles.ts';
import type { LeadSource } from '../files/lead-source.ts';
import { columnsNamed } from '../files/header-flags.ts';
import { kindOf } from '../files/new-file.ts';
import { say } from '../files/import-words.ts';
import { openLeadSource, STANDARD_INPUT } from '../files/open-lead-source.ts';
import { planFile } from '../files/plan-file.ts';
import { whyNotTaken } from '../files/rejects.ts';
import { CommandFailure, wrongUse } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';
import type { ImportContext, ImportOptions } from './import-options.ts';
import { fileWords } from './words/import.ts';

export type PreparedImport = Awaited<ReturnType<typeof prepareImport>>;

/**
 * Opens a file and finds out what its columns are, with what a profile knows of the header.
 *
 * @returns what an import of it needs; its source is to be closed
 * @throws {CommandFailure | LeadFileFault} the file or the flags cannot be used
 */
export async function prepareImport(file: string, flags: ImportOptions, context: ImportContext) {
  const source = await openLeadSource(file, { ...flags, signal: context.signal });
  try {
    const words = fileWords().notices;
    for (const notice of source.notices)
      context.terminal.err(printable(`${source.name}: ${say(words, notice)}`));
    return {
      source,
      rejectsPath: rejectsPath(file, flags.rejects),
      ...(await planImport(source, flags, context)),
    };
  } catch (cause) {
    await source[Symbol.asyncDispose]();
    throw cause;
  }
}

async function planImport(source: LeadSource, flags: ImportOptions, context: ImportContext) {
  const { options, content, planned, save, notices } = await planFile(source, flags, context);
  const keyAt = options.key === undefined ? undefined : keyColumn(source, options.key);
  if ('problems' in planned) throw wrongUse(printable(`${source.name}: ${planned.problems.join('; ')}`));
  const { profiles } = context;
  return {
    options: { ...options, keyAt },
    content,
    plan: planned.plan,
    notices,
    /** To be called once the store is open. */
    keepProfile: () => {
      if (save !== undefined && profiles !== undefined) saveProfile(profiles, save);
    },
  };
}

/** @throws {CommandFailure} the file has no such column, or several */
function keyColumn({ header, name }: LeadSource, column: string): number {
  const [at, other] = columnsNamed(header, column);
  if (at !== undefined && other === undefined) return at;
  throw wrongUse(
    printable(
      `--key "${column}": ${name} has ${at === undefined ? 'no such column' : 'several such columns'}`,
    ),
  );
}

function rejectsPath(file: string, chosen: string | undefined): string {
  const path = chosen ?? besideFile(file);
  if (isSameFile(path, file)) throw wrongUse(`--rejects ${path} is the file that is imported; name another`);
  // Before the first row is imported. A file of rejects that an earlier import made gets another beside it.
  const kind = kindOf(path);
  if (kind === undefined || (chosen === undefined && kind === 'file')) return path;
  throw new CommandFailure(
    printable(
      `${path} ${whyNotTaken(kind)}, and rejected rows are never written into it; move it away, or name another file with --rejects`,
    ),
  );
}

function besideFile(file: string): string {
  if (file === STANDARD_INPUT) return 'standard-input.rejects.csv';
  const unpacked = file.replace(/\.gz$/i, '');
  return join(dirname(file), `${basename(unpacked, extname(unpacked))}.rejects.csv`);
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}
