import { AuditRefusal, StoreRefusal, TlsRefusal } from '../app.ts';
import { ConfigError } from '../config/load.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Says why a command ended, in words for the person who gave it. */
export function explain(error: unknown, terminal: Terminal): ExitCode {
  for (const problem of problemsOf(error)) terminal.err(`callercard: ${problem}`);
  if (error instanceof ConfigError) return EXIT.usage;
  return error instanceof CommandFailure ? error.exitCode : EXIT.failed;
}

/** What is wrong, one line each; with the place in the code where nobody expected it. */
export function problemsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems;
  const isExpected =
    error instanceof CommandFailure ||
    error instanceof StoreRefusal ||
    error instanceof AuditRefusal ||
    error instanceof TlsRefusal;
  if (isExpected) return [error.message];
  return [`unexpected failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
}
