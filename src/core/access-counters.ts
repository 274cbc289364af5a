/** What is known of the callers of one domain, for metrics: plain numbers, counted where it happens. */
export interface AccessCounters {
  /** Passwords that were checked by their slow hash. */
  passwordChecks: number;
  /** Times that a name was locked. */
  locks: number;
  /** Lookups that were refused because their user walked through lead ids. */
  enumerationRefusals: number;
  /** Logins that are remembered. */
  cachedCredentials: () => number;
  /** Requests that wait for a check of their password, the one under way included. */
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
