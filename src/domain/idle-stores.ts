import type { Domain } from './domain.ts';

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

/** Closes the domains that are idle longest until so many are open; one that is worked on is never closed. */
export function closeLongestIdle(domains: readonly Domain[], leaveOpen: number): void {
  const open = domains.filter(({ hasOpenFiles }) => hasOpenFiles);
  const idle = open.filter(({ isBusy }) => !isBusy).sort((one, other) => one.usedAt - other.usedAt);
  // Rate limits and cached credentials stay: a rate limit must not begin anew by many domains being busy.
  for (const domain of idle.slice(0, Math.max(0, open.length - leaveOpen))) void domain.close();
}

/** Closes the domains that nobody asked since `before` (monotonic), and forgets their callers. */
export function closeIdle(domains: readonly Domain[], before: number): void {
  for (const domain of domains) {
    if (domain.isBusy || domain.usedAt > before) continue;
    domain.forgetCallers();
    void domain.close();
  }
}

/**
 * Whether there is a domain that can serve, as far as is known.
 *
 * @throws {AggregateError} all are open, and none answers
 */
export async function isAnyReady(domains: readonly Domain[]): Promise<boolean> {
  if (domains.some((domain) => !domain.isStoreOpen && domain.isReady() === true)) return true;
  const open = domains.filter(({ isStoreOpen }) => isStoreOpen);
  await Promise.any(
    open.map(async (domain) => {
      if (!(await domain.isReady())) throw new Error('a domain is not ready');
    }),
  );
  return true;
}
