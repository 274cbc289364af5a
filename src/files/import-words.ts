/**
 * What is said of files that are imported, as data: a code with its values. A catalogue for each language
 * (`import-words-en.ts`, `import-words-es.ts`) has the words; a value never needs translation.
 */
export type Said<Words> = {
  readonly [Code in keyof Words]: Words[Code] extends (...values: infer Values) => string
    ? { readonly code: Code; readonly values: Readonly<Values> }
    : never;
}[keyof Words];

/** What a person should know of how a file was read: clauses about the file. */
export interface NoticeWords {
  headerAt(line: number): string;
  notUtf8(): string;
  vicidialLoad(): string;
  /** @param others names of sheets, in quotes. @param more beyond those */
  otherSheets(sheet: string, others: string, more: number): string;
  mixedCards(own: number, all: number): string;
  captionsUnreadable(): string;
  foreignIds(): string;
  /** @param field the field that is meant, perhaps. @param known the name that is nearly the same */
  nearField(column: string, field: string, known: string): string;
  profileUsed(name: string): string;
  /** @param columns their names, in quotes */
  openDates(columns: string, usual: 'dmy' | 'mdy', country: string): string;
}

/** What is wrong with a value of a row: clauses that complete "column 'value' …". */
export interface ValueWords {
  /** @param clause as `readPhone` and `doubtOf` say it, in English */
  phone(clause: string): string;
  /** @param parts in quotes. @param more beyond those */
  noNumberWithin(parts: string, more: number): string;
  /** @param others further values that were not taken */
  beyondKept(most: number, others: number): string;
  beyondAddresses(most: number, others: number): string;
  beyondColumns(): string;
  noGender(): string;
  noCountry(): string;
  noDay(): string;
  noMoment(): string;
  noFurtherNumbers(): string;
  noYesNo(): string;
  noType(type: string): string;
}

export type ValueFault = Said<ValueWords>;

/** What rows lost though they were taken, and what is doubtful in them. */
export interface WarningWords {
  /** @param value in quotes */
  leftOut(column: string, value: string, fault: ValueFault): string;
  doubtful(column: string, value: string, fault: ValueFault): string;
  moreLeftOut(column: string, count: number): string;
  /** Columns of one name; counted from 1. */
  differs(column: number, value: string, first: number): string;
}

export type ImportNotice = Said<NoticeWords>;
export type ImportWarning = Said<WarningWords>;

/** Why an import with `replace` removed nobody. */
export type KeptBecause = 'noRowOfFile' | 'noRowOfOneFile' | 'rejects';

/** What the columns of a file became: lines. */
export interface ColumnWords {
  readAs(format: string, isExport: boolean): string;
  /** @param others columns that kept their names */
  columns(renamed: string, others: number): string;
  further(what: 'e-mails' | 'addresses', field: string): string;
  leftOut(columns: string): string;
  /** Who wrote it is not known. */
  readonly theFile: string;
  /** Why columns were left out: clauses. */
  readonly why: {
    format(program: string): string;
    readonly empty: string;
    readonly repeated: string;
    readonly unknown: string;
  };
  emptyColumns(count: number): string;
  more(count: number): string;
}

export interface ImportWords {
  readonly kept: Readonly<Record<KeptBecause, string>>;
  readonly columns: ColumnWords;
  readonly notices: NoticeWords;
  readonly values: ValueWords;
  readonly warnings: WarningWords;
}

/** @returns the sentence or clause, in the language of the words */
export function say<Words extends object>(words: Words, { code, values }: Said<Words>): string {
  return (words[code] as (...values: readonly unknown[]) => string)(...values);
}

/**
 * The same of what was written to a file as JSON.
 *
 * @returns undefined: it is none of these words', such as one of an earlier version
 */
export function sayStored(words: NoticeWords | WarningWords, stored: unknown): string | undefined {
  const { code, values } = (stored ?? {}) as { readonly code?: unknown; readonly values?: unknown };
  return typeof code === 'string' && Object.hasOwn(words, code) && Array.isArray(values)
    ? say<object>(words, { code, values } as never)
    : undefined;
}

/** A sentence with the names of options where it has flags: `header_line` for `--header-line`. */
export function withOptionNames(text: string): string {
  return text.replace(/(?<![\w-])--([a-z]+(?:-[a-z]+)*)/g, (_flag, name: string) =>
    name.replaceAll('-', '_'),
  );
}
