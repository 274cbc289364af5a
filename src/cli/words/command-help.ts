/** What the help says of one command in Spanish; test/cli/spanish.test.ts finds what is missing. */
export interface CommandHelp {
  readonly about: string;
  /** By name. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** By flag, such as `--list`; those of settings are in settings-es.ts. */
  readonly options?: Readonly<Record<string, string>>;
}
