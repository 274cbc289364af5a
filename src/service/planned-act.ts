import { StoreFailure } from '../core/lead-store.ts';
import type { OperatorAct } from '../core/operator-act.ts';
import { ProblemError } from '../core/problem.ts';
import type { Work } from './work.ts';

/** Why an act on users and tokens is not done; who shows it has the words. */
export type RefusalCode =
  | 'user_exists'
  | 'user_unknown'
  /** Since somebody saw what they change. */
  | 'user_changed'
  /** Nobody would be left who manages users. */
  | 'last_admin'
  /** The key of the first admin was used meanwhile, or somebody has made a user. */
  | 'first_key_used'
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

/** The work of a request that asks for an act: recorded, then done. @param done the answer once it is */
export function workOfPlan<Done>(plan: Plan, done: Done): Work<ActRefusal | Done> {
  if ('refusal' in plan) return { records: [], answer: plan };
  const commit = async () => (await withStoreFailures(plan.commit)) ?? done;
  return { records: [{ action: 'administered', act: plan.act }], answer: done, commit };
}

/** Directories throw what the database says. @throws {StoreFailure | ProblemError} */
export async function withStoreFailures<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof StoreFailure || cause instanceof ProblemError ? cause : new StoreFailure(cause);
  }
}
