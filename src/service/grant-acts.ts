import { userIdentity } from '../auth/lockout.ts';
import type { AccountStore, ActGuard, GrantDirectory } from '../core/account-store.ts';
import { namesOfRights, type Rights, rightsOf } from '../core/rights.ts';
import { type Plan, refusedAct } from './planned-act.ts';

/** What can be given to a dialer's user here; all else is the dialer's own. */
export const GRANTABLE = rightsOf(['calls', 'admin']);

/** Keeps rights for a dialer's user. */
export async function planGrant(
  accounts: AccountStore,
  grants: GrantDirectory,
  name: string,
  rights: Rights,
  guard?: ActGuard,
): Promise<Plan> {
  if ((rights & ~GRANTABLE) !== 0) return refusedAct('rights_of_dialer', name);
  const { account } = await accounts.read(name);
  if (account === undefined) return refusedAct('user_unknown', name);
  const identity = userIdentity(account.name);
  const before = grants.find(identity);
  const had = before?.accountId === account.id ? before.rights : 0;
  return {
    act: {
      action: 'user_set',
      subject: account.name,
      before: { rights: namesOfRights(had) },
      after: { rights: namesOfRights(rights) },
    },
    commit() {
      const isDone = grants.put({ identity, accountId: account.id, name: account.name, rights }, guard);
      return Promise.resolve(isDone ? undefined : refusedAct('last_admin', account.name));
    },
  };
}
