import type { ActState } from '../core/operator-act.ts';
import { userIdentity } from '../auth/lockout.ts';
import type { UserDirectory, UserEntry } from '../core/account-store.ts';
import type { ListScope } from '../core/lead.ts';
import { namesOfRights } from '../core/rights.ts';
import { CommandFailure } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';

/** The user of this name, in any spelling. */
export async function findEntry(users: UserDirectory, name: string): Promise<UserEntry | undefined> {
  return (await users.list()).find((user) => userIdentity(user.name) === userIdentity(name));
}

/** @throws {CommandFailure} there is no such user */
export async function entryOf(users: UserDirectory, name: string): Promise<UserEntry> {
  const entry = await findEntry(users, name);
  if (entry === undefined) throw noSuchUser(name);
  return entry;
}

export function noSuchUser(name: string): CommandFailure {
  return new CommandFailure(`there is no user ${printable(name)}; "callercard user list" shows them`);
}

/** As the audit has it. */
export function stateOf({
  rights,
  lists,
  extension,
}: Pick<UserEntry, 'rights' | 'lists' | 'extension'>): Pick<ActState, 'rights' | 'lists' | 'extension'> {
  return { rights: namesOfRights(rights), lists, ...(extension === undefined ? {} : { extension }) };
}

/** Lists as people read them. */
export function writeLists(lists: ListScope): string {
  if (lists === 'every list') return lists;
  return lists.length === 0 ? 'none' : lists.join(', ');
}
