import { parse } from 'csv-parse/sync';

/** Asked in this order when two split the header into as many cells. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

export interface Layout {
  readonly delimiter: string;
  /** How many characters of the file a first line `sep=;` takes: Excel's way to name the delimiter. */
  readonly sepLineLength: number;
}

/** Finds the delimiter: the one that the file names, else the one that makes most cells of the header. */
export function findLayout(head: string): Layout {
  const sepLine = /^"?sep=([^\r\n"])"?[,;\t]*(?:\r\n|\n|\r)/i.exec(head);
  if (sepLine?.[1] !== undefined) return { delimiter: sepLine[1], sepLineLength: sepLine[0].length };
  const counts = DELIMITERS.map((delimiter) => splitHeader(head, delimiter)?.length ?? 0);
  const best = counts.indexOf(Math.max(...counts));
  return { delimiter: DELIMITERS[best] ?? ',', sepLineLength: 0 };
}

/**
 * The cells of the first line that is not empty.
 *
 * @returns undefined when it has no end that makes sense: a quote is never closed
 */
export function splitHeader(head: string, delimiter: string): readonly string[] | undefined {
  try {
    const options = {
      delimiter,
      to: 1,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
    };
    const [header] = parse(head, options);
    return header ?? [];
  } catch {
    return undefined;
  }
}
