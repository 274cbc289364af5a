import { createInterface } from 'node:readline/promises';

import { wrongUse } from '../process/exit-code.ts';
import type { Terminal } from '../process/terminal.ts';

/** @throws {CommandFailure} nobody can be asked, and `--yes` is not given */
export function checkCanAsk(terminal: Terminal, isYes: boolean): void {
  if (!isYes && terminal.stdin.isTTY !== true)
    throw wrongUse('there is no terminal to ask at; say --yes to erase without a question');
}

/** @returns whether the person has typed `yes` */
export async function confirm(terminal: Terminal, text: string): Promise<boolean> {
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  const stopped = new AbortController();
  lines.once('SIGINT', () => stopped.abort());
  lines.once('close', () => stopped.abort());
  try {
    const answer = await lines.question(`${text} It cannot be undone. Type yes: `, {
      signal: stopped.signal,
    });
    return answer.trim().toLowerCase() === 'yes';
  } catch {
    // Ctrl-C, or the end of the input.
    return false;
  } finally {
    lines.close();
  }
}
