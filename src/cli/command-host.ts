import type { ExitCode } from '../process/exit-code.ts';
import type { Terminal } from '../process/terminal.ts';

/** What a command works with, and how it tells its exit code. */
export interface CommandHost {
  readonly terminal: Terminal;
  /** Runs a command's work and keeps its exit code. */
  readonly run: (work: () => ExitCode | Promise<ExitCode>) => Promise<void>;
}
