import { basename, resolve } from 'node:path';

import { StoreFailure } from '../core/lead-store.ts';
import { LeadFileFault } from '../files/csv.ts';
import { normaliseName } from '../files/file-field.ts';
import { importLeadFile, rowCount, type ImportTally, type ImportWatch } from '../files/import-lead-file.ts';
import { addWarnings, newWarnings } from '../files/import-warnings.ts';
import { withKnownTypes } from '../files/known-fields.ts';
import { noticesOf } from '../files/plan-notices.ts';
import { createRejects, removeOldRejects } from '../files/rejects.ts';
import { importColumnsOf } from '../files/row.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { finishImport, type ReadFile, withClaim } from './finish-import.ts';
import { type ImportContext, type ImportOptions, type ImportTarget, newTally } from './import-options.ts';
import { createImportProgress } from './import-progress.ts';
import { indexForSearch } from './index-search.ts';
import { summarise } from './import-summary.ts';
import { importWords } from './words/import.ts';
import { type PreparedImport, prepareImport } from './prepare-import.ts';

/** What undoing keeps: an import of more files with `replace` could not be taken back as a whole. */
const MOST_REPLACING = 10;

/**
 * Imports files of leads, one after the other, each with its own summary, rejects and undo. With `replace` they are one
 * sheet: who is in none of them is removed, and all of it is done as a whole or not at all.
 *
 * @returns `attention` when rows of any were rejected, `interrupted` when it was stopped
 * @throws {CommandFailure} a file or the flags cannot be used, and nothing was done; or the import could not go on
 */
export async function importLeads(
  files: string | readonly string[],
  flags: ImportOptions,
  context: ImportContext,
): Promise<ExitCode> {
  const paths = typeof files === 'string' ? [files] : files;
  checkTogether(paths, flags);
  await using opened = new AsyncDisposableStack();
  const prepared: PreparedImport[] = [];
  const tallies: ImportTally[] = [];
  try {
    for (const [at, file] of paths.entries()) {
      const one = await prepareImport(file, flagsOf(at, paths, flags), context);
      opened.use(one.source);
      prepared.push(one);
    }
    const target = await context.openStore();
    for (const { keepProfile } of prepared) keepProfile();
    const exitCode = await withClaim(target.archive, context, () =>
      importEach(prepared, target, flags, context, tallies),
    );
    if (flags.dryRun !== true && exitCode !== EXIT.interrupted)
      await indexForSearch(target.archive, context.terminal, context.signal);
    return exitCode;
  } catch (cause) {
    throw failureOf(cause, tallies.at(-1) ?? newTally(), context.signal, restOf(prepared, tallies, flags));
  } finally {
    if (context.tally !== undefined) addUp(context.tally, tallies);
  }
}

/** @throws {CommandFailure} flags that do not go with several files */
function checkTogether(paths: readonly string[], { rejects, dryRun, replace }: ImportOptions): void {
  if (paths.length < 2) return;
  if (rejects !== undefined && dryRun !== true)
    throw wrongUse('--rejects names one file, and each of several imported files has its own; leave it out');
  if (paths.filter((path) => path === '-').length > 1)
    throw wrongUse('standard input (-) can be imported once');
  if (replace === true && paths.length > MOST_REPLACING)
    throw wrongUse(
      `--replace takes at most ${MOST_REPLACING} files, because more could not be taken back as a whole`,
    );
}

/** A trial's rejects, which nobody sees, each in a file of their own. */
function flagsOf(at: number, paths: readonly string[], flags: ImportOptions): ImportOptions {
  return paths.length < 2 || flags.rejects === undefined
    ? flags
    : { ...flags, rejects: `${flags.rejects}.${at}` };
}

/** @param tallies one is added for each file that is begun */
async function importEach(
  files: readonly PreparedImport[],
  target: ImportTarget,
  flags: ImportOptions,
  context: ImportContext,
  tallies: ImportTally[],
): Promise<ExitCode> {
  await using runs = new AsyncDisposableStack();
  const read: ReadFile[] = [];
  const kept = new Set(files.length < 2 ? [] : files.map(({ source }) => resolve(source.name)));
  const summaries: (() => ExitCode)[] = [];
  let exitCode: ExitCode = EXIT.ok;
  for (const [at, file] of files.entries()) {
    const tally = newTally();
    tallies.push(tally);
    const isLast = at === files.length - 1;
    const { summary, done, ...one } = await importOne(file, target, context, {
      tally,
      earlier: read,
      isLast,
      isOnly: files.length === 1,
      kept,
      runs,
    });
    read.push(one);
    summaries.push(() => {
      if (files.length > 1) context.terminal.err(printable(`${file.source.name}:`));
      return summary();
    });
    // Of files that are one sheet it is not known before the last one whether they stay.
    if (flags.replace === true && !isLast && done) continue;
    for (const say of summaries.splice(0)) exitCode = worse(exitCode, say());
    if (!done && flags.replace !== true && !isLast)
      context.terminal.err(printable(importWords().notImported(namesOf(files.slice(at + 1)))));
    if (!done) return exitCode;
  }
  return exitCode;
}

interface ImportPart {
  readonly tally: ImportTally;
  /** The files before it that are one sheet with it. */
  readonly earlier: readonly ReadFile[];
  readonly isLast: boolean;
  /** No other file is imported with it. */
  readonly isOnly: boolean;
  /** Files that the command reads or has written: none is removed as that of an earlier import. */
  readonly kept: Set<string>;
  /** Closes what the part opens, the last first. */
  readonly runs: AsyncDisposableStack;
}

async function importOne(
  { source, plan: planned, options, content, notices, rejectsPath: path }: PreparedImport,
  { archive, country, asPostgresql, numberBlocks }: ImportTarget,
  { terminal, signal, progress: show, by }: ImportContext,
  { tally, earlier, isLast, isOnly, kept, runs }: ImportPart,
) {
  const started = performance.now();
  const { onDuplicate, list: listId, dates, keyAt } = options;
  const plan = withKnownTypes(planned, await archive.lists());
  const rejects = createRejects(path, options.rejects === undefined, source);
  const warnings = newWarnings();
  const keySource = options.key === undefined ? undefined : normaliseName(options.key);
  const run = await archive.startImport(importColumnsOf(plan, keySource), onDuplicate, {
    fileName: basename(source.name),
    by,
    isWhole: options.replace === true,
    asPostgresql,
    includesErased: options.includeErased === true,
    after: options.replace === true ? earlier.at(-1)?.run : undefined,
  });
  runs.defer(() => run.close());
  using progress = show?.(source.size) ?? (await createImportProgress(terminal, source.size));
  const watch: ImportWatch = {
    signal,
    onProgress: (bytes, rows) => progress.show(bytes, rows),
    onWarnings: (line, found) => addWarnings(warnings, line, found),
  };
  const read = () =>
    importLeadFile(
      { source, plan },
      { country, numberBlocks, listId, dates, keyAt },
      run,
      rejects,
      tally,
      watch,
    );
  try {
    const { lists, ...end } = await finishImport(read, { archive, run, tally, earlier, isLast }, options);
    if (options.replace !== true) await run.close();
    const seconds = (performance.now() - started) / 1000;
    const dated = noticesOf(plan, source.header, content, { country, dates: options.dates });
    const outcome = { tally, warnings, plan, notices: [...notices, ...dated], rejects, seconds, ...end };
    const summary = (): ExitCode => {
      summarise(outcome, { ...options, ...(isOnly ? {} : { file: source.name }) }, terminal);
      if (rejects.first() !== undefined) kept.add(resolve(rejects.path()));
      return endOf(outcome, options, path, { terminal, kept });
    };
    return { run, tally, lists, name: source.name, done: end.done, summary };
  } finally {
    rejects.close();
  }
}

/** Removes the rejects of an earlier import where there are none now. @returns what the file comes to */
function endOf(
  { tally, done }: { readonly tally: ImportTally; readonly done: boolean },
  { rejects, acceptRejects }: ImportOptions,
  path: string,
  { terminal, kept }: { terminal: Terminal; kept: ReadonlySet<string> },
): ExitCode {
  if (!done) return EXIT.interrupted;
  const isClean = tally.rejected === 0 && rowCount(tally) > 0;
  if (isClean && rejects === undefined && !kept.has(resolve(path)) && removeOldRejects(path)) {
    terminal.err(printable(importWords().olderRejectsGone(path)));
  }
  return isClean || (acceptRejects === true && rowCount(tally) > 0) ? EXIT.ok : EXIT.attention;
}

const BY_WEIGHT: readonly ExitCode[] = [EXIT.ok, EXIT.attention, EXIT.interrupted];

function worse(one: ExitCode, other: ExitCode): ExitCode {
  return BY_WEIGHT.indexOf(one) > BY_WEIGHT.indexOf(other) ? one : other;
}

function addUp(sum: ImportTally, tallies: readonly ImportTally[]): void {
  for (const tally of tallies) {
    for (const name of ['added', 'updated', 'unchanged', 'rejected', 'removed'] as const)
      sum[name] += tally[name];
    sum.line = tally.line;
  }
}

function namesOf(files: readonly PreparedImport[]): string {
  return files.map(({ source }) => source.name).join(', ');
}

/** What became of the other files when one fails: a clause, or nothing. */
function restOf(
  files: readonly PreparedImport[],
  tallies: readonly ImportTally[],
  { replace }: ImportOptions,
): string {
  if (files.length < 2 || tallies.length === 0) return '';
  if (replace === true) return '; what the files had changed was taken back';
  const rest = files.slice(tallies.length);
  return rest.length === 0 ? '' : `; not imported: ${namesOf(rest)}`;
}

/** One line about a fault of file, disk or store; an error of the program itself is returned as it is. */
function failureOf(failure: unknown, tally: ImportTally, signal: AbortSignal, rest: string): unknown {
  const cause = failure instanceof StoreFailure ? failure.cause : failure;
  if (signal.aborted && cause === signal.reason) {
    return new CommandFailure('stopped; nothing was imported', EXIT.interrupted, { cause });
  }
  const { added, updated, line } = tally;
  const kept = added + updated > 0 ? `; what came before stays: added ${added}, updated ${updated}` : '';
  if (cause instanceof LeadFileFault) {
    return new CommandFailure(printable(`${cause.message}${kept}${rest}`), EXIT.failed, { cause });
  }
  // Node's own errors and SQLite's have a code.
  const isOutside = cause instanceof Error && 'code' in cause;
  if (cause instanceof CommandFailure || !isOutside) return cause;
  const message = `the import failed after line ${line} (${cause.message})${kept}${rest}; run it again`;
  return new CommandFailure(printable(message), EXIT.failed, { cause });
}
