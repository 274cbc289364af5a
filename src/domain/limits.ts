/** How many stores one process keeps open, and how long. */
export const DOMAIN_LIMITS = {
  /** A domain that nobody asks for this long is closed. */
  idleMs: 15 * 60 * 1000,
  /** How often such domains are looked for. */
  sweepMs: 30_000,
  /** Stores that are open at a time; more only while all of them are worked on. */
  openStores: 64,
  /** A store that cannot be opened is tried again at most this often. */
  retryMs: 1_000,
} as const;

export type DomainLimits = { readonly [Limit in keyof typeof DOMAIN_LIMITS]: number };
