import type { ColumnPlan } from '../files/column-plan.ts';
import { describeColumns } from '../files/describe-columns.ts';
import type { ImportTally } from '../files/import-lead-file.ts';
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
}

/** Warnings that a person sees; the rest is counted. */
const SHOWN_WARNINGS = 3;

/** Tells what an import did: for people, and with `json` for programs. */
export function summarise(
  outcome: ImportOutcome,
  options: { readonly rejects?: string; readonly json?: boolean },
  terminal: Terminal,
): void {
  const { tally, warnings, rejects, seconds, done } = outcome;
  const { added, updated, unchanged, rejected, line } = tally;
  const first = rejects.first();
  const rejectsFile = first === undefined ? null : rejects.path();
  if (options.json === true) terminal.json(jsonOf(outcome, rejectsFile));
  if (!done) {
    const other =
      options.rejects !== undefined && first !== undefined ? ' with another file for --rejects' : '';
    terminal.err(`stopped after line ${line}; run the same command again${other} to finish`);
  }
  if (done && added + updated + unchanged + rejected === 0) terminal.err('there is no row below the header');
  const see = rejectsFile === null ? '' : ` (see ${printable(rejectsFile)})`;
  terminal.err(
    `added ${added}, updated ${updated}, unchanged ${unchanged}, rejected ${rejected}${see}, ${seconds.toFixed(1)} s`,
  );
  if (first !== undefined) {
    terminal.err(printable(`first rejected: line ${first.line}: ${first.reason}`));
  }
  for (const text of [...describeColumns(outcome.plan), ...outcome.notices]) terminal.err(printable(text));
  if (warnings.count === 0) return;
  const shown = warnings.kept
    .slice(0, SHOWN_WARNINGS)
    .map((warning) => `line ${warning.line}: ${warning.text}`);
  const more = warnings.count > shown.length ? ' … (all with --json)' : '';
  terminal.err(printable(`warnings ${warnings.count}: ${shown.join('; ')}${more}`));
}

function jsonOf(
  { tally, warnings, plan, notices, seconds, done }: ImportOutcome,
  rejectsFile: string | null,
): Record<string, unknown> {
  const { added, updated, unchanged, rejected, line } = tally;
  return {
    added,
    updated,
    unchanged,
    rejected,
    rejectsFile,
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
    warningCount: warnings.count,
    warnings: warnings.kept,
  };
}
