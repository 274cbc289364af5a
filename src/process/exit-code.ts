/** What a command's exit code tells a program; docs and `callercard --help` say the same. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** Not done: the line on standard error says why. */
  failed: 1,
  /** Wrong use or wrong settings; nothing was tried. */
  usage: 2,
  /** Done, but look: rows were rejected, a check found a problem, nobody was found. */
  attention: 3,
  /** Stopped by Ctrl-C between two batches. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that a person can mend: `message` is one line that says what to do. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}
