import { isDialerAccount, isReservedName, userIdentity } from '../auth/lockout.ts';
import type { AccountStore, GrantDirectory, UserDirectory, UserEntry } from '../core/account-store.ts';
import type { CredentialStore } from '../core/credential-store.ts';
import type { ListScope } from '../core/lead.ts';
import type { ActState } from '../core/operator-act.ts';
import { namesOfRights, type Rights, rightsOf } from '../core/rights.ts';
import { type ActRefusal, type Plan, refusedAct } from './planned-act.ts';

const NAME_LIMIT = 64;

/** What can be given to a dialer's user here; all else is the dialer's own. */
export const GRANTABLE = rightsOf(['calls', 'admin']);

/** The user of this name, in any spelling. */
export async function findEntry(users: UserDirectory, name: string): Promise<UserEntry | undefined> {
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

export interface UserSettings {
  readonly rights: Rights;
  readonly lists: ListScope;
  /** The user's telephone; empty: none. Undefined: as it is. */
  readonly extension?: string | undefined;
}

interface NewUser extends UserSettings {
  readonly name: string;
  readonly verifier: string;
}

/** @returns why the user cannot have this telephone; undefined: can */
async function refusedExtension(
  users: UserDirectory,
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

export async function planAddUser(users: UserDirectory, user: NewUser): Promise<Plan> {
  const refused = refusedName(user.name);
  if (refused !== undefined) return refused;
  const exists = refusedAct('user_exists', user.name);
  if ((await findEntry(users, user.name)) !== undefined) return exists;
  const { name, extension, ...rest } = user;
  const taken = await refusedExtension(users, name, extension);
  if (taken !== undefined) return taken;
  return {
    act: { action: 'user_add', subject: name, after: stateOf(user) },
    async commit() {
      if (!(await users.add({ name, ...rest }))) return exists;
      if (extension !== undefined && extension !== '') await users.setExtension(name, extension);
      return undefined;
    },
  };
}

export async function planSetUser(
  users: UserDirectory,
  name: string,
  { rights, lists, extension, seen }: UserSettings & { readonly seen?: string | undefined },
): Promise<Plan> {
  const taken = await refusedExtension(users, name, extension);
  if (taken !== undefined) return taken;
  const before = seen === undefined ? undefined : await findEntry(users, name);
  if (before !== undefined && seenOf(before) !== seen) return refusedAct('user_changed', before.name);
  return onEntry(users, name, (entry) => ({
    act: {
      action: 'user_set',
      subject: entry.name,
      before: stateOf(entry),
      after: stateOf({ rights, lists, extension: extension ?? entry.extension }),
    },
    async isDone() {
      if (!(await users.change(name, { rights, lists }))) return false;
      if (extension !== undefined) await users.setExtension(name, extension === '' ? undefined : extension);
      return true;
    },
  }));
}

export function planSetPassword(users: UserDirectory, name: string, verifier: string): Promise<Plan> {
  return onEntry(users, name, (entry) => ({
    act: { action: 'user_password', subject: entry.name },
    isDone: () => users.setVerifier(name, verifier),
  }));
}

export function planSwitchUser(users: UserDirectory, name: string, active: boolean): Promise<Plan> {
  return onEntry(users, name, (entry) => ({
    act: {
      action: active ? 'user_enable' : 'user_disable',
      subject: entry.name,
      before: { active: entry.active },
      after: { active },
    },
    isDone: () => users.setActive(name, active),
  }));
}

export function planRemoveUser(users: UserDirectory, name: string): Promise<Plan> {
  return onEntry(users, name, (entry) => ({
    act: { action: 'user_remove', subject: entry.name, before: { active: entry.active, ...stateOf(entry) } },
    isDone: () => users.remove(name),
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

/** Keeps rights for a dialer's user. */
export async function planGrant(
  accounts: AccountStore,
  grants: GrantDirectory,
  name: string,
  rights: Rights,
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
      grants.put({ identity, accountId: account.id, name: account.name, rights });
      return Promise.resolve(undefined);
    },
  };
}

/** @param digest of the only session that ends; undefined: all of the user */
export async function planEndSessions(
  { accounts, credentials }: { readonly accounts: AccountStore; readonly credentials: CredentialStore },
  name: string,
  digest: string | undefined,
): Promise<Plan> {
  const { account } = await accounts.read(name);
  const [identity, now] = [userIdentity(name), credentials.now()];
  const listed = [
    ...(await credentials.listSessions(now, account?.name ?? name)),
    // Of a user whose name was once spelled in another way.
    ...(await credentials.listSessions(now)).filter(({ userName }) => userIdentity(userName) === identity),
  ];
  const digests = new Set(listed.map((session) => session.digest));
  if (account === undefined && digests.size === 0) return refusedAct('user_unknown', name);
  const ending = [...digests].filter((one) => digest === undefined || one === digest);
  return {
    act: { action: 'session_end', subject: account?.name ?? name, before: { sessions: ending.length } },
    async commit() {
      for (const one of ending) await credentials.dropSession(one);
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

async function onEntry(
  users: UserDirectory,
  name: string,
  plan: (entry: UserEntry) => {
    readonly act: Extract<Plan, { act: unknown }>['act'];
    /** Does it. @returns false: there is no such user any longer */
    readonly isDone: () => Promise<boolean>;
  },
): Promise<Plan> {
  const entry = await findEntry(users, name);
  const unknown = refusedAct('user_unknown', name);
  if (entry === undefined) return unknown;
  const { act, isDone } = plan(entry);
  return { act, commit: async () => ((await isDone()) ? undefined : unknown) };
}
