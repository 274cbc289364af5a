import { setTimeout as sleep } from 'node:timers/promises';

import type { ImportRun, LeadArchive } from '../core/lead-archive.ts';
import type { KeptBecause } from '../files/import-words.ts';
import { messageOf } from '../core/problem.ts';
import type { ImportTally } from '../files/import-lead-file.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import type { ImportContext } from './import-options.ts';
import { inPieces } from './in-pieces.ts';
import { type RemovalOptions, removeOthers } from './remove-others.ts';

/** How an import ended. */
export interface ImportEnd {
  /** False: it was stopped. */
  readonly done: boolean;
  /** Under which it can be taken back; undefined: it has changed nothing. */
  readonly importId: number | undefined;
  readonly changedFields: ReadonlyMap<string, number>;
  /** Why leads that are not in the file were not removed, though they should be; undefined: they were. */
  readonly keptBecause?: KeptBecause | undefined;
  /** How many leads that are not in the file were removed, by list. */
  readonly removedByList?: ReadonlyMap<number, number> | undefined;
}

/**
 * Runs work on a store while nobody else imports into it, and first brings imports to an end that were killed.
 *
 * @throws {CommandFailure} another import runs, which is not to be waited for
 */
export async function withClaim<Result>(
  archive: LeadArchive,
  { terminal, ...waiting }: WaitOptions & { readonly terminal: Terminal },
  work: () => Promise<Result>,
): Promise<Result> {
  const release = await claim(archive, waiting);
  if (release === undefined) {
    throw new CommandFailure('another import into this store is running; run this one when it has ended');
  }
  const tidyUp = () =>
    inPieces(archive.endKilledImports(), (sentence) => {
      if (sentence !== undefined) terminal.err(printable(sentence));
    });
  try {
    await tidyUp();
    const result = await work();
    await tidyUp();
    return result;
  } finally {
    await release();
  }
}

type WaitOptions = Partial<Pick<ImportContext, 'waitsForTurn' | 'signal'>>;

/** @throws the signal's reason, while it is waited */
async function claim(archive: LeadArchive, { waitsForTurn, signal }: WaitOptions) {
  const release = await archive.claimImport();
  if (release !== undefined || waitsForTurn === undefined) return release;
  waitsForTurn();
  for (;;) {
    await sleep(TURN_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    const later = await archive.claimImport();
    if (later !== undefined) return later;
  }
}

/** So often it is looked whether the import before has ended. */
const TURN_MS = 500;

/** A file whose rows were read. */
export interface ReadFile {
  readonly name: string;
  readonly run: ImportRun;
  readonly tally: ImportTally;
  /** Those that its rows named. */
  readonly lists: ReadonlySet<number>;
}

/** Where a file is among those of one command. */
export interface FilePlace {
  readonly archive: LeadArchive;
  readonly run: ImportRun;
  readonly tally: ImportTally;
  /** Files before it, which with `replace` are one sheet with it. */
  readonly earlier: readonly ReadFile[];
  readonly isLast: boolean;
}

/**
 * Imports the rows of a file and, with `replace` and the last file, removes whoever of the files' lists is in none of them.
 * That is done as a whole or not at all: where it is stopped or fails, all is taken back.
 *
 * @param read imports the rows
 * @returns also the lists that the rows named
 */
export async function finishImport(
  read: () => Promise<{ readonly isDone: boolean; readonly lists: ReadonlySet<number> }>,
  place: FilePlace,
  options: RemovalOptions & { readonly replace?: boolean; readonly acceptRejects?: boolean },
): Promise<ImportEnd & Pick<ReadFile, 'lists'>> {
  const { replace = false, acceptRejects = false } = options;
  const { run, tally, earlier, isLast } = place;
  try {
    const { isDone, lists } = await read();
    const { changedFields } = run;
    if (!isDone && replace) {
      await takeBack(place);
      return { done: false, importId: undefined, changedFields, lists };
    }
    let keptBecause: KeptBecause | undefined;
    let removedByList: ReadonlyMap<number, number> | undefined;
    if (replace && isLast) {
      keptBecause = whyNobodyGoes([...earlier.map((file) => file.tally), tally], acceptRejects);
      const all = new Set([...earlier.flatMap((file) => [...file.lists]), ...lists]);
      if (keptBecause === undefined) removedByList = await removeOthers(run, all, tally, options);
      // The last one at last: killed in between, whom it has removed is there again.
      for (const file of earlier) await file.run.end('done', file.tally);
    }
    if (!replace || isLast) await run.end(isDone ? 'done' : 'stopped', tally);
    const hasChanged = tally.added + tally.updated + tally.removed > 0;
    const importId = hasChanged ? run.importId : undefined;
    return { done: isDone, importId, changedFields, keptBecause, removedByList, lists };
  } catch (cause) {
    if (replace) await takeBackAfter(cause, place);
    throw cause;
  }
}

/** @throws {CommandFailure} it cannot be taken back now */
async function takeBackAfter(failure: unknown, place: FilePlace): Promise<void> {
  try {
    await takeBack(place);
  } catch (cause) {
    const message = `the import failed (${messageOf(failure)}) and could not be taken back now; the next import does that first`;
    throw new CommandFailure(printable(message), EXIT.failed, { cause });
  }
}

/** Takes a file back and those before it, the last first. */
async function takeBack({ archive, run, tally, earlier }: FilePlace): Promise<void> {
  for (const file of [...earlier, { run, tally }].reverse()) {
    await file.run.close();
    if (file.run.importId !== undefined) await inPieces(archive.undoImport(file.run.importId));
    Object.assign(file.tally, { added: 0, updated: 0, unchanged: 0, removed: 0 });
  }
}

/** Undefined: whoever is in none of the files goes. */
function whyNobodyGoes(tallies: readonly ImportTally[], acceptRejects: boolean): KeptBecause | undefined {
  const isEmpty = ({ added, updated, unchanged }: ImportTally) => added + updated + unchanged === 0;
  if (tallies.some(isEmpty)) return tallies.length === 1 ? 'noRowOfFile' : 'noRowOfOneFile';
  if (tallies.every(({ rejected }) => rejected === 0) || acceptRejects) return undefined;
  return 'rejects';
}
