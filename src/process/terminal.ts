import type { Readable, Writable } from 'node:stream';

/** Where a command reads and writes: results to `out`, messages for people to `err`. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  out(line: string): void;
  err(line: string): void;
}

export function createTerminal(
  stdin: Terminal['stdin'],
  stdout: Terminal['stdout'],
  stderr: Terminal['stderr'],
): Terminal {
  return {
    stdin,
    stdout,
    stderr,
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
  };
}

/** Stored text on a terminal: control characters, which could move the cursor or colour the rest, become `?`. */
export function printable(text: string): string {
  return text.replace(/\r?\n/g, ' ⏎ ').replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}

/** A time as a date, in UTC. */
export function dayOf(at: Date | number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Resolves when the reader has taken the text, so that none is buffered here. */
export function writeText(stream: Writable, text: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    // On failure this listener stays: the stream emits its error once more, after the callback.
    stream.once('error', reject);
    stream.write(text, (cause) => {
      if (cause) {
        reject(cause);
        return;
      }
      stream.off('error', reject);
      resolve();
    });
  });
}

/** The reader (`head`) had enough. */
export function isReaderGone(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
}

/** Columns for people: as wide as their widest cell, two spaces apart. */
export function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines.map((line) => writeRow(line, widths)).join('\n');
}

/** A row of columns of these widths, two spaces apart. */
export function writeRow(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return padded.join('  ').trimEnd();
}
