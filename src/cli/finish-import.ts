import { setTimeout as pause } from 'node:timers/promises';

import type { ImportRun, LeadArchive } from '../core/lead-archive.ts';
import type { ImportTally } from '../files/import-lead-file.ts';
import { CommandFailure } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';

/** Between two batches of a removal or an undo, so that a waiting writer gets its turn. */
export const PAUSE_MS = 10;

/** How an import ended. */
export interface ImportEnd {
  /** False: it was stopped. */
  readonly done: boolean;
  /** Under which it can be taken back; undefined: it has changed nothing. */
  readonly importId: number | undefined;
  readonly changedFields: ReadonlyMap<string, number>;
  /** Why leads that are not in the file were not removed, though they should be; undefined: they were. */
  readonly keptBecause?: string | undefined;
}

/**
 * Runs work on a store while nobody else imports into it, and first brings imports to an end that were killed.
 *
 * @throws {CommandFailure} another import runs
 */
export async function withClaim<Result>(
  archive: LeadArchive,
  terminal: Terminal,
  work: () => Promise<Result>,
): Promise<Result> {
  const release = archive.claimImport();
  if (release === undefined) {
    throw new CommandFailure('another import into this store is running; run this one when it has ended');
  }
  try {
    for (const sentence of archive.endKilledImports()) {
      if (sentence !== undefined) terminal.err(printable(sentence));
    }
    return await work();
  } finally {
    release();
  }
}

/**
 * Imports the rows of a file and, with `replace`, removes whoever of its lists is not in it. That is done as a whole or not at
 * all: where it is stopped or fails, all is taken back.
 *
 * @param read imports the rows
 */
export async function finishImport(
  read: () => Promise<{ readonly isDone: boolean; readonly lists: ReadonlySet<number> }>,
  { archive, run, tally }: { archive: LeadArchive; run: ImportRun; tally: ImportTally },
  {
    replace = false,
    acceptRejects = false,
  }: { readonly replace?: boolean; readonly acceptRejects?: boolean },
): Promise<ImportEnd> {
  function takeBack(): void {
    run.close();
    if (run.importId !== undefined) Array.from(archive.undoImport(run.importId));
    Object.assign(tally, { added: 0, updated: 0, unchanged: 0, removed: 0 });
  }
  try {
    const { isDone, lists } = await read();
    const { changedFields } = run;
    if (!isDone && replace) {
      takeBack();
      return { done: false, importId: undefined, changedFields };
    }
    const keptBecause = replace ? whyNobodyGoes(tally, acceptRejects) : undefined;
    if (replace && keptBecause === undefined) {
      for (const removed of run.removeOthers(lists)) {
        tally.removed = removed;
        await pause(PAUSE_MS);
      }
    }
    run.end(isDone ? 'done' : 'stopped', tally);
    const hasChanged = tally.added + tally.updated + tally.removed > 0;
    return { done: isDone, importId: hasChanged ? run.importId : undefined, changedFields, keptBecause };
  } catch (cause) {
    if (replace) takeBack();
    throw cause;
  }
}

function whyNobodyGoes({ added, updated, unchanged, rejected }: ImportTally, acceptRejects: boolean) {
  if (added + updated + unchanged === 0) return 'nobody was removed, because no row of the file was taken';
  if (rejected === 0 || acceptRejects) return undefined;
  return `nobody was removed, because the rejected rows may be of people who are in the file: correct them and run it again, or say --accept-rejects`;
}
