import { statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

import type { LeadArchive, OnDuplicate } from '../core/lead-archive.ts';
import type { Country } from '../core/phone.ts';
import { chooseAnswers } from '../files/choose-answers.ts';
import type { DateOrder } from '../files/column-plan.ts';
import type { FileContent } from '../files/column-samples.ts';
import type { FormatName } from '../files/formats/file-format.ts';
import { planColumns, type ColumnPlan } from '../files/header.ts';
import { LeadFileFault } from '../files/csv.ts';
import {
  importLeadFile,
  rowCount,
  type ImportTally,
  type ImportWatch,
  type PlannedSource,
} from '../files/import-lead-file.ts';
import { type ImportAnswers, saveProfile } from '../files/import-profiles.ts';
import { addWarnings, type ImportWarnings, newWarnings } from '../files/import-warnings.ts';
import { withKnownTypes } from '../files/known-fields.ts';
import type { LeadSource } from '../files/lead-source.ts';
import { lookThrough } from '../files/look-through.ts';
import { normaliseName } from '../files/file-field.ts';
import { columnsNamed } from '../files/header-flags.ts';
import { kindOf } from '../files/new-file.ts';
import { openLeadSource, STANDARD_INPUT } from '../files/open-lead-source.ts';
import { noticesOf } from '../files/plan-notices.ts';
import { createRejects, type Rejects, removeOldRejects, whyNotTaken } from '../files/rejects.ts';
import { importColumnsOf } from '../files/row.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { finishImport, type ImportEnd, withClaim } from './finish-import.ts';
import { createImportProgress } from './import-progress.ts';
import { summarise } from './import-summary.ts';
import { printable, type Terminal } from '../process/terminal.ts';

/** Of an import that has done nothing yet. */
export function newTally(): ImportTally {
  return { added: 0, updated: 0, unchanged: 0, rejected: 0, removed: 0, line: 0 };
}

/** The flags of `callercard import`. */
export interface ImportOptions {
  readonly map: readonly string[];
  readonly custom: readonly string[];
  readonly ignore: readonly string[];
  /** For rows that name none. */
  readonly list?: number;
  /** The line that names the columns; else it is found. */
  readonly headerLine?: number;
  /** Of a workbook. */
  readonly sheet?: string;
  readonly onDuplicate: OnDuplicate;
  /** Where rejected rows go; else beside the file. */
  readonly rejects?: string;
  readonly dates?: DateOrder | undefined;
  readonly format?: FormatName | undefined;
  readonly strict?: boolean | undefined;
  readonly ignoreUnknown?: boolean | undefined;
  /** The name under which the answers of the flags are kept. */
  readonly profile?: string;
  readonly json?: boolean;
  /** The column by which another system knows its people. */
  readonly key?: string | undefined;
  /** Leads of the file's lists that are not in it are removed; it is done as a whole or not at all. */
  readonly replace?: boolean;
  /** Rejected rows are expected: they keep nobody from being removed, and do not fail the command. */
  readonly acceptRejects?: boolean;
  /** The store is a copy, which goes away. */
  readonly dryRun?: boolean;
}

interface ImportTarget {
  readonly archive: LeadArchive;
  readonly country: Country;
}

export interface ImportContext {
  /** Opens or makes the store; called once file and flags are known to be valid, and before anything is changed. */
  readonly openStore: () => ImportTarget | Promise<ImportTarget>;
  /** Counts what is done, for those who want to know also where the import fails. */
  readonly tally?: ImportTally;
  /** The file of profiles; undefined: there is none. */
  readonly profiles?: string | undefined;
  readonly terminal: Terminal;
  /** Ctrl-C: the import stops after the current batch. */
  readonly signal: AbortSignal;
}

/**
 * Imports a file of leads.
 *
 * @returns `attention` when rows were rejected, `interrupted` when it was stopped
 * @throws {CommandFailure} the file or the flags cannot be used, or the import could not go on
 */
export async function importLeads(
  file: string,
  flags: ImportOptions,
  context: ImportContext,
): Promise<ExitCode> {
  const { tally = newTally(), terminal } = context;
  const started = performance.now();
  try {
    await using source = await openLeadSource(file, { ...flags, signal: context.signal });
    for (const notice of source.notices) terminal.err(printable(`${source.name}: ${notice}`));
    const prepared = await prepareImport(source, flags, context);
    const { options, content, plan, notices: known } = prepared;
    const path = rejectsPath(file, options.rejects);
    const rejects = createRejects(path, options.rejects === undefined, source);
    const warnings = newWarnings();
    const end = await runImport(
      { source, plan },
      options,
      rejects,
      { ...context, ...prepared, tally },
      warnings,
    );
    const seconds = (performance.now() - started) / 1000;
    const dated = noticesOf(plan, source.header, content, { country: end.country, dates: options.dates });
    summarise(
      { tally, warnings, plan, notices: [...known, ...dated], rejects, seconds, ...end },
      options,
      terminal,
    );
    if (!end.done) return EXIT.interrupted;
    const isClean = tally.rejected === 0 && rowCount(tally) > 0;
    if (isClean && options.rejects === undefined && removeOldRejects(path)) {
      terminal.err(printable(`nothing was rejected, and so the older ${path} was removed`));
    }
    return isClean || (options.acceptRejects === true && rowCount(tally) > 0) ? EXIT.ok : EXIT.attention;
  } catch (cause) {
    throw failureOf(cause, tally, context.signal);
  }
}

/** Finds out what the columns are, with what a profile knows of the header. */
async function prepareImport(source: LeadSource, flags: ImportOptions, context: ImportContext) {
  const { profiles } = context;
  const { answers, save, notice } = chooseAnswers(source.header, answersOf(flags), flags.profile, profiles);
  const options = { ...flags, ...answers };
  const content = await lookThrough(source, context.signal);
  const keyAt = options.key === undefined ? undefined : keyColumn(source, options.key);
  return {
    options: { ...options, keyAt },
    content,
    plan: readPlan(source, options, content),
    notices: notice === undefined ? [] : [notice],
    openStore: async () => {
      const target = await context.openStore();
      if (save !== undefined && profiles !== undefined) saveProfile(profiles, save);
      return target;
    },
  };
}

async function runImport(
  asPlanned: PlannedSource,
  options: ImportOptions & { readonly keyAt: number | undefined },
  rejects: Rejects,
  { openStore, tally, terminal, signal }: Required<Omit<ImportContext, 'profiles'>>,
  warnings: ImportWarnings,
): Promise<ImportEnd & { readonly country: Country }> {
  const { onDuplicate, list: listId, dates, keyAt } = options;
  const { archive, country } = await openStore();
  return withClaim(archive, terminal, async () => {
    const planned = { source: asPlanned.source, plan: withKnownTypes(asPlanned.plan, archive.lists()) };
    const keySource = options.key === undefined ? undefined : normaliseName(options.key);
    const run = archive.startImport(importColumnsOf(planned.plan, keySource), onDuplicate, {
      fileName: basename(planned.source.name),
      isWhole: options.replace === true,
    });
    using progress = await createImportProgress(terminal, planned.source.size);
    const watch: ImportWatch = {
      signal,
      onProgress: (bytes, rows) => progress.show(bytes, rows),
      onWarnings: (line, found) => addWarnings(warnings, line, found),
    };
    const read = () => importLeadFile(planned, { country, listId, dates, keyAt }, run, rejects, tally, watch);
    try {
      return { ...(await finishImport(read, { archive, run, tally }, options)), country };
    } finally {
      rejects.close();
      run.close();
    }
  });
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

/** The flags that a profile keeps. */
function answersOf(flags: ImportOptions): ImportAnswers {
  const { map, custom, ignore, dates, format, ignoreUnknown, strict, key } = flags;
  return { map, custom, ignore, dates, format, ignoreUnknown, strict, key };
}

function readPlan(source: LeadSource, options: ImportOptions, content: FileContent): ColumnPlan {
  const flags = { ...options, format: options.format ?? source.format };
  const planned = planColumns(source.header, flags, options.list !== undefined, content);
  if ('plan' in planned) return planned.plan;
  throw wrongUse(printable(`${source.name}: ${planned.problems.join('; ')}`));
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

/** One line about a fault of file, disk or store; an error of the program itself is returned as it is. */
function failureOf(cause: unknown, tally: ImportTally, signal: AbortSignal): unknown {
  if (signal.aborted && cause === signal.reason) {
    return new CommandFailure('stopped; nothing was imported', EXIT.interrupted, { cause });
  }
  const { added, updated, line } = tally;
  const kept = added + updated > 0 ? `; what came before stays: added ${added}, updated ${updated}` : '';
  if (cause instanceof LeadFileFault) {
    return new CommandFailure(printable(`${cause.message}${kept}`), EXIT.failed, { cause });
  }
  // Node's own errors and SQLite's have a code.
  const isOutside = cause instanceof Error && 'code' in cause;
  if (cause instanceof CommandFailure || !isOutside) return cause;
  const message = `the import failed after line ${line} (${cause.message})${kept}; run it again`;
  return new CommandFailure(message, EXIT.failed, { cause });
}
