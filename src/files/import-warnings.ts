import type { RowWarning } from './row-warning.ts';

/** More are counted, and not kept: a file of a million rows may have one in each. */
const MOST_KEPT = 10_000;

/** What rows lost though they were taken, and what is doubtful in them. */
export interface ImportWarnings {
  count: number;
  /** The first ones. */
  readonly kept: ({ readonly line: number } & RowWarning)[];
}

export function newWarnings(): ImportWarnings {
  return { count: 0, kept: [] };
}

export function addWarnings(all: ImportWarnings, line: number, warnings: readonly RowWarning[]): void {
  all.count += warnings.length;
  for (const warning of warnings) {
    if (all.kept.length < MOST_KEPT) all.kept.push({ line, ...warning });
  }
}
