import { userIdentity } from '../../../auth/lockout.ts';
import type { SessionEntry, TokenEntry } from '../../../core/credential-store.ts';
import type { ListScope } from '../../../core/lead.ts';
import { namesOfRights, RIGHT_BIT, type Rights, USER_RIGHTS, type UserRight } from '../../../core/rights.ts';
import type { Accounts } from '../../../service/account-service.ts';
import { GRANTABLE } from '../../../service/grant-acts.ts';
import { seenOf } from '../../../service/user-acts.ts';
import { placeOfSession } from '../../pages/browser-name.ts';
import type { Reader } from '../../pages/reader.ts';
import { writeListIds } from './list-ids.ts';
import type { UsersWords } from './users-words.ts';

interface RightChoice {
  readonly name: UserRight;
  readonly label: string;
  readonly has: boolean;
}

interface UserView {
  /** Of the fields of its forms. */
  readonly id: string;
  readonly name: string;
  readonly rights: string;
  readonly lists: string;
  readonly state: string;
  readonly active: boolean;
  readonly isLocked: boolean;
  readonly choices: readonly RightChoice[];
  /** What its form changes. */
  readonly seen: string;
  /** As its field has them. */
  readonly listIds: string;
  readonly extension: string;
  readonly signedIn: string;
  /** When one of the sessions was last made use of, as words. */
  readonly seenAt: string | undefined;
  readonly sessions: readonly { readonly digest: string; readonly about: string; readonly label: string }[];
}

interface TokenView {
  readonly name: string;
  readonly rights: string;
  readonly lists: string;
  readonly state: string;
  readonly expires: string;
  readonly ending: string;
  readonly isRevoked: boolean;
}

export interface UsersView {
  readonly isDialer: boolean;
  /** Of one page. */
  readonly users: readonly UserView[];
  readonly pages: readonly UserPage[];
  readonly tokens: readonly TokenView[];
  /** Of a new user. */
  readonly choices: readonly RightChoice[];
  readonly scopes: readonly { readonly value: string; readonly label: string }[];
}

/** A part of the users, by their names. */
interface UserPage {
  readonly href: string;
  readonly label: string;
  readonly isHere: boolean;
}

/** Each has some forms: with thousands at once every other request would wait. */
const USERS_OF_PAGE = 200;

/** Which page is shown: that of a user, or else one by its number, from 1 on. */
export interface ShownPart {
  readonly name?: string | undefined;
  readonly page?: number | undefined;
}

/** Whom a new user is taken for: an agent. */
const USUAL: Rights = RIGHT_BIT.card | RIGHT_BIT.read;

export function viewUsers(
  accounts: Accounts,
  reader: Reader,
  words: UsersWords,
  part: ShownPart = {},
): UsersView {
  const isDialer = accounts.users === undefined;
  const sessionsOf = groupSessions(accounts.sessions);
  const entries =
    accounts.users ??
    accounts.grants.map(({ name, rights }) => ({
      name,
      rights,
      lists: 'every list' as const,
      active: true,
      extension: undefined,
      isLocked: false,
    }));
  // Making one takes longer than writing a hundred times by it.
  const [until, day] = [dateTime(reader), dayOnly(reader)];
  const pages = pagesOf(entries, part);
  const from =
    USERS_OF_PAGE *
    Math.max(
      0,
      pages.findIndex(({ isHere }) => isHere),
    );
  const users = entries.slice(from, from + USERS_OF_PAGE).map((entry, index): UserView => {
    const sessions = sessionsOf.get(userIdentity(entry.name)) ?? [];
    return {
      id: `user-${index}`,
      name: entry.name,
      rights: namesOf(entry.rights, words),
      lists: isDialer ? '' : listsText(entry.lists, words),
      state: entry.isLocked ? words.locked : entry.active ? words.active : words.disabled,
      active: entry.active,
      isLocked: entry.isLocked,
      choices: choicesOf(entry.rights, isDialer, words),
      extension: entry.extension ?? '',
      seen: seenOf(entry),
      listIds: writeListIds(entry.lists),
      signedIn: words.signedInTimes(sessions.length),
      seenAt: lastSeen(sessions, until, words),
      sessions: sessions.map((session) => ({
        digest: session.digest,
        about: aboutSession(session, until, words),
        label: words.endSession(until.format(session.expiresAt)),
      })),
    };
  });
  return {
    isDialer,
    users,
    pages,
    tokens: accounts.tokens.map((token) => viewToken(token, accounts.now, day, words)),
    choices: choicesOf(isDialer ? 0 : USUAL, isDialer, words),
    scopes: Object.entries(words.scopes).map(([value, label]) => ({ value, label })),
  };
}

function lastSeen(
  sessions: readonly SessionEntry[],
  at: Intl.DateTimeFormat,
  words: UsersWords,
): string | undefined {
  const last = Math.max(0, ...sessions.map(({ lastSeenAt }) => lastSeenAt));
  return last === 0 ? undefined : words.lastSeen(at.format(last));
}

/** Where somebody is signed in, and when it was last made use of. */
function aboutSession(session: SessionEntry, at: Intl.DateTimeFormat, words: UsersWords): string {
  return [placeOfSession(session), lastSeen([session], at, words) ?? '']
    .filter((part) => part !== '')
    .join(' · ');
}

function pagesOf(
  entries: readonly { readonly name: string }[],
  { name, page = 1 }: ShownPart,
): readonly UserPage[] {
  const count = Math.ceil(entries.length / USERS_OF_PAGE);
  const identity = name === undefined ? undefined : userIdentity(name);
  const at = identity === undefined ? -1 : entries.findIndex((one) => userIdentity(one.name) === identity);
  const shown = at === -1 ? Math.min(page, count) - 1 : Math.floor(at / USERS_OF_PAGE);
  return Array.from({ length: count }, (_, index) => {
    const from = index * USERS_OF_PAGE;
    const last = Math.min(from + USERS_OF_PAGE, entries.length) - 1;
    return {
      href: index === 0 ? '/console/users' : `/console/users?page=${index + 1}`,
      label: `${entries[from]?.name ?? ''} – ${entries[last]?.name ?? ''}`,
      isHere: index === shown,
    };
  });
}

function groupSessions(sessions: readonly SessionEntry[]): ReadonlyMap<string, readonly SessionEntry[]> {
  return Map.groupBy(sessions, ({ userName }) => userIdentity(userName));
}

function viewToken(token: TokenEntry, now: number, day: Intl.DateTimeFormat, words: UsersWords): TokenView {
  const { name, rights, lists, expiresAt, isRevoked, ending } = token;
  return {
    name,
    rights: namesOf(rights, words),
    lists: listsText(lists, words),
    state: isRevoked ? words.revoked : expiresAt <= now ? words.expired : words.good,
    expires: day.format(expiresAt),
    ending: `…${ending}`,
    isRevoked,
  };
}

function choicesOf(rights: Rights, isDialer: boolean, words: UsersWords): readonly RightChoice[] {
  return USER_RIGHTS.filter((name) => !isDialer || (GRANTABLE & RIGHT_BIT[name]) !== 0).map((name) => ({
    name,
    label: words.rightNames[name],
    has: (rights & RIGHT_BIT[name]) !== 0,
  }));
}

function namesOf(rights: Rights, words: UsersWords): string {
  return namesOfRights(rights).join(', ') || words.noRights;
}

function listsText(lists: ListScope, words: UsersWords): string {
  if (lists === 'every list') return words.everyList;
  return lists.length === 0 ? words.noList : lists.join(', ');
}

function dayOnly({ tag }: Reader) {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'medium' });
}

function dateTime({ tag }: Reader) {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
}
