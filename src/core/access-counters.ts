/** Counters of one domain's access checks, for metrics: plain numbers, counted where it happens. */
export interface AccessCounters {
  /** Passwords that were checked by their slow hash. */
  passwordChecks: number;
  /** Times that a user name was locked. */
  locks: number;
  /** Lookups that were refused because their user enumerates lead ids. */
  enumerationRefusals: number;
  /** Entries of the credential cache. */
  cachedCredentials: () => number;
  /** Requests that wait for a password check, the running one included. */
  waitingChecks: () => number;
}

export function createAccessCounters(): AccessCounters {
  return {
    passwordChecks: 0,
    locks: 0,
    enumerationRefusals: 0,
    cachedCredentials: () => 0,
    waitingChecks: () => 0,
  };
}
