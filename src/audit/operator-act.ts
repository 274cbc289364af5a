import type { ListScope } from '../core/lead.ts';
import { TEXT_LIMIT } from '../core/lookup-event.ts';
import type { Right } from '../core/rights.ts';
import { maskPhone } from '../core/phone.ts';
import { fieldsOf } from './record.ts';

/** What an operator does by a command, and which changes or discloses something. */
export const OPERATOR_ACTIONS = [
  'user_add',
  'user_set',
  'user_password',
  'user_enable',
  'user_disable',
  'user_unlock',
  'user_remove',
  'token_create',
  'token_revoke',
  'import',
  'import_undo',
  'export',
  'lead_show',
  'lead_delete',
  'person_find',
  'person_export',
  'person_erase',
  'retention',
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

/** A user or token, as far as it is concerned. Never a password or a secret. */
export interface ActState {
  readonly active?: boolean;
  readonly rights?: readonly Right[];
  readonly lists?: ListScope;
  /** Until when a token is good, ISO 8601. */
  readonly expires?: string;
  /** Failed logins that are counted. */
  readonly failures?: number;
}

export interface OperatorAct {
  readonly action: OperatorAction;
  /** A user's name, `token:NAME`, a file's name, or the number that was looked for; undefined: standard output, or leads. */
  readonly subject?: string | undefined;
  /** The leads that it concerns. */
  readonly leadIds?: readonly number[] | undefined;
  readonly before?: ActState | undefined;
  readonly after?: ActState | undefined;
}

/** `stopped`: by its person, in the middle. */
export type ActEnd = 'done' | 'stopped' | 'failed';
/** Leads that were added, exported and so on. */
export type ActCounts = Readonly<Record<string, number>>;

/** Where and by whom something is done. */
export interface ActContext {
  /** Milliseconds of the wall clock. */
  readonly at: number;
  readonly domain: string;
  /** `local:` and the person's account of the machine. */
  readonly address: string;
}

/**
 * The fields of an act's record. It is written before the act, and then says nothing of its end.
 *
 * @param end of the second record, of an act that failed, or that has counts or a receipt (its digest)
 */
export function actFields(
  { at, domain, address }: ActContext,
  { action, subject, leadIds, before, after }: OperatorAct,
  end?: {
    readonly result: ActEnd;
    readonly counts?: ActCounts | undefined;
    readonly receipt?: string | undefined;
  },
): string {
  return fieldsOf(at, {
    kind: 'operator',
    domain,
    action,
    result: end?.result,
    user: 'operator',
    address: address.slice(0, TEXT_LIMIT),
    endpoint: 'cli',
    subject: subject === undefined ? undefined : subjectOf(action, subject),
    leadIds: leadIds?.slice(0, MOST_LEADS),
    before,
    after,
    counts: end?.counts,
    receipt: end?.receipt,
  });
}

/** So many leads a record names. */
const MOST_LEADS = 100;

/** Runs of digits that may be a telephone number; a date of eight digits is none. */
const NUMBER = /(?<!\d)(?!(?:19|20)\d{6}(?!\d))\+?\d{7,}/g;

/** Numbers are masked, also in the name of a file; not in that of an account, which is whose records these are. */
function subjectOf(action: OperatorAction, subject: string): string {
  const isAccount = action.startsWith('user_') || action.startsWith('token_');
  return (isAccount ? subject : maskNumbers(subject)).slice(0, TEXT_LIMIT);
}

/** The name of a file, with what may be a telephone number in it masked. */
export function maskNumbers(text: string): string {
  return text.replace(NUMBER, maskPhone);
}
