import type { Cells } from './cells.ts';

/** What is known of a file's cells before its columns are planned. */
export interface FileContent {
  /** Some rows, the first ones among them. */
  readonly samples: readonly Cells[];
  /** The columns that hold anything in any row; undefined: not known, each is taken to hold something. */
  readonly columnsWithValues: ReadonlySet<number> | undefined;
}

export const UNKNOWN_CONTENT: FileContent = { samples: [], columnsWithValues: undefined };

/** The cells of some rows, column by column. */
export class ColumnSamples {
  readonly #content: FileContent;

  constructor(content: FileContent) {
    this.#content = content;
  }

  hasValues(at: number): boolean {
    return this.#content.columnsWithValues?.has(at) ?? true;
  }

  /** The column's cells without spaces around; none of the empty ones. */
  valuesOf(at: number): readonly string[] {
    return this.#content.samples
      .filter((cells) => !isBlank(cells[at]))
      .map((cells) => cells[at]?.trim() ?? '');
  }

  /** True when the values are enough to judge by and more than `share` of them are so. */
  are(at: number, test: (value: string) => boolean, share = 0.5): boolean {
    const values = this.valuesOf(at);
    return values.length > 0 && values.filter(test).length > share * values.length;
  }

  /** True for a column of what looks like telephone numbers. */
  areNumbers(at: number): boolean {
    return this.are(at, looksLikePhone);
  }

  /** True when any cell of any row is so. */
  some(test: (cell: string) => boolean): boolean {
    return this.#content.samples.some((cells) => cells.some((cell) => cell !== null && test(cell)));
  }

  /** True when no row has something else in one column than in the other. */
  isSame(one: number, other: number): boolean {
    return this.#content.samples.every((cells) => (cells[one] ?? '').trim() === (cells[other] ?? '').trim());
  }
}

/** Nothing, or what Outlook writes where there is no date. */
export function isBlank(cell: string | null | undefined): boolean {
  const text = cell?.trim() ?? '';
  return text === '' || text === '0/0/00';
}

/** Ten digits in some writing, and few other signs. */
export function looksLikePhone(value: string): boolean {
  const digits = value.replace(/\D/g, '').length;
  return digits >= 7 && digits <= 18 && (value.match(/\p{L}/gu)?.length ?? 0) <= 5;
}

/** Letters, and no digits: a person or a company. */
export function looksLikeName(value: string): boolean {
  return !/[\d@]/.test(value) && /\p{L}{2}/u.test(value);
}

/** More than one word. */
export function hasSeveralWords(value: string): boolean {
  return /\p{L}[ \t\u00a0]+\S*\p{L}/u.test(value);
}
