import { createLockout } from '../auth/lockout.ts';
import type { AccountStore, UserDirectory, UserEntry } from '../core/account-store.ts';

/** A user as people see it. */
export type ListedUser = UserEntry & { readonly isLocked: boolean };

/** The users of a store, by their names. */
export async function listUsers({
  accounts,
  users,
}: {
  readonly accounts: AccountStore;
  readonly users: UserDirectory;
}): Promise<readonly ListedUser[]> {
  const { isLocked } = createLockout(() => accounts.now());
  return (await users.list()).map((entry) => ({ ...entry, isLocked: isLocked(entry.failures) }));
}
