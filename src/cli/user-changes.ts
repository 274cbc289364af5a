import type { Command } from 'commander';

import { LOCK_MS } from '../auth/lockout.ts';
import { StoreFailure } from '../core/lead-store.ts';
import { messageOf } from '../core/problem.ts';
import { type Rights, rightsOf } from '../core/rights.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { planRemoveUser, planSetUser, planUnlockUser } from '../service/user-acts.ts';
import { GRANTABLE, planGrant } from '../service/grant-acts.ts';
import { isOwnStore } from '../stores/store-config.ts';
import { runPlan, withAdminWarning } from './account-act.ts';
import { openCommandStore, openDialerStore, openOwnStore, withStore } from './command-store.ts';
import { readLists, writeLists } from './lists-flag.ts';
import { readRights, RIGHTS_HELP, writeRights } from './rights.ts';
import {
  ACCOUNT_SETTINGS,
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOfDomain,
  RECORDED_SETTINGS,
} from './settings-flags.ts';
import { accountWords } from './words/account.ts';

export const EXTENSION_HELP =
  "the user's telephone as the telephone system calls it (1001), for calls that open the card by themselves";

interface SetOptions {
  readonly rights?: string;
  readonly lists?: string;
  readonly extension?: string;
}

/** `user set`, `user remove` and `user unlock`. */
export function addUserChanges(user: Command, host: CommandHost): void {
  addSet(user, host);
  addRemove(user, host);
  addUnlock(user, host);
}

function addSet(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('set')
    .description(
      "Changes what a user may do, from the next request on. Of a dialer's user only calls and admin: all else is set in the dialer.",
    )
    .argument('<name>')
    .option('--rights <names>', `instead of those that the user has: ${RIGHTS_HELP}`)
    .option('--lists <ids>', 'only leads of these lists (1,2,3), or all')
    .option('--extension <number>', `${EXTENSION_HELP}; '' takes it away`);
  addDomainFlags(command, ACCOUNT_SETTINGS).action((name: string, options: SetOptions) =>
    run(() => {
      const { rights, lists, extension } = options;
      if ([rights, lists, extension].every((option) => option === undefined)) {
        throw wrongUse('say what to change: --rights, --lists or --extension');
      }
      const domain = configOfDomain(options, terminal);
      return isOwnStore(domain.config)
        ? setOwn(domain, name, options, terminal)
        : grant(domain, name, options, terminal);
    }),
  );
}

function setOwn(
  domain: ChosenDomain,
  name: string,
  options: SetOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const rights = options.rights === undefined ? undefined : readRights(options.rights);
  const lists = options.lists === undefined ? undefined : readLists(options.lists);
  const { extension } = options;
  return withStore(openOwnStore(domain), async ({ users }) => {
    const { subject = name, after = {} } = await withAdminWarning(users, name, terminal, async () =>
      runPlan(domain, await planSetUser(users, name, { rights, lists, extension })),
    );
    const [now, seen] = [writeRights(rightsOf(after.rights ?? [])), writeLists(after.lists ?? [])];
    const telephone = extension === undefined ? undefined : printable(extension);
    terminal.err(accountWords().set(printable(subject), now, seen, telephone));
    return EXIT.ok;
  });
}

/** Keeps rights for a dialer's user in the state file. */
function grant(
  domain: ChosenDomain,
  name: string,
  options: SetOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const rights = readGrant(options);
  return withStore(openDialerStore(domain), async ({ accounts, grants }) => {
    const plan = await askingDialer(() => planGrant(accounts, grants(), name, rights));
    if ('refusal' in plan && plan.refusal === 'user_unknown')
      throw new CommandFailure(`the dialer has no user ${printable(name)}`);
    const { subject = name } = await runPlan(domain, plan);
    terminal.err(accountWords().granted(printable(subject), writeRights(rights)));
    return EXIT.ok;
  });
}

/** @throws {CommandFailure} it says what is the dialer's */
function readGrant({ rights: text, lists, extension }: SetOptions): Rights {
  if (extension !== undefined) {
    throw wrongUse(
      "who of a dialer's users has which telephone is said in the setting agents; leave --extension out",
    );
  }
  if (lists !== undefined) {
    throw wrongUse(
      "which leads a dialer's user sees follows from the allowed campaigns of the user group, in the dialer; leave --lists out",
    );
  }
  const rights = readRights(text ?? '');
  const others = rights & ~GRANTABLE;
  if (others === 0) return rights;
  throw wrongUse(
    `beside a dialer --rights takes ${writeRights(GRANTABLE)} or none, not "${writeRights(others)}": card comes with an active user of a level above 0, read with Agent API Access as well, both in the dialer; nobody can edit there`,
  );
}

/** @throws {CommandFailure} the dialer does not answer */
async function askingDialer<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof StoreFailure)) throw cause;
    const why = printable(messageOf(cause.cause));
    throw new CommandFailure(
      `the dialer cannot be asked for the user (${why}); "callercard check" says more`,
      EXIT.failed,
      { cause },
    );
  }
}

function addRemove(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('remove')
    .description(
      'Removes a user for good, with sessions and failed logins. The name may be given to somebody else: the audit says when. "user disable" keeps the user.',
    )
    .argument('<name>');
  addDomainFlags(command, RECORDED_SETTINGS).action((name: string, options: Record<string, unknown>) =>
    run(() => {
      const domain = configOfDomain(options, terminal);
      return withStore(openOwnStore(domain), async ({ users }) => {
        const { subject = name } = await withAdminWarning(users, name, terminal, async () =>
          runPlan(domain, await planRemoveUser(users, name)),
        );
        terminal.err(accountWords().removed(printable(subject)));
        return EXIT.ok;
      });
    }),
  );
}

function addUnlock(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('unlock')
    .description(
      "Forgets the failed logins of a user, whom they may have locked. Beside a dialer those that callercard counted: a lock of the dialer's own is the dialer's.",
    )
    .argument('<name>');
  addDomainFlags(command, ACCOUNT_SETTINGS).action((name: string, options: Record<string, unknown>) =>
    run(() => {
      const domain = configOfDomain(options, terminal);
      return withStore(openCommandStore(domain), async (store) => {
        const users = 'users' in store ? store.users : undefined;
        const { subject = name, before } = await runPlan(
          domain,
          await planUnlockUser(store.accounts, users, name),
        );
        const words = accountWords();
        terminal.err(words.unlocked(printable(subject), before?.failures ?? 0));
        if (!('users' in store)) terminal.err(words.dialerLock(LOCK_MS / 60_000));
        return EXIT.ok;
      });
    }),
  );
}
