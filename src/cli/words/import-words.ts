import type { ImportSummary } from '../../core/lead-archive.ts';

/** What `import` and `imports` print for a person. */
export interface ImportCommandWords {
  readonly stoppedUnchanged: string;
  readonly noRows: string;
  /** @param otherRejects the file of rejects is taken: another one must be named */
  stoppedAfter(line: number, otherRejects: boolean): string;
  counts(counts: SummaryCounts): string;
  listCount(listId: number, count: number): string;
  readonly allWithJson: string;
  readonly trial: string;
  firstRejected(line: number, reason: string): string;
  undoWith(importId: number): string;
  warningAt(line: number, text: string): string;
  warnings(count: number, shown: string, isCut: boolean): string;
  notImported(files: string): string;
  olderRejectsGone(path: string): string;
  undone(result: UndoneCounts): string;
  readonly noImports: string;
  readonly columns: readonly string[];
  readonly states: Readonly<Record<ImportSummary['state'], string>>;
  readonly yes: string;
  readonly no: string;
  /** Of a bar; `{eta_formatted}` is a time. */
  readonly left: string;
  readonly rows: string;
  readonly indexing: string;
  indexed(leads: number, seconds: string): string;
  notIndexed(why: string): string;
}

/** Texts in brackets that follow a count, or nothing. */
export interface SummaryCounts {
  readonly added: number;
  readonly updated: number;
  readonly changes: string;
  readonly unchanged: number;
  readonly rejected: number;
  readonly rejectsFile: string | null;
  /** Undefined: none can have been removed. */
  readonly removed: number | undefined;
  readonly removals: string;
  readonly seconds: number;
}

export interface UndoneCounts {
  readonly importId: number;
  readonly fileName: string;
  readonly restored: number;
  readonly removed: number;
  readonly kept: number;
}
