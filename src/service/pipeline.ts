import { andThen } from '../core/and-then.ts';
import type { ListScope } from '../core/lead.ts';
import type { LookupResult, LeadStore } from '../core/lead-store.ts';
import type { Problem } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import { createAccessCounters, type AccessCounters } from '../core/access-counters.ts';
import type { Account, AccountStore, AccountSnapshot } from '../core/account-store.ts';
import { createPasswordCheck, type PasswordCheckResult } from '../auth/password-check.ts';
import type { Clock } from '../core/clock.ts';
import type { HashLanes } from '../auth/hash-queue.ts';
import type { CredentialStore } from '../core/credential-store.ts';
import type { Endpoint } from '../core/lookup-event.ts';
import {
  createAuthenticateToken,
  type SecretCredentials,
  type TokenHolder,
} from '../auth/authenticate.ts';
import { createPermit, type PermitRequest } from '../throttle/throttle.ts';
import { createFailureDelay } from '../throttle/failure-delay.ts';

/** Who asks: somebody with a name and a password, or with a key for them, or the operator at the machine itself. */
export type Credentials =
  | { readonly kind: 'user'; readonly name: string; readonly password: string }
  | SecretCredentials
  | { readonly kind: 'operator' };

/** Somebody at a door. */
export interface RequestContext {
  readonly endpoint: Endpoint;
  readonly requestId: string;
  readonly address: string;
  readonly credentials: Credentials;
}

export interface EntrancePorts {
  readonly leads: LeadStore;
  readonly accounts: AccountStore;
  /** Undefined: nobody has a key. */
  readonly keys?: CredentialStore;
  readonly clock: Clock;
  /** Lookups a second for one user at one address. */
  readonly ratePerSecond: number;
  /** Lead ids one after the other a second for one user, for ever; 0: any. */
  readonly walkPerSecond: number;
  readonly meters?: AccessCounters;
  /** Shared by all domains of a process. */
  readonly hashTurns?: HashLanes;
}

export type Principal = {
  readonly user: string;
  /** What limits go by; undefined: there are none. */
  readonly accountId: string | undefined;
  /** The account as it was when its password was checked; undefined: there was none to check. */
  readonly checked: Account | undefined;
  /** The answer to the question that came along. */
  readonly find: () => LookupResult | undefined | Promise<LookupResult | undefined>;
  readonly scope: () => ListScope | Promise<ListScope>;
};

/** `user` is known for a wrong password of a user that exists; never what somebody typed for a name. */
export type Refused = { readonly user: string | undefined; readonly problem: Problem };

/** @param amount how many lookups it is */
type Admit = (
  request: RequestContext,
  question: LookupQuery | undefined,
  amount?: number,
) => Principal | Refused | Promise<Principal | Refused>;

/** Where callers are admitted, by whatever they have, and slowed down. */
export interface Entrance {
  readonly admit: Admit;
  /** So many more lookups than was known when they were admitted. */
  owe(admitted: Principal, address: string, amount: number): void;
  /** For each lead id that is asked for without a question that comes along. */
  watchStep(admitted: Principal, leadId: number): Problem | undefined;
}

const EVERY_LIST: ListScope = 'every list';

export function createEntrance(ports: EntrancePorts): Entrance {
  const { leads, accounts, clock, meters = createAccessCounters() } = ports;
  const authenticate = createPasswordCheck(accounts, clock, meters, ports.hashTurns);
  const openByKey = createAuthenticateToken(ports);
  const slowDown = createFailureDelay(clock);
  const { permit, owe, watchStep } = createPermit(ports, meters);

  const admit: Admit = (request, question, amount) => {
    const { endpoint: door, credentials: asker, address } = request;
    const leadId = question?.by === 'lead_id' ? question.leadId : undefined;
    const asked = { address, leadId, amount };
    if (asker.kind === 'user') {
      return andThen(accounts.account(asker.name, question), (visit) =>
        andThen(authenticate(visit, asker.password, address), (admission) => judge(admission, visit, asked)),
      );
    }
    if (asker.kind === 'operator') {
      const find = () => question && leads.find(question, EVERY_LIST);
      return { user: 'operator', accountId: undefined, checked: undefined, find, scope: () => EVERY_LIST };
    }
    return openByKey(asker, { door, address }, question).then((holder) =>
      'problem' in holder ? slowDown().then(() => holder) : admitAccount(holder.account, asked, holder),
    );
  };

  function judge(
    admission: PasswordCheckResult,
    visit: AccountSnapshot,
    asked: PermitRequest,
  ): Principal | Refused | Promise<Refused> {
    if ('problem' in admission) {
      return slowDown().then(() => ({ user: visit.account?.name, problem: admission.problem }));
    }
    return admitAccount(admission.account, asked, visit, admission.account);
  }

  function admitAccount(
    account: TokenHolder['account'],
    asked: PermitRequest,
    visit: Pick<AccountSnapshot, 'find' | 'scope'>,
    checked?: Account,
  ): Principal | Refused {
    const { name: user, id: accountId } = account;
    const problem = permit(account, asked);
    if (problem !== undefined) return { user, problem };
    return { user, accountId, checked, find: () => visit.find(), scope: () => visit.scope() };
  }

  return {
    admit,
    owe({ accountId }, address, amount) {
      if (accountId !== undefined) owe(accountId, address, amount);
    },
    watchStep: ({ accountId }, leadId) =>
      accountId === undefined ? undefined : watchStep(accountId, leadId),
  };
}
