/** A user of the API as its store has it at this moment. */
export interface Account {
  /** The store's own key of the user. */
  readonly id: string;
  readonly name: string;
  /** What the password is checked against; never shown, never compared with what a caller sent. */
  readonly verifier: string;
  readonly active: boolean;
  readonly mayUseApi: boolean;
}

/** Failed logins of one user name, whatever its spelling. */
export interface LoginFailures {
  readonly count: number;
  /** Milliseconds of the wall clock; 0 when there were none. */
  readonly lastFailedAt: number;
}

export const NO_FAILURES: LoginFailures = { count: 0, lastFailedAt: 0 };
