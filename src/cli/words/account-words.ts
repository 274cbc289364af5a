import type { RefusalCode } from '../../service/planned-act.ts';

/** What `user` and `token` print for a person. Names and texts that they get are printable. */
export interface AccountWords {
  /** Why something is not done. @param about the name or text that it is about */
  readonly refusals: Readonly<Record<RefusalCode, (about: string) => string>>;
  readonly noAdminLeft: string;
  added(name: string): string;
  passwordChanged(name: string): string;
  enabled(name: string): string;
  disabled(name: string): string;
  /** @param extension undefined: it was not changed */
  set(name: string, rights: string, lists: string, extension: string | undefined): string;
  granted(name: string, rights: string): string;
  removed(name: string): string;
  unlocked(name: string, failures: number): string;
  dialerLock(minutes: number): string;
  readonly noUsers: string;
  readonly noGrants: string;
  readonly userColumns: {
    readonly own: readonly string[];
    readonly extension: string;
    readonly granted: readonly string[];
  };
  readonly yes: string;
  readonly no: string;
  readonly none: string;
  readonly everyList: string;
  /** @param until a day */
  tokenMade(name: string, until: string): string;
  tokenRevoked(name: string): string;
  readonly noTokens: string;
  readonly tokenColumns: readonly string[];
  readonly tokenStates: Readonly<Record<'good' | 'expired' | 'revoked', string>>;
  readonly password: {
    readonly ask: string;
    readonly again: string;
    readonly empty: string;
    tooLong(bytes: number): string;
    short(least: number): string;
    readonly noTerminal: string;
    readonly differ: string;
    readonly stopped: string;
  };
}
