import type { ColumnPlan } from '../files/column-plan.ts';
import { describeColumns } from '../files/describe-columns.ts';
import { type ImportNotice, type KeptBecause, say } from '../files/import-words.ts';
import { ENGLISH_IMPORT } from '../files/import-words-en.ts';
import { type ImportTally, rowCount } from '../files/import-lead-file.ts';
import type { ImportWarnings } from '../files/import-warnings.ts';
import type { Rejects } from '../files/rejects.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { fileWords, importWords } from './words/import.ts';

/** What an import did. */
export interface ImportOutcome {
  readonly tally: ImportTally;
  readonly warnings: ImportWarnings;
  readonly plan: ColumnPlan;
  readonly notices: readonly ImportNotice[];
  readonly rejects: Rejects;
  readonly seconds: number;
  /** False: it was stopped. */
  readonly done: boolean;
  readonly importId: number | undefined;
  readonly changedFields: ReadonlyMap<string, number>;
  readonly keptBecause?: KeptBecause | undefined;
  readonly removedByList?: ReadonlyMap<number, number> | undefined;
}

interface SummaryOptions {
  /** Where several are imported. */
  readonly file?: string;
  readonly rejects?: string;
  readonly json?: boolean;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
}

/** Warnings that a person sees; the rest is counted. */
const SHOWN_WARNINGS = 3;
const SHOWN_LISTS = 10;
const NOBODY: ReadonlyMap<number, number> = new Map();

/** Tells what an import did: for people, and with `json` for programs. */
export function summarise(outcome: ImportOutcome, options: SummaryOptions, terminal: Terminal): void {
  const { rejects, warnings, importId } = outcome;
  const first = rejects.first();
  const rejectsFile = first === undefined || options.dryRun === true ? null : rejects.path();
  if (options.json === true) terminal.json(jsonOf(outcome, rejectsFile, options));
  const [words, file] = [importWords(), fileWords()];
  const print = (text: string | undefined) => {
    if (text !== undefined) terminal.err(printable(text));
  };
  print(whatIsMissing(outcome, options));
  print(counts(outcome, rejectsFile, options));
  print(outcome.keptBecause && file.kept[outcome.keptBecause]);
  if (options.dryRun === true) print(words.trial);
  if (first !== undefined) print(words.firstRejected(first.line, first.reason));
  for (const line of describeColumns(outcome.plan, file.columns)) print(line);
  for (const notice of outcome.notices) print(say(file.notices, notice));
  if (importId !== undefined && options.dryRun !== true) print(words.undoWith(importId));
  print(shownWarnings(warnings));
}

/** Undefined: all rows were read. */
function whatIsMissing({ done, tally, rejects }: ImportOutcome, options: SummaryOptions): string | undefined {
  const words = importWords();
  if (!done && options.replace === true) return words.stoppedUnchanged;
  if (done) return rowCount(tally) === 0 ? words.noRows : undefined;
  const isTaken = options.rejects !== undefined && rejects.first() !== undefined;
  return words.stoppedAfter(tally.line, isTaken);
}

function counts(outcome: ImportOutcome, rejectsFile: string | null, { replace }: SummaryOptions): string {
  const { added, updated, unchanged, rejected, removed } = outcome.tally;
  return importWords().counts({
    ...{ added, updated, unchanged, rejected, rejectsFile, seconds: outcome.seconds },
    changes: changesOf(outcome),
    removed: replace === true ? removed : undefined,
    removals: removalsOf(outcome),
  });
}

function shownWarnings({ count, kept }: ImportWarnings): string | undefined {
  if (count === 0) return undefined;
  const [words, { warnings }] = [importWords(), fileWords()];
  const shown = kept
    .slice(0, SHOWN_WARNINGS)
    .map(({ line, said }) => words.warningAt(line, say(warnings, said)));
  return words.warnings(count, shown.join('; '), count > shown.length);
}

/** Which fields of how many leads were changed. */
function changesOf({ changedFields }: ImportOutcome): string {
  if (changedFields.size === 0) return '';
  return ` (${[...changedFields].map(([field, count]) => `${field} ${count}`).join(', ')})`;
}

/** From which lists. */
function removalsOf({ removedByList = NOBODY }: ImportOutcome): string {
  const words = importWords();
  const lists = [...removedByList].map(([listId, count]) => words.listCount(listId, count));
  const shown = lists.slice(0, SHOWN_LISTS);
  if (lists.length > shown.length) shown.push(words.allWithJson);
  return lists.length === 0 ? '' : ` (${shown.join(', ')})`;
}

function jsonOf(
  outcome: ImportOutcome,
  rejectsFile: string | null,
  options: SummaryOptions,
): Record<string, unknown> {
  const { tally, warnings, plan, notices, rejects, seconds, done, importId, changedFields } = outcome;
  const { added, updated, unchanged, rejected, line } = tally;
  return {
    ...(options.file === undefined ? {} : { file: options.file }),
    added,
    updated,
    unchanged,
    rejected,
    rejectsFile,
    ...(options.replace === true ? removalsForJson(outcome) : {}),
    ...(options.dryRun === true ? { dryRun: true } : {}),
    importId: options.dryRun === true ? null : (importId ?? null),
    changedFields: Object.fromEntries(changedFields),
    lines: line,
    seconds: Math.round(seconds * 1000) / 1000,
    ...(done ? {} : { stopped: true }),
    format: plan.format?.name ?? null,
    columns: plan.uses.map(({ header, became, leftOut }) => ({
      column: header,
      became: became ?? null,
      ...(leftOut === undefined ? {} : { leftOut }),
    })),
    notices: notices.map((notice) => say(ENGLISH_IMPORT.notices, notice)),
    saidNotices: notices,
    firstRejected: rejects.first() ?? null,
    warningCount: warnings.count,
    warnings: warnings.kept,
  };
}

function removalsForJson({
  tally,
  keptBecause,
  removedByList = NOBODY,
}: ImportOutcome): Record<string, unknown> {
  return {
    removed: tally.removed,
    removedByList: Object.fromEntries(removedByList),
    keptBecause: keptBecause === undefined ? null : ENGLISH_IMPORT.kept[keptBecause],
    saidKept: keptBecause ?? null,
  };
}
