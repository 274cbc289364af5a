/** What is known of the callers of one domain, for metrics: plain numbers, counted where it happens. */
export interface AccessMeters {
  /** Passwords that were checked by their slow hash. */
  passwordChecks: number;
  /** Times that a name was locked. */
  locks: number;
  /** Lookups that were refused because their user walked through lead ids. */
  walkRefusals: number;
  /** Logins that are remembered. */
  rememberedLogins: () => number;
  /** Requests that wait for a check of their password, the one under way included. */
  waitingChecks: () => number;
}

export function createAccessMeters(): AccessMeters {
  return {
    passwordChecks: 0,
    locks: 0,
    walkRefusals: 0,
    rememberedLogins: () => 0,
    waitingChecks: () => 0,
  };
}
