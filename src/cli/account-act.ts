import type { UserDirectory } from '../core/account-store.ts';
import { CommandFailure, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import type { ActRefusal, Plan, PlannedAct, RefusalCode } from '../service/planned-act.ts';
import { isLastAdmin, NAME_LIMIT } from '../service/user-acts.ts';
import { recorded } from './operator-audit.ts';
import type { ChosenDomain } from './settings-flags.ts';

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
  if (wasLast && !(await isLastAdmin(users, name)))
    terminal.err(
      'callercard: nobody is left who manages users at the console; "callercard user set NAME --rights card,read,admin" makes somebody',
    );
  return result;
}

export function failureOf({ refusal, about }: ActRefusal): Error {
  return REFUSALS[refusal](printable(about));
}

const REFUSALS: Readonly<Record<RefusalCode, (about: string) => Error>> = {
  user_exists: (name) =>
    new CommandFailure(
      `there is a user ${name} already; "callercard user password ${name}" changes the password, "user set" what the user may do`,
    ),
  user_unknown: (name) => new CommandFailure(`there is no user ${name}; "callercard user list" shows them`),
  user_changed: (name) => new CommandFailure(`somebody else has changed ${name} meanwhile; try again`),
  last_admin: (name) => new CommandFailure(`${name} is the last one who manages users`),
  first_key_used: () => new CommandFailure('there is a user already'),
  name_malformed: () =>
    wrongUse(`a user name has 1 to ${NAME_LIMIT} bytes, no control characters and no spaces around it`),
  name_reserved: () =>
    wrongUse(
      'log and audit use names that begin with token: for tokens, and operator for the person who runs commands; choose another name',
    ),
  name_of_dialer: (name) =>
    wrongUse(`${name} is an account of the dialer itself, which may never sign in; choose another name`),
  rights_of_dialer: () =>
    wrongUse('users and passwords are the dialer’s; here only calls and admin are given'),
  extension_malformed: (text) =>
    wrongUse(
      `--extension takes 1 to 64 characters without spaces, commas and = (1001), or '' for none, not "${text}"`,
    ),
  extension_taken: (owner) =>
    new CommandFailure(
      `the user ${owner} has this extension; take it away first: callercard user set ${owner} --extension ''`,
    ),
  token_exists: (name) =>
    new CommandFailure(
      `there is or was a token ${name}; choose another name, because the audit tells tokens apart by it`,
    ),
  token_unknown: (name) =>
    new CommandFailure(`there is no token ${name}; "callercard token list" shows them`),
  token_name_malformed: () => wrongUse('a token has a name of 1 to 64 letters, digits and . _ @ -'),
  token_ended: () =>
    new CommandFailure(
      'the store has seen a day ahead of this machine’s clock, so the token would have ended already; choose a later --expires',
    ),
};
