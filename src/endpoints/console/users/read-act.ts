import { isPassword } from '../../../auth/password-rules.ts';
import { RIGHT_BIT, type Rights, rightsOf, USER_RIGHTS, withImplied } from '../../../core/rights.ts';
import { type AccountAct, isSelf, OWN_RIGHTS } from '../../../service/account-service.ts';
import { MOST_TOKEN_DAYS } from '../../../service/token-acts.ts';
import { seenOf } from '../../../service/user-acts.ts';
import { readListIds } from './list-ids.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What needs nothing but a name; the first take something away. */
const TAKING = ['disable', 'remove'] as const;
const PLAIN = ['enable', 'unlock', 'revoke'] as const;

/** What is wrong with a form. */
export type FormFault =
  'badLists' | 'badPassword' | 'passwordApart' | 'changesApart' | 'badDays' | 'selfRefused';

/**
 * Reads what a form wants to be done.
 *
 * @param self who sent it
 * @param now milliseconds of the wall clock
 */
export function readAct(
  form: URLSearchParams,
  self: string,
  now: number,
): { readonly act: AccountAct } | { readonly fault: FormFault } | undefined {
  const name = form.get('name') ?? '';
  const what = form.get('what') ?? '';
  const taking = TAKING.find((one) => one === what);
  if (taking !== undefined && isSelf(self, name)) return { fault: 'selfRefused' };
  const dropped = droppedBy(what, form);
  if (dropped !== undefined) return { fault: dropped };
  const plain = taking ?? PLAIN.find((one) => one === what);
  if (plain !== undefined) return { act: { what: plain, name } };
  switch (what) {
    case 'add':
    case 'password':
    case 'set':
      return readUser(what, form, name, self);
    case 'grant':
      return readGrant(form, name, self);
    case 'end sessions':
      return { act: { what, name, session: form.get('session') ?? undefined } };
    case 'token':
      return readToken(form, name, now);
    default:
      return undefined;
  }
}

/** By which rights, lists and telephone of a form are kept. */
const SAVING: readonly string[] = ['add', 'set', 'grant', 'token'];
/** By which a new password is. */
const SETTING_PASSWORD: readonly string[] = ['add', 'password'];

/** What was typed or changed in a form whose button does something else: it would be dropped without a word. */
function droppedBy(what: string, form: URLSearchParams): FormFault | undefined {
  if (!SETTING_PASSWORD.includes(what) && (form.get('new-password') ?? '') !== '') return 'passwordApart';
  return SAVING.includes(what) || isAsSeen(form) ? undefined : 'changesApart';
}

/** Whether the fields of a user are as the page showed them; those of a form for somebody new were empty. */
function isAsSeen(form: URLSearchParams): boolean {
  const lists = readListIds(form.get('lists') ?? '');
  if (lists === undefined) return false;
  const extension = (form.get('extension') ?? '').trim() || undefined;
  const seen = form.get('seen') ?? seenOf({ rights: 0, lists: 'every list', extension: undefined });
  return seenOf({ rights: sentRights(form), lists, extension }) === seen;
}

/** Of a dialer's user, who has the right card from the dialer. */
function readGrant(
  form: URLSearchParams,
  name: string,
  self: string,
): { readonly act: AccountAct } | { readonly fault: FormFault } {
  const rights = rightsIn(form);
  return isSelf(self, name) && (rights & RIGHT_BIT.admin) === 0
    ? { fault: 'selfRefused' }
    : { act: { what: 'grant', name, rights } };
}

function readUser(
  what: 'add' | 'password' | 'set',
  form: URLSearchParams,
  name: string,
  self: string,
): { readonly act: AccountAct } | { readonly fault: FormFault } {
  const password = form.get('new-password') ?? '';
  if (what !== 'set' && !isPassword(password)) return { fault: 'badPassword' };
  if (what === 'password') return { act: { what, name, password } };
  const lists = readListIds(form.get('lists') ?? '');
  if (lists === undefined) return { fault: 'badLists' };
  const [rights, extension] = [rightsIn(form), (form.get('extension') ?? '').trim()];
  if (what === 'add') return { act: { what, name, password, rights, lists, extension } };
  const losesOwn = isSelf(self, name) && ((rights & OWN_RIGHTS) !== OWN_RIGHTS || lists !== 'every list');
  const seen = form.get('seen') ?? undefined;
  return losesOwn ? { fault: 'selfRefused' } : { act: { what, name, rights, lists, extension, seen } };
}

function readToken(
  form: URLSearchParams,
  name: string,
  now: number,
): { readonly act: AccountAct } | { readonly fault: FormFault } | undefined {
  const rights = TOKEN_SCOPES.get(form.get('scope') ?? '');
  if (rights === undefined) return undefined;
  const days = Number(form.get('days') ?? '');
  if (!Number.isInteger(days) || days < 1 || days > MOST_TOKEN_DAYS) return { fault: 'badDays' };
  const lists = readListIds(form.get('lists') ?? '');
  if (lists === undefined) return { fault: 'badLists' };
  return { act: { what: 'token', name, rights, lists, expiresAt: now + days * DAY_MS } };
}

/** What a token can be made for, by what the form says. */
export const TOKEN_SCOPES: ReadonlyMap<string, Rights> = new Map([
  ['read', rightsOf(['read'])],
  ['read,edit', rightsOf(['read', 'edit'])],
  ['read,calls', rightsOf(['read', 'calls'])],
  ['calls', rightsOf(['calls'])],
  ['caller-id', rightsOf(['caller-id'])],
]);

function rightsIn(form: URLSearchParams): Rights {
  return withImplied(sentRights(form));
}

function sentRights(form: URLSearchParams): Rights {
  const sent = form.getAll('right');
  return rightsOf(USER_RIGHTS.filter((right) => sent.includes(right)));
}
