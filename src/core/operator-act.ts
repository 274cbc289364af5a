import type { ListScope } from './lead.ts';
import type { Right } from './rights.ts';

/** What an operator does by a command, or an admin at the console, and which changes or discloses something. */
export const OPERATOR_ACTIONS = [
  'user_add',
  'user_set',
  'user_password',
  'user_enable',
  'user_disable',
  'user_unlock',
  'user_remove',
  'session_end',
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
  'audit_read',
  'list_rename',
  'list_delete',
  'retention',
  'backup',
  'restore',
  'copy',
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

/** A user or token, as far as it is concerned. Never a password or a secret. */
export interface ActState {
  readonly active?: boolean;
  readonly rights?: readonly Right[];
  readonly lists?: ListScope;
  /** A user's telephone; empty: none. */
  readonly extension?: string;
  /** Until when a token is good, ISO 8601. */
  readonly expires?: string;
  /** Of a list. */
  readonly name?: string | null;
  /** Failed logins that are counted. */
  readonly failures?: number;
  /** Sessions that are ended. */
  readonly sessions?: number;
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
