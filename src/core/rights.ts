import type { ListScope } from './lead.ts';

/** What a user may do, by what somebody does with it. */
export const USER_RIGHTS = ['card', 'read', 'edit', 'calls', 'admin'] as const;
export type UserRight = (typeof USER_RIGHTS)[number];

/** `caller-id`: who a caller is, and nothing else, for telephones that put their token into a URL. */
export type Right = UserRight | 'caller-id';

/** Rights of an account or a token: the sum of their bits. */
export type Rights = number;

/** Stores keep rights by these bits (migrations/): none is ever used for something else. */
export const RIGHT_BIT = {
  /** Signs in at the card and sees leads there. */
  card: 1,
  /** The documented API, and what `/v1` reads. */
  read: 2,
  /** Changes leads, their notes and lists. */
  edit: 4,
  /** Notifies calls. */
  calls: 8,
  /** Finds, hands over and erases what is kept of a person. */
  admin: 16,
  'caller-id': 32,
} as const satisfies Readonly<Record<Right, number>>;

export const EVERY_RIGHT: Rights = USER_RIGHTS.reduce((sum, name) => sum + RIGHT_BIT[name], 0);

/** Who has both opens the console: `card` signs in, `admin` is the right. */
export const CONSOLE_RIGHTS: Rights = RIGHT_BIT.card | RIGHT_BIT.admin;

/** Whether somebody can do all that the console can, while they are active: who sees some lists manages no users. */
export function isFullAdmin(rights: Rights, lists: ListScope): boolean {
  return (rights & CONSOLE_RIGHTS) === CONSOLE_RIGHTS && lists === 'every list';
}

/** The bits that satisfy a right, each of them alone: whoever reads leads may know who a caller is. */
export const SATISFIED_BY: Readonly<Record<Right, number>> = {
  ...RIGHT_BIT,
  'caller-id': RIGHT_BIT['caller-id'] | RIGHT_BIT.read,
};

export function rightsOf(names: readonly Right[]): Rights {
  return names.reduce((bits, name) => bits | RIGHT_BIT[name], 0);
}

/** With what comes with them: whoever edits a lead reads it. */
export function withImplied(rights: Rights): Rights {
  return (rights & RIGHT_BIT.edit) === 0 ? rights : rights | RIGHT_BIT.read;
}

/** The names of rights, in their order. */
export function namesOfRights(rights: Rights): readonly Right[] {
  return RIGHTS.filter((name) => (rights & RIGHT_BIT[name]) !== 0);
}

const RIGHTS: readonly Right[] = [...USER_RIGHTS, 'caller-id'];
