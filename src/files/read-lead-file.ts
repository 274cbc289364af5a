import type { FileHandle } from 'node:fs/promises';
import { CsvError, Parser, type Options } from 'csv-parse';

import { createDecoder } from './encoding.ts';
import { LeadFileFault } from './csv.ts';
import { mayBePlain, PlainRows } from './plain-rows.ts';
import type { Cells, OnRow } from './cells.ts';
import type { LeadTable } from './survey.ts';

/** A longer record means a quote that is never closed, not a longer comment. Characters. */
const MAX_RECORD_SIZE = 1_000_000;

const PIECE_BYTES = 64 * 1024;

/**
 * Reads the rows below the header, a piece of the file at a time.
 *
 * @yields after each piece, when all rows that end in it were handed to `onRow`: the bytes so far, and the line in which the
 *   last row ends
 * @throws {LeadFileFault} the rest of the file cannot be read
 */
export async function* readLeadFile(
  file: FileHandle,
  name: string,
  table: LeadTable,
  onRow: OnRow,
): AsyncGenerator<{ readonly bytes: number; readonly line: number }> {
  const rows = createRows(table, onRow);
  const decode = createDecoder(table.encoding);
  try {
    // One for all: the garbage of a new one for each piece came to 100 MB.
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let bytes = table.start; ;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, bytes);
      bytes += bytesRead;
      await rows.add(decode(piece.subarray(0, bytesRead), bytesRead === 0));
      if (bytesRead === 0) await rows.finish();
      yield { bytes, line: rows.endLine() };
      if (bytesRead === 0) return;
    }
  } catch (cause) {
    throw cause instanceof CsvError ? faultOf(cause, name, rows.endLine() + 1) : cause;
  } finally {
    rows.close();
  }
}

/** Plain rows first; from the first one that is not, csv-parse. */
function createRows(table: LeadTable, onRow: OnRow) {
  let isHeader = true;
  const takeRecord: OnRow = (cells, line) => {
    // Spreadsheets leave lines that are nothing but delimiters.
    if (!isHeader && cells.some((cell) => cell !== null)) onRow(cells, line);
    isHeader = false;
  };
  let plain = mayBePlain(table.delimiter, table.lineEnds)
    ? new PlainRows(table.delimiter, table.linesBefore, takeRecord)
    : undefined;
  let lines = createLineCount(table.linesBefore);
  let parser: Parser | undefined;
  const useParser = () => (parser ??= createParser(table, lines, takeRecord));

  function leavePlain({ linesBeforeRest, rest }: PlainRows): Promise<void> {
    plain = undefined;
    lines = createLineCount(linesBeforeRest);
    return feed(useParser(), rest);
  }

  return {
    /** Where the last row ended. */
    endLine: () => plain?.endLine ?? lines.end(),
    /** Resolves when every row that ends in these bytes was handed over. */
    async add(bytes: Buffer): Promise<void> {
      // csv-parse keeps what it was given.
      if (plain === undefined) return feed(useParser(), Buffer.from(bytes));
      plain.add(bytes);
      if (plain.isStuck) await leavePlain(plain);
    },
    async finish(): Promise<void> {
      if (plain !== undefined) await leavePlain(plain);
      await feed(useParser(), undefined);
    },
    close: () => parser?.destroy(),
  };
}

function createParser(table: LeadTable, lines: ReturnType<typeof createLineCount>, onRecord: OnRow): Parser {
  const options: Options = {
    delimiter: table.delimiter,
    record_delimiter: [...table.lineEnds],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_SIZE,
    on_record: (record, { lines: parserLine }) => {
      const cells: (string | null)[] = record;
      for (let at = 0; at < cells.length; at++) {
        if (cells[at] === '' && !table.hasQuotedEmpty) cells[at] = null;
      }
      onRecord(cells, lines.startOf(cells, parserLine));
      // Nothing goes through the stream: a million objects less.
      return null;
    },
  };
  // csv-parse reports quoted cells only through `cast`, which takes a tenth of the whole import.
  if (table.hasQuotedEmpty) options.cast = (cell, { quoting }) => (cell === '' && !quoting ? null : cell);
  const parser = new Parser(options).resume();
  // What went wrong reaches the writer's callback.
  parser.on('error', () => undefined);
  return parser;
}

/** @param bytes undefined: the file ends */
function feed(parser: Parser, bytes: Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (cause?: Error | null) => (cause ? reject(cause) : resolve());
    if (bytes === undefined) parser.end(done);
    else parser.write(bytes, done);
  });
}

function faultOf(cause: CsvError, name: string, line: number): LeadFileFault {
  const what =
    cause.code === 'CSV_MAX_RECORD_SIZE'
      ? `is longer than ${MAX_RECORD_SIZE} characters: a quote (") in it is probably never closed`
      : 'has a quote (") that is never closed';
  return new LeadFileFault(
    `${name}: the row that begins in line ${line} ${what}; correct it and import again`,
    { cause },
  );
}

/** Where rows begin. The parser counts a line break `\r\n` inside a cell twice. */
function createLineCount(linesBefore: number) {
  let end = linesBefore;
  let parserEnd = 0;
  let countedTwice = 0;
  return {
    /** Where the last row ended. */
    end: () => end,
    startOf(cells: Cells, parserLine: number): number {
      let breaks = 0;
      // Rows of one line, nearly all, are not searched.
      if (parserLine !== parserEnd + 1) {
        const found = cells.flatMap((cell) => cell?.match(/\r\n|\n|\r/g) ?? []);
        breaks = found.length;
        countedTwice += found.filter((lineBreak) => lineBreak === '\r\n').length;
      }
      parserEnd = parserLine;
      end = linesBefore + parserLine - countedTwice;
      return end - breaks;
    },
  };
}
