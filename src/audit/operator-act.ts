import type { ListScope } from '../core/lead.ts';
import { TEXT_LIMIT } from '../core/lookup-event.ts';
import type { Right } from '../core/rights.ts';
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
  /** A user's name, `token:NAME`, or a file's name; undefined: standard output. */
  readonly subject: string | undefined;
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
 * @param end of the second record, of an act that failed or that has counts
 */
export function actFields(
  { at, domain, address }: ActContext,
  { action, subject, before, after }: OperatorAct,
  end?: { readonly result: ActEnd; readonly counts?: ActCounts | undefined },
): string {
  return fieldsOf(at, {
    kind: 'operator',
    domain,
    action,
    result: end?.result,
    user: 'operator',
    address: address.slice(0, TEXT_LIMIT),
    endpoint: 'cli',
    subject: subject?.slice(0, TEXT_LIMIT),
    before,
    after,
    counts: end?.counts,
  });
}
