import { isDialerAccount, isReservedName, userIdentity } from '../auth/lockout.ts';
import type { AccountStore, ActGuard, AddedUser, UserDirectory, UserEntry } from '../core/account-store.ts';
import type { ListScope } from '../core/lead.ts';
import type { ActState } from '../core/operator-act.ts';
import { isFullAdmin, namesOfRights, type Rights } from '../core/rights.ts';
import { type ActRefusal, type Plan, refusedAct } from './planned-act.ts';

/** Bytes of a user's name. */
export const NAME_LIMIT = 64;

/** The user of this name, in any spelling. */
export async function findEntry(
  users: Pick<UserDirectory, 'list'>,
  name: string,
): Promise<UserEntry | undefined> {
  return (await users.list()).find((user) => userIdentity(user.name) === userIdentity(name));
}

/** @returns why nobody can have this name; undefined: somebody can */
export function refusedName(name: string): ActRefusal | undefined {
  if (isMalformed(name)) return refusedAct('name_malformed', name);
  if (isReservedName(name)) return refusedAct('name_reserved', name);
  return isDialerAccount(name) ? refusedAct('name_of_dialer', name) : undefined;
}

/** Whether no user can have this name, here or in a dialer. */
function isMalformed(name: string): boolean {
  return (
    userIdentity(name) === '' ||
    userIdentity(name).startsWith('#') ||
    name !== name.trim() ||
    Buffer.byteLength(name) > NAME_LIMIT ||
    /\p{C}/u.test(name)
  );
}

/**
 * Whether nobody would manage users without this one: an active user with the rights `card` and `admin` who sees every list.
 *
 * @param name in any spelling
 */
export async function isLastAdmin(users: Pick<UserDirectory, 'list'>, name: string): Promise<boolean> {
  const admins = (await users.list()).filter(
    ({ active, rights, lists }) => active && isFullAdmin(rights, lists),
  );
  return admins.length === 1 && userIdentity(admins[0]?.name ?? '') === userIdentity(name);
}

export interface UserSettings {
  readonly rights: Rights;
  readonly lists: ListScope;
  /** The user's telephone; empty: none. Undefined: as it is. */
  readonly extension?: string | undefined;
}

/** What is to become of a user's settings; what is undefined stays as it is. */
interface UserChanges {
  readonly rights?: Rights | undefined;
  readonly lists?: ListScope | undefined;
  readonly extension?: string | undefined;
  /** `seenOf` the user whom somebody saw who changes it; undefined: whatever it is. */
  readonly seen?: string | undefined;
}

interface NewUser extends UserSettings {
  readonly name: string;
  readonly verifier: string;
}

/** @returns why the user cannot have this telephone; undefined: can */
async function refusedExtension(
  users: Pick<UserDirectory, 'list'>,
  name: string,
  extension: string | undefined,
): Promise<ActRefusal | undefined> {
  if (extension === undefined || extension === '') return undefined;
  if (!/^[^\s\p{C},=]{1,64}$/u.test(extension)) return refusedAct('extension_malformed', extension);
  const owner = (await users.list()).find((user) => user.extension === extension);
  return owner === undefined || userIdentity(owner.name) === userIdentity(name)
    ? undefined
    : refusedAct('extension_taken', owner.name);
}

/**
 * Why a user cannot be added; undefined: can be.
 *
 * @param users undefined: there are none yet
 */
export async function refusedUser(
  users: Pick<UserDirectory, 'list'> = { list: () => Promise.resolve([]) },
  { name, extension }: Pick<NewUser, 'name' | 'extension'>,
): Promise<ActRefusal | undefined> {
  const refused = refusedName(name);
  if (refused !== undefined) return refused;
  if ((await findEntry(users, name)) !== undefined) return refusedAct('user_exists', name);
  return refusedExtension(users, name, extension);
}

export async function planAddUser(users: UserDirectory, user: NewUser): Promise<Plan> {
  const refused = await refusedUser(users, user);
  if (refused !== undefined) return refused;
  const { name, extension, ...rest } = user;
  const exists = refusedAct('user_exists', name);
  return {
    act: { action: 'user_add', subject: name, after: stateOf(user) },
    async commit() {
      if (!(await users.add({ name, ...rest }))) return exists;
      if (extension !== undefined && extension !== '') await users.setExtension(name, extension);
      return undefined;
    },
  };
}

/** The first user of a store. @param key the digest of the key by which it is made */
export async function planAddFirst(users: UserDirectory, user: AddedUser, key: string): Promise<Plan> {
  const used = refusedAct('first_key_used', user.name);
  if (await users.isAny()) return used;
  return {
    act: { action: 'user_add', subject: user.name, after: stateOf(user) },
    commit: async () => ((await users.addFirst(user, key)) ? undefined : used),
  };
}

export async function planSetUser(
  users: UserDirectory,
  name: string,
  { rights, lists, extension, seen }: UserChanges,
  guard?: ActGuard,
): Promise<Plan> {
  const taken = await refusedExtension(users, name, extension);
  if (taken !== undefined) return taken;
  const before = seen === undefined ? undefined : await findEntry(users, name);
  if (before !== undefined && seenOf(before) !== seen) return refusedAct('user_changed', before.name);
  const isAdminAfter = (entry: UserEntry) => isFullAdmin(rights ?? entry.rights, lists ?? entry.lists);
  return onEntry(users, name, { guard, isAdminAfter }, (entry) => {
    const to = {
      rights: rights ?? entry.rights,
      lists: lists ?? entry.lists,
      extension: extension ?? entry.extension,
    };
    return {
      act: { action: 'user_set', subject: entry.name, before: stateOf(entry), after: stateOf(to) },
      async isDone() {
        if (!(await users.change(name, to, guard))) return false;
        if (extension !== undefined) await users.setExtension(name, extension === '' ? undefined : extension);
        return true;
      },
    };
  });
}

export function planSetPassword(users: UserDirectory, name: string, verifier: string): Promise<Plan> {
  return onEntry(users, name, UNGUARDED, (entry) => ({
    act: { action: 'user_password', subject: entry.name },
    isDone: () => users.setVerifier(name, verifier),
  }));
}

export function planSwitchUser(
  users: UserDirectory,
  name: string,
  active: boolean,
  guard?: ActGuard,
): Promise<Plan> {
  return onEntry(users, name, { guard, isAdminAfter: () => active }, (entry) => ({
    act: {
      action: active ? 'user_enable' : 'user_disable',
      subject: entry.name,
      before: { active: entry.active },
      after: { active },
    },
    isDone: () => users.setActive(name, active, guard),
  }));
}

export function planRemoveUser(users: UserDirectory, name: string, guard?: ActGuard): Promise<Plan> {
  return onEntry(users, name, { guard, isAdminAfter: () => false }, (entry) => ({
    act: { action: 'user_remove', subject: entry.name, before: { active: entry.active, ...stateOf(entry) } },
    isDone: () => users.remove(name, guard),
  }));
}

/** @param users undefined beside a dialer, which need not be asked for its user: what is counted here stands under the name */
export async function planUnlockUser(
  accounts: AccountStore,
  users: UserDirectory | undefined,
  name: string,
): Promise<Plan> {
  const entry = users && (await findEntry(users, name));
  const isUnknown = users === undefined ? isMalformed(name) : entry === undefined;
  if (isUnknown) return refusedAct('user_unknown', name);
  const subject = entry?.name ?? name;
  const identity = userIdentity(subject);
  const failures = await accounts.countAllFailures(identity);
  return {
    act: { action: 'user_unlock', subject, before: { failures } },
    async commit() {
      await accounts.clearFailures(identity);
      return undefined;
    },
  };
}

/** What somebody sees who changes a user: by a page that is older they would give back what others have taken. */
export function seenOf(entry: UserSettings): string {
  return JSON.stringify(stateOf(entry));
}

/** As the audit has it. */
function stateOf({ rights, lists, extension }: UserSettings): ActState {
  return { rights: namesOfRights(rights), lists, ...(extension === undefined ? {} : { extension }) };
}

interface Guarded {
  readonly guard?: ActGuard | undefined;
  /** Whether a user who manages users still does afterwards. */
  readonly isAdminAfter: (entry: UserEntry) => boolean;
}

const UNGUARDED: Guarded = { isAdminAfter: () => true };

async function onEntry(
  users: UserDirectory,
  name: string,
  { guard, isAdminAfter }: Guarded,
  plan: (entry: UserEntry) => {
    readonly act: Extract<Plan, { act: unknown }>['act'];
    /** Does it. @returns false: there is no such user any longer, or the guard refuses it */
    readonly isDone: () => Promise<boolean>;
  },
): Promise<Plan> {
  const entry = await findEntry(users, name);
  const unknown = refusedAct('user_unknown', name);
  if (entry === undefined) return unknown;
  const last = refusedAct('last_admin', entry.name);
  // Before it is recorded; the store looks again in its transaction.
  if (guard !== undefined && !isAdminAfter(entry) && (await isLastAdmin(users, name))) return last;
  const { act, isDone } = plan(entry);
  return {
    act,
    async commit() {
      if (await isDone()) return undefined;
      return guard !== undefined && (await findEntry(users, name)) !== undefined ? last : unknown;
    },
  };
}
