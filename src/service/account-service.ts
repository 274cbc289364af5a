import { userIdentity } from '../auth/lockout.ts';
import { hashPassword } from '../auth/password-hash.ts';
import type { Principal, RequestContext } from '../auth/principal.ts';
import { makeTokenSecret } from '../auth/secrets.ts';
import type { Grant } from '../core/account-store.ts';
import type { Clock } from '../core/clock.ts';
import type { SessionEntry, TokenEntry } from '../core/credential-store.ts';
import type { ListScope } from '../core/lead.ts';
import { RIGHT_BIT, type Rights } from '../core/rights.ts';
import type { Store } from '../core/store.ts';
import { planGrant } from './grant-acts.ts';
import { type ListedUser, listUsers } from './list-users.ts';
import type { Pipeline } from './pipeline.ts';
import { type ActRefusal, type Plan, refusedAct, withStoreFailures, workOfPlan } from './planned-act.ts';
import type { ScopePort } from './search.ts';
import { planEndSessions } from './session-acts.ts';
import { planCreateToken, planRevokeToken } from './token-acts.ts';
import {
  planAddUser,
  planRemoveUser,
  planSetPassword,
  planSetUser,
  planSwitchUser,
  planUnlockUser,
  refusedName,
} from './user-acts.ts';
import { refused, type Work } from './work.ts';

/** What an admin does to a user or a token. */
export type AccountAct =
  | ({ readonly what: 'add'; readonly password: string } & Settings & Named)
  /** `seen`: `seenOf` the user whom the admin saw; undefined: whatever it is. */
  | ({ readonly what: 'set'; readonly seen?: string | undefined } & Settings & Named)
  | ({ readonly what: 'grant'; readonly rights: Rights } & Named)
  | ({ readonly what: 'password'; readonly password: string } & Named)
  | ({ readonly what: 'enable' | 'disable' | 'remove' } & Named)
  | ({ readonly what: 'unlock' | 'revoke' } & Named)
  /** `session`: the digest of the only one that ends; undefined: all of the user. */
  | ({ readonly what: 'end sessions'; readonly session: string | undefined } & Named)
  | ({ readonly what: 'token'; readonly expiresAt: number } & Settings & Named);

interface Named {
  readonly name: string;
}
interface Settings {
  readonly rights: Rights;
  readonly lists: ListScope;
  /** Of a user. */
  readonly extension?: string | undefined;
}

export interface AccountActRequest extends RequestContext {
  /** Whose session asks: the credentials must be those of this user. */
  readonly asUser: string;
  readonly act: AccountAct;
}

/** What came of it; `secret` of a new token, which nobody can find again. */
export type AccountActed = ActRefusal | { readonly secret?: string };

export interface Accounts {
  /** Undefined: they are a dialer's. */
  readonly users: readonly ListedUser[] | undefined;
  /** Of a dialer's users. */
  readonly grants: readonly Grant[];
  readonly tokens: readonly TokenEntry[];
  readonly sessions: readonly SessionEntry[];
  /** By which sessions and tokens end. */
  readonly now: number;
}

export type AccountPort = Pick<Store, 'accounts' | 'credentials' | 'tokens' | 'users' | 'grants'>;

export interface AccountOptions extends ScopePort {
  readonly store: () => AccountPort;
  readonly clock: Clock;
}

/** Hashing a password takes a tenth of a second of a processor. */
export const COST_OF_ACT = 5;

/**
 * Users, tokens and sessions of a domain, for its admins who see every list: nobody gives lists that they do not see. Each act is
 * recorded before it is done.
 */
export function createAccountService(pipeline: Pipeline, options: AccountOptions) {
  const { store, clock, scopeOf } = options;

  async function onAccounts<Result>(
    principal: Principal,
    work: () => Promise<Work<Result>>,
  ): Promise<Work<Result>> {
    if ((await scopeOf(principal)) !== 'every list') return refused({ code: 'every_list_needed' });
    return withStoreFailures(work);
  }

  return {
    readAccounts: (context: RequestContext) =>
      pipeline.run<Accounts>(context, { cost: 0 }, (principal) =>
        onAccounts(principal, async () => ({ records: [], answer: await readAccounts(store(), clock) })),
      ),

    actOnAccount: ({ asUser, act, ...context }: AccountActRequest) =>
      pipeline.run<AccountActed>(context, { cost: COST_OF_ACT }, (principal) =>
        onAccounts(principal, async (): Promise<Work<AccountActed>> => {
          if (principal.user !== asUser) return refused({ code: 'credentials_invalid' });
          if (act.what === 'token') {
            const making = { secret: makeTokenSecret(), createdAt: clock.wall() };
            return workOfPlan(await planCreateToken(store(), act, making), { secret: making.secret });
          }
          return workOfPlan<AccountActed>(await planOf(act, store()), {});
        }),
      ),
  };
}

async function readAccounts(
  { accounts, credentials, tokens, users, grants }: AccountPort,
  clock: Clock,
): Promise<Accounts> {
  const now = credentials.now();
  const [entries, listed, sessions] = await Promise.all([
    users && listUsers({ accounts, users }),
    tokens.list(),
    credentials.listSessions(now),
  ]);
  return {
    users: entries,
    grants: grants?.().list() ?? [],
    tokens: listed,
    sessions,
    now: Math.max(now, clock.wall()),
  };
}

/** No admin takes away the last one: nobody would be left to give it back. */
const GUARD = 'leaves an admin';

async function planOf(act: Exclude<AccountAct, { what: 'token' }>, store: AccountPort): Promise<Plan> {
  const { accounts, tokens, users, grants } = store;
  const { name } = act;
  switch (act.what) {
    case 'revoke':
      return planRevokeToken(tokens, name);
    case 'end sessions': {
      const { session } = act;
      return planEndSessions(store, name, (digest) => session === undefined || digest === session);
    }
    case 'unlock':
      return planUnlockUser(accounts, users, name);
    case 'grant':
      return grants === undefined
        ? refusedAct('rights_of_dialer', name)
        : planGrant(accounts, grants(), name, act.rights, GUARD);
    case 'add':
    case 'set':
    case 'password':
    case 'enable':
    case 'disable':
    case 'remove':
      return users === undefined ? refusedAct('rights_of_dialer', name) : planOfUser(act, users);
  }
}

type UserAct = Extract<AccountAct, { what: 'add' | 'set' | 'password' | 'enable' | 'disable' | 'remove' }>;

async function planOfUser(act: UserAct, users: NonNullable<AccountPort['users']>): Promise<Plan> {
  const { name } = act;
  switch (act.what) {
    case 'add': {
      // Before the password is hashed, which takes long.
      const no = refusedName(name);
      if (no !== undefined) return no;
      const { rights, lists, extension } = act;
      const verifier = await hashPassword(act.password);
      return planAddUser(users, { name, verifier, rights, lists, extension });
    }
    case 'set':
      return planSetUser(users, name, act, GUARD);
    case 'password':
      return planSetPassword(users, name, await hashPassword(act.password));
    case 'enable':
    case 'disable':
      return planSwitchUser(users, name, act.what === 'enable', GUARD);
    case 'remove':
      return planRemoveUser(users, name, GUARD);
  }
}

/** Whether a user is the one who asks, in any spelling. */
export function isSelf(user: string, name: string): boolean {
  return userIdentity(user) === userIdentity(name);
}

/** Who has this right may not lose it by their own hand: nobody else may be there to give it back. */
export const OWN_RIGHTS: Rights = RIGHT_BIT.admin | RIGHT_BIT.card;
