import type { OnRow } from './cells.ts';
import type { FormatName } from './formats/file-format.ts';
import type { ImportNotice } from './import-words.ts';

/** What a file is, by its content. */
export type LeadSourceKind = 'csv' | 'xlsx' | 'vcf' | 'json';

/** How far the reading of a source is. */
export interface SourceProgress {
  /** Of the source's `size`, in the same unit. */
  readonly bytes: number;
  /** The line in which the last row ended, counted from 1. */
  readonly line: number;
}

/**
 * Called for each piece of a file that is no row: `raw` is its text as it was read, `line` where it begins, and `reason` a
 * clause for the rejects file.
 */
export type OnBadRow = (raw: string, line: number, reason: string) => void;

/**
 * A file of any kind as a header and rows. It can be read more than once, but not twice at the same time; its disposal closes
 * the file.
 */
export interface LeadSource extends AsyncDisposable {
  /** The file's name, for messages. */
  readonly name: string;
  readonly kind: LeadSourceKind;
  /** Where the kind of file alone says what its columns mean. */
  readonly format?: FormatName;
  /** The end of `bytes` in the progress: bytes of the file, or of what is inflated from it. */
  readonly size: number;
  /** As written, in the file's order; names may be repeated or empty. */
  readonly header: readonly string[];
  /** Counted from 1; 0 where the file has no line of names and they were made. */
  readonly headerLine: number;
  /** For files that are written beside this one, such as the rejects. */
  readonly delimiter: string;
  /** What was found out or guessed about the file and a person should know: sentences without an end. */
  readonly notices: readonly ImportNotice[];
  /**
   * Reads the rows below the header, a piece of the file at a time. Each row of the file goes to one of the two functions.
   *
   * @yields after each piece, when all rows that end in it were handed over
   * @throws {LeadFileFault} the rest of the file cannot be read
   */
  readonly rows: (onRow: OnRow, onBadRow: OnBadRow) => AsyncGenerator<SourceProgress>;
}

export interface SourceOptions {
  /** What the file is called in messages; else its path. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The line that names the columns, counted from 1, where it is not to be found out. */
  readonly headerLine?: number | undefined;
  /** The sheet of a workbook, by its name or by its number from 1. */
  readonly sheet?: string | undefined;
}
