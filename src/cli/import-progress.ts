import type { Terminal } from '../process/terminal.ts';
import { importWords } from './words/import.ts';

const LINE_EVERY_MS = 5_000;

/** How far the reading of files is: bytes and rows. Its disposal takes a bar off the screen. */
export interface ImportProgress extends Disposable {
  show(bytes: number, rows: number): void;
}

/** A bar on a terminal; in a pipe a plain line now and then, and none for short work. */
export function createImportProgress(
  terminal: Terminal,
  size: number,
  what = importWords().rows,
): Promise<ImportProgress> | ImportProgress {
  return terminal.stderr.isTTY === true ? bar(terminal, size, what) : lines(terminal, size, what);
}

async function bar(terminal: Terminal, size: number, what: string): Promise<ImportProgress> {
  // Only for people: a server that starts needs none of it.
  const { SingleBar } = await import('cli-progress');
  const single = new SingleBar({
    format: `{bar} {percentage}% | {rows} ${what} | ${importWords().left}`,
    stream: terminal.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // Ctrl-C is the import's own: it ends the batch first.
    gracefulExit: false,
    etaBuffer: 100,
  });
  single.start(size, 0, { rows: 0 });
  return {
    show: (bytes, rows) => single.update(Math.min(bytes, size), { rows }),
    [Symbol.dispose]: () => single.stop(),
  };
}

function lines(terminal: Terminal, size: number, what: string): ImportProgress {
  let last = performance.now();
  return {
    show: (bytes, rows) => {
      const now = performance.now();
      if (now - last < LINE_EVERY_MS) return;
      last = now;
      terminal.err(`${Math.floor((bytes / Math.max(size, 1)) * 100)} % (${rows} ${what})`);
    },
    [Symbol.dispose]: () => undefined,
  };
}
