import type { OperatorAct } from '../core/operator-act.ts';

/** Why an act on users and tokens is not done; who shows it has the words. */
export type RefusalCode =
  | 'user_exists'
  | 'user_unknown'
  /** Since somebody saw what they change. */
  | 'user_changed'
  | 'name_malformed'
  | 'name_reserved'
  | 'name_of_dialer'
  | 'rights_of_dialer'
  | 'extension_malformed'
  | 'extension_taken'
  | 'token_exists'
  | 'token_unknown'
  | 'token_name_malformed'
  | 'token_ended';

export interface ActRefusal {
  readonly refusal: RefusalCode;
  /** The user or the token that is meant. */
  readonly about: string;
}

/** An act that can be done: its record is written first, then it is done. */
export interface PlannedAct {
  readonly act: OperatorAct;
  /** @returns why it is not done after all: somebody else was faster */
  readonly commit: () => Promise<ActRefusal | undefined>;
}

export type Plan = PlannedAct | ActRefusal;

export function refusedAct(refusal: RefusalCode, about: string): ActRefusal {
  return { refusal, about };
}
