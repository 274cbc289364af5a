/** Why a file cannot be imported or written: one sentence for a person that says what to do. */
export class LeadFileFault extends Error {
  override readonly name = 'LeadFileFault';
  /** The file was cut off, or something was put behind it: what is whole of it was read. */
  readonly isDamage: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isDamage?: boolean } = {}) {
    super(message, options);
    this.isDamage = options.isDamage === true;
  }
}

/** Whether it says that a file is damaged, of which what is whole was read. */
export function isDamage(cause: unknown): boolean {
  return cause instanceof LeadFileFault && cause.isDamage;
}

/**
 * Writes cells as a line without its end. null is an empty cell (nothing stored), an empty string is `""`: the
 * way in which PostgreSQL's COPY keeps them apart.
 */
export function csvLine(cells: readonly (string | number | null)[], delimiter: string): string {
  let line = '';
  for (let at = 0; at < cells.length; at++) {
    if (at > 0) line += delimiter;
    const cell = cells[at];
    if (typeof cell === 'string')
      line += needsQuotes(cell, delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
    else if (typeof cell === 'number') line += String(cell);
  }
  return line;
}

function needsQuotes(cell: string, delimiter: string): boolean {
  return (
    cell === '' ||
    cell.includes(delimiter) ||
    cell.includes('"') ||
    cell.includes('\n') ||
    cell.includes('\r')
  );
}

const SHOWN = 40;

/** A value from a file for a message: in quotes, on one line, not longer than a person reads. */
export function quote(value: string | null | undefined): string {
  const line = (value ?? '').replace(/\p{Cc}+/gu, ' ');
  return `'${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}'`;
}
