import type { Readable, Writable } from 'node:stream';

/**
 * Where a command reads and writes. Whatever is given to `out`, `err` and `json`, no character reaches the other side that a
 * terminal would act on. A reader that is gone (`| head`) is no failure: what is written then goes nowhere.
 */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Writes results. */
  out(text: string): void;
  /** Writes a result for programs, with the same value whatever its texts hold. */
  json(value: unknown, indent?: number): void;
  /** Writes messages for people. */
  err(text: string): void;
  /** Why output was lost though somebody reads it, such as a full disk; undefined: none was. */
  readonly failure: unknown;
}

export function createTerminal(
  stdin: Terminal['stdin'],
  stdout: Terminal['stdout'],
  stderr: Terminal['stderr'],
): Terminal {
  let failure: unknown;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (cause) => {
      if (!isReaderGone(cause)) failure ??= cause;
    });
  }
  const out = (text: string) => void stdout.write(`${printableLines(text)}\n`);
  return {
    stdin,
    stdout,
    stderr,
    out,
    json: (value, indent) => out(escapeControls(JSON.stringify(value, null, indent))),
    err: (text) => void stderr.write(`${printableLines(text)}\n`),
    get failure() {
      return failure;
    },
  };
}

/** What a terminal acts on: controls, format characters (those that change the direction among them), line separators. */
const NOT_SHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Stored text on a terminal: characters that could move the cursor or colour or reverse the rest become `?`. */
export function printable(text: string): string {
  return text.replace(/\r?\n/g, ' ⏎ ').replace(NOT_SHOWN, '?');
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(NOT_SHOWN, (character) => (character === '\n' ? character : '?'));
}

/** JSON text in which such characters stand as escapes; its value is the same. Line breaks between values are kept. */
export function escapeControls(json: string): string {
  return json.replace(NOT_SHOWN, (character) =>
    character === '\n' ? character : character.replace(/[^]/g, escapeUnit),
  );
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A time as a date, in UTC. */
export function dayOf(at: Date | number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Resolves when the reader has taken the text, so that none is buffered here. */
export function writeText(stream: Writable, text: string | Buffer): Promise<void> {
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

/** Columns for people, printable: as wide as their widest cell, two spaces apart. */
export function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows.map((cells) => cells.map(printable))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines.map((line) => writeRow(line, widths)).join('\n');
}

/** A row of columns of these widths, two spaces apart. */
export function writeRow(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return padded.join('  ').trimEnd();
}
