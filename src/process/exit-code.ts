import { AuditRefusal } from '../audit/audit-limits.ts';
import { isDenied, messageOf, RUN_AS_SERVICE } from '../core/problem.ts';
import { StoreRefusal } from '../core/store.ts';
import { ConfigError } from '../config/load.ts';
import { TlsRefusal } from '../http/tls-refusal.ts';
import { printable, type Terminal } from './terminal.ts';

/** The exit codes of commands; docs and `callercard --help` say the same. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** Failed; standard error says why. */
  failed: 1,
  /** Wrong use or wrong settings; nothing was done. */
  usage: 2,
  /** Done, but rows were rejected, a check found a problem or a lookup found no lead. */
  attention: 3,
  /** Stopped by Ctrl-C between two batches. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that a person can fix: `message` is one line that says how. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

/** A failure of a command that tried nothing. */
export function wrongUse(message: string, options?: ErrorOptions): CommandFailure {
  return new CommandFailure(message, EXIT.usage, options);
}

/** Writes why a command failed. @returns its exit code */
export function explain(error: unknown, terminal: Terminal): ExitCode {
  for (const problem of problemsOf(error)) terminal.err(`callercard: ${problem}`);
  if (error instanceof ConfigError) return EXIT.usage;
  return error instanceof CommandFailure ? error.exitCode : EXIT.failed;
}

/** What is wrong, one line each; of an unexpected error with its stack. */
export function problemsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems.map(printable);
  const isExpected =
    error instanceof CommandFailure ||
    error instanceof StoreRefusal ||
    error instanceof AuditRefusal ||
    error instanceof TlsRefusal;
  if (isExpected) return [printable(error.message)];
  // Whichever file it was, it is no fault of the program.
  if (isDenied(error) && error.path !== undefined) {
    return [printable(`${error.path} may not be used by this user (${error.message}); ${RUN_AS_SERVICE}`)];
  }
  return [`unexpected failure: ${(error instanceof Error ? error.stack : undefined) ?? messageOf(error)}`];
}
