import type { Terminal } from '../../process/terminal.ts';
import type { Paper } from './draw.ts';

const SMALLEST: Paper = { columns: 80, rows: 24 };

/** Another page, where the terminal has one, without a cursor; and back. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const [HOME, LINE_END, BELOW] = ['\u001b[H', '\u001b[K', '\u001b[J'];

/** Where pictures are shown. */
export interface Screen {
  readonly paper: Paper;
  show(lines: readonly string[]): void;
  /** Gives the terminal back as it was. */
  leave(): void;
}

/** On a terminal each picture takes the place of the one before; elsewhere they follow each other. */
export function createScreen({ stdout }: Pick<Terminal, 'stdout'>): Screen {
  const size = stdout as { readonly columns?: number; readonly rows?: number };
  if (stdout.isTTY !== true) {
    return {
      paper: { ...SMALLEST, rows: Infinity },
      show: (lines) => void stdout.write(`${lines.join('\n')}\n`),
      leave: () => undefined,
    };
  }
  let isOn = false;
  const leave = () => {
    if (isOn) stdout.write(LEAVE);
    isOn = false;
  };
  // Also when a second Ctrl-C ends the process at once.
  process.once('exit', leave);
  return {
    get paper() {
      return { columns: size.columns ?? SMALLEST.columns, rows: size.rows ?? SMALLEST.rows };
    },
    show(lines) {
      if (!isOn) stdout.write(ENTER);
      isOn = true;
      stdout.write(`${HOME}${lines.map((line) => `${line}${LINE_END}\n`).join('')}${BELOW}`);
    },
    leave() {
      leave();
      process.off('exit', leave);
    },
  };
}
