import { hashPassword } from '../auth/password-hash.ts';
import type { RequestContext } from '../auth/principal.ts';
import { digestOf } from '../auth/secrets.ts';
import type { Problem } from '../core/problem.ts';
import { EVERY_RIGHT } from '../core/rights.ts';
import type { Store } from '../core/store.ts';
import { COST_OF_ACT } from './account-service.ts';
import type { Pipeline } from './pipeline.ts';
import { type ActRefusal, withStoreFailures, workOfPlan } from './planned-act.ts';
import { planAddFirst, refusedName } from './user-acts.ts';
import { refused, type Work } from './work.ts';

export interface FirstAdminRequest extends Pick<RequestContext, 'requestId' | 'address'> {
  /** What the server printed at its start. */
  readonly key: string;
}

interface FirstAdminOptions {
  readonly store: () => Pick<Store, 'users'>;
  /** Is told that the store has no user. */
  readonly onNoUsers?: (() => void) | undefined;
}

const INVALID: Problem = { code: 'credentials_invalid' };

/**
 * How a store gets its first user: whoever has the key that the server printed makes an admin, once, while there is no user
 * (docs/decisions/0069-the-first-admin.md).
 */
export function createFirstAdminService({ run }: Pipeline, { store, onNoUsers }: FirstAdminOptions) {
  /** It is not asked for again: who removes every user runs commands, and starts the server anew for a link. */
  let hasUsers = false;

  async function isEmpty(): Promise<boolean> {
    if (hasUsers) return false;
    const { users } = store();
    hasUsers = users === undefined || (await withStoreFailures(() => users.isAny()));
    return !hasUsers;
  }

  function contextOf({ key, requestId, address }: FirstAdminRequest): RequestContext {
    const credentials = { kind: 'first key', secret: key } as const;
    return { requestId, address, endpoint: 'console', right: 'admin', credentials };
  }

  return {
    /** Whether nobody can sign in, because there is no user. A store that cannot be asked counts as one with users. */
    async lacksUsers(): Promise<boolean> {
      try {
        if (!(await isEmpty())) return false;
      } catch {
        return false;
      }
      onNoUsers?.();
      return true;
    },
    /** Whether the first admin can be made by this key. */
    checkFirstKey: (request: FirstAdminRequest) =>
      run<{ readonly isGood: true }>(contextOf(request), { cost: 0 }, async () =>
        (await isEmpty()) ? { records: [], answer: { isGood: true } } : refused(INVALID),
      ),
    /** Makes the user, with every right and every list. */
    makeFirstAdmin: ({
      name,
      password,
      ...request
    }: FirstAdminRequest & { readonly name: string; readonly password: string }) =>
      run<ActRefusal | { readonly isMade: true }>(
        contextOf(request),
        { cost: COST_OF_ACT },
        async (): Promise<Work<ActRefusal | { readonly isMade: true }>> => {
          const { users } = store();
          if (users === undefined || !(await isEmpty())) return refused(INVALID);
          // Before the password is hashed, which takes long.
          const no = refusedName(name);
          if (no !== undefined) return { records: [], answer: no };
          const verifier = await hashPassword(password);
          const user = { name, verifier, rights: EVERY_RIGHT, lists: 'every list' } as const;
          const plan = await withStoreFailures(() => planAddFirst(users, user, digestOf(request.key)));
          return workOfPlan(plan, { isMade: true } as const);
        },
      ),
  };
}
