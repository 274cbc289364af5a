import type { UserDirectory } from '../core/account-store.ts';
import { CommandFailure, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import type { ActRefusal, Plan, PlannedAct, RefusalCode } from '../service/planned-act.ts';
import { isLastAdmin } from '../service/user-acts.ts';
import { recorded } from './operator-audit.ts';
import type { ChosenDomain } from './settings-flags.ts';
import { accountWords } from './words/account.ts';

/**
 * Does what was planned for a user or a token, with its record.
 *
 * @throws {CommandFailure} why it is not done
 */
export async function runPlan(domain: ChosenDomain, plan: Plan): Promise<PlannedAct['act']> {
  if ('refusal' in plan) throw failureOf(plan);
  await recorded(domain, plan.act, async () => {
    const refused = await plan.commit();
    if (refused !== undefined) throw failureOf(refused);
  });
  return plan.act;
}

/** @throws {CommandFailure} it is a refusal */
export function checkPlan(plan: Plan | undefined): void {
  if (plan !== undefined && 'refusal' in plan) throw failureOf(plan);
}

/** Does something to a user, and says so where nobody is left then who manages users: nobody stops the operator. */
export async function withAdminWarning<Result>(
  users: UserDirectory,
  name: string,
  terminal: Terminal,
  work: () => Promise<Result>,
): Promise<Result> {
  const wasLast = await isLastAdmin(users, name);
  const result = await work();
  if (wasLast && !(await isLastAdmin(users, name))) terminal.err(`callercard: ${accountWords().noAdminLeft}`);
  return result;
}

export function failureOf({ refusal, about }: ActRefusal): Error {
  const message = accountWords().refusals[refusal](printable(about));
  return WRONG_USE.has(refusal) ? wrongUse(message) : new CommandFailure(message);
}

/** What the command was given cannot be meant; all else is what the store has. */
const WRONG_USE: ReadonlySet<RefusalCode> = new Set([
  'name_malformed',
  'name_reserved',
  'name_of_dialer',
  'rights_of_dialer',
  'extension_malformed',
  'token_name_malformed',
] satisfies RefusalCode[]);
