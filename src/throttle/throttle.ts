import type { Problem } from '../core/problem.ts';
import type { AccessCounters } from '../core/access-counters.ts';
import type { Account } from '../core/account-store.ts';
import type { Clock } from '../core/clock.ts';
import { createEnumerationGuard } from './enumeration.ts';
import { createRateLimit, networkOf } from './rate-limit.ts';

/** What is asked of one caller's right and limits. */
export interface PermitRequest {
  readonly address: string;
  /** The lead id that is asked for, if it is one. */
  readonly leadId: number | undefined;
  /** How many lookups it is; undefined: one; 0: one that was not asked for by the caller. */
  readonly amount: number | undefined;
}

/** What a caller who is known may do, and how fast. */
export interface Permit {
  /** @returns why not */
  readonly permit: (
    account: Pick<Account, 'id' | 'name' | 'mayUseApi'>,
    request: PermitRequest,
  ) => Problem | undefined;
  /** So many more lookups than was known when they were permitted. */
  readonly owe: (accountId: string, address: string, amount: number) => void;
  /** For each lead id that is asked for among others. */
  readonly watchStep: (accountId: string, leadId: number) => Problem | undefined;
}

export interface PermitLimits {
  readonly ratePerSecond: number;
  readonly walkPerSecond: number;
  readonly clock: Clock;
}

export function createPermit(
  { ratePerSecond, walkPerSecond, clock }: PermitLimits,
  meters: AccessCounters,
): Permit {
  const takeTurn = createRateLimit(ratePerSecond, clock);
  const watchWalk = createEnumerationGuard(walkPerSecond, clock);

  function watchStep(accountId: string, leadId: number): Problem | undefined {
    const walk = watchWalk(accountId, leadId);
    if (walk === undefined) return undefined;
    meters.enumerationRefusals += 1;
    return {
      code: 'rate_limited',
      retryAfterSeconds: walk.retryAfterSeconds,
      walk: walk.isFirst ? 'begun' : 'goes on',
    };
  }

  return {
    permit(account, { address, leadId, amount }) {
      if (!account.mayUseApi) return { code: 'api_not_allowed', user: account.name };
      const retryAfterSeconds = amount === 0 ? 0 : takeTurn(placeOf(account.id, address), amount);
      if (retryAfterSeconds > 0) return { code: 'rate_limited', retryAfterSeconds };
      return leadId === undefined ? undefined : watchStep(account.id, leadId);
    },
    owe: (accountId, address, amount) => takeTurn.debit(placeOf(accountId, address), amount),
    watchStep,
  };
}

/** One user at one address. */
function placeOf(accountId: string, address: string): string {
  return `${accountId}\0${networkOf(address)}`;
}
