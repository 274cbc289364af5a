/** Programs that write rows, each in its own way: what they write is read to the same cells. */

export type Row = readonly (string | null)[];

export interface Writer {
  readonly name: string;
  readonly encode: (text: string) => Buffer;
  /** One row, with its line's end. */
  readonly row: (cells: Row, isHeader: boolean) => string;
  /** What the writer can write: a value as it comes back. */
  readonly value: (value: string) => string | null;
  /**
   * Values as every file has them somewhere. Where a delimiter does not tell how a program quotes, these do: of one line
   * alone, such as `a<tab>""`, nobody can say what it means.
   */
  readonly usual: readonly string[];
}

const utf8 = (text: string) => Buffer.from(text);
const marked = (text: string) => Buffer.from(`\uFEFF${text}`);
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');

const QUOTED_VALUES = ['a\tb', 'dijo "hola", y\tse fue', 'línea uno\nlínea dos', '20" de\tlargo'];
const PLAIN_VALUES = ['20" de largo', 'dijo "hola" ayer', '"', 'C:\\Datos', 'un 50" más'];

function quoting(name: string, delimiter: string, lineEnd: string, encode = utf8, quotesAll = false): Writer {
  const needs = (cell: string) => quotesAll || /["\r\n]/.test(cell) || cell.includes(delimiter);
  const write = (cell: string | null) =>
    cell === null ? '' : needs(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return {
    name,
    encode,
    row: (cells) => cells.map(write).join(delimiter) + lineEnd,
    value: (value) => (value === '' && !quotesAll ? null : value),
    usual: delimiter === '\t' ? QUOTED_VALUES : [],
  };
}

/** Tabs and line breaks in a value become spaces, which such programs do or should do. */
function plain(name: string, delimiter: string, lineEnd: string, encode = utf8): Writer {
  return {
    name,
    encode,
    row: (cells) => cells.map((cell) => cell ?? '').join(delimiter) + lineEnd,
    value: (value) => value.replaceAll(/[\r\n]/g, ' ').replaceAll(delimiter, ' ') || null,
    usual: PLAIN_VALUES,
  };
}

function outfile(name: string, delimiter: string, quote: '"' | '', hasLetters = false): Writer {
  const letters: Readonly<Record<string, string>> = hasLetters ? { '\t': 't', '\n': 'n' } : {};
  // Within quotes, MySQL escapes nothing but these two.
  const special = quote === '' ? ['\\', delimiter, '\n'] : ['\\', quote];
  const escape = (cell: string) =>
    cell.replaceAll(/[^]/g, (sign) => (special.includes(sign) ? `\\${letters[sign] ?? sign}` : sign));
  return {
    name,
    encode: utf8,
    row: (cells, isHeader) =>
      cells
        .map((cell) => (cell === null ? '\\N' : `${quote}${isHeader ? cell : escape(cell)}${quote}`))
        .join(delimiter) + '\n',
    value: (value) => (value === '' && quote === '' ? null : value),
    usual: PLAIN_VALUES,
  };
}

export const WRITERS: readonly Writer[] = [
  quoting('RFC 4180', ',', '\r\n'),
  quoting('RFC 4180 with LF', ',', '\n'),
  quoting('a program that quotes all', ',', '\n', utf8, true),
  quoting('Excel: CSV UTF-8', ',', '\r\n', marked),
  quoting('Excel with semicolons', ';', '\r\n', marked),
  quoting('Excel: Unicode text', '\t', '\r\n', utf16),
  quoting('tabs, all quoted', '\t', '\n', utf8, true),
  plain('tabs without quoting', '\t', '\r\n'),
  plain('pipes without quoting', '|', '\n'),
  plain('tabs in UTF-16 without quoting', '\t', '\r\n', utf16),
  outfile('MySQL: INTO OUTFILE', '\t', ''),
  outfile('MySQL: INTO OUTFILE, enclosed', ',', '"'),
  outfile('MySQL: batch mode', '\t', '', true),
];
