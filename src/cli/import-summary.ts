import type { ColumnPlan } from '../files/column-plan.ts';
import { describeColumns } from '../files/describe-columns.ts';
import { type ImportTally, rowCount } from '../files/import-lead-file.ts';
import type { ImportWarnings } from '../files/import-warnings.ts';
import type { Rejects } from '../files/rejects.ts';
import { printable, type Terminal } from '../process/terminal.ts';

/** What an import did. */
export interface ImportOutcome {
  readonly tally: ImportTally;
  readonly warnings: ImportWarnings;
  readonly plan: ColumnPlan;
  /** What a person should know of how the file was read: clauses. */
  readonly notices: readonly string[];
  readonly rejects: Rejects;
  readonly seconds: number;
  /** False: it was stopped. */
  readonly done: boolean;
  readonly importId: number | undefined;
  readonly changedFields: ReadonlyMap<string, number>;
  readonly keptBecause?: string | undefined;
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
  const say = (text: string | undefined) => {
    if (text !== undefined) terminal.err(printable(text));
  };
  say(whatIsMissing(outcome, options));
  say(counts(outcome, rejectsFile, options));
  say(outcome.keptBecause);
  if (options.dryRun === true) say('this was a trial on a copy: nothing was changed');
  if (first !== undefined) say(`first rejected: line ${first.line}: ${first.reason}`);
  for (const text of [...describeColumns(outcome.plan), ...outcome.notices]) say(text);
  if (importId !== undefined && options.dryRun !== true)
    say(`to take it back: callercard import --undo ${importId}`);
  say(shownWarnings(warnings));
}

/** Undefined: all rows were read. */
function whatIsMissing({ done, tally, rejects }: ImportOutcome, options: SummaryOptions): string | undefined {
  if (!done && options.replace === true) return 'stopped; nothing was changed';
  if (done) return rowCount(tally) === 0 ? 'there is no row below the header' : undefined;
  const isTaken = options.rejects !== undefined && rejects.first() !== undefined;
  const other = isTaken ? ' with another file for --rejects' : '';
  return `stopped after line ${tally.line}; run the same command again${other} to finish`;
}

function counts(outcome: ImportOutcome, rejectsFile: string | null, { replace }: SummaryOptions): string {
  const { added, updated, unchanged, rejected, removed } = outcome.tally;
  const see = rejectsFile === null ? '' : ` (see ${rejectsFile})`;
  const gone = replace === true ? `, removed ${removed}${removalsOf(outcome)}` : '';
  return `added ${added}, updated ${updated}${changesOf(outcome)}, unchanged ${unchanged}, rejected ${rejected}${see}${gone}, ${outcome.seconds.toFixed(1)} s`;
}

function shownWarnings({ count, kept }: ImportWarnings): string | undefined {
  if (count === 0) return undefined;
  const shown = kept.slice(0, SHOWN_WARNINGS).map(({ line, text }) => `line ${line}: ${text}`);
  return `warnings ${count}: ${shown.join('; ')}${count > shown.length ? ' … (all with --json)' : ''}`;
}

/** Which fields of how many leads were changed. */
function changesOf({ changedFields }: ImportOutcome): string {
  if (changedFields.size === 0) return '';
  return ` (${[...changedFields].map(([field, count]) => `${field} ${count}`).join(', ')})`;
}

/** From which lists. */
function removalsOf({ removedByList = NOBODY }: ImportOutcome): string {
  const lists = [...removedByList].map(([listId, count]) => `list ${listId}: ${count}`);
  const shown = lists.slice(0, SHOWN_LISTS);
  if (lists.length > shown.length) shown.push('… (all with --json)');
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
    notices,
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
    keptBecause: keptBecause ?? null,
  };
}
