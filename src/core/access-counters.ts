/** Counters of one domain's access checks, for metrics: plain numbers, counted where it happens. */
export class AccessCounters {
  /** Passwords that were checked by their slow hash. */
  passwordChecks = 0;
  /** Times that a user name was locked. */
  locks = 0;
  /** Lookups that were refused because their user enumerates lead ids. */
  enumerationRefusals = 0;
  /** Times that an account came to the most different leads of a day: its limit, or unusually many. */
  dailyLeadsReached = 0;
  /** Entries of the credential cache. */
  cachedCredentials = () => 0;
  /** Requests that wait for a password check, the running one included. */
  waitingChecks = () => 0;
}
