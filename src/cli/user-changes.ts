import type { Command } from 'commander';

import { isOwnStore } from '../stores/store-config.ts';
import { LOCK_MS, userIdentity } from '../auth/lockout.ts';
import type { Account } from '../core/account-store.ts';
import { StoreFailure } from '../core/lead-store.ts';
import { messageOf } from '../core/problem.ts';
import { namesOfRights, type Rights, rightsOf } from '../core/rights.ts';
import { CommandFailure, EXIT, type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { openCommandStore, openDialerStore, openOwnStore, withStore } from './command-store.ts';
import { recorded } from './operator-audit.ts';
import { readRights, RIGHTS_HELP, writeRights } from './rights.ts';
import {
  ACCOUNT_SETTINGS,
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOfDomain,
  RECORDED_SETTINGS,
} from './settings-flags.ts';
import { readLists } from './token.ts';
import { EXTENSION_HELP, readExtension, refuseTaken } from './user-extension.ts';
import { entryOf, noSuchUser, stateOf, writeLists } from './user-entry.ts';

interface SetOptions {
  readonly rights?: string;
  readonly lists?: string;
  readonly extension?: string;
}

/** What can be given to a dialer's user here; all else is the dialer's own. */
const GRANTABLE = rightsOf(['calls', 'admin']);

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
  const extension = readExtension(options.extension);
  return withStore(openOwnStore(domain), async ({ users }) => {
    const entry = await entryOf(users, name);
    await refuseTaken(users, name, extension);
    const to = {
      rights: rights ?? entry.rights,
      lists: lists ?? entry.lists,
      extension: extension ?? entry.extension,
    };
    const act = {
      action: 'user_set',
      subject: entry.name,
      before: stateOf(entry),
      after: stateOf(to),
    } as const;
    await recorded(domain, act, async () => {
      if (!(await users.change(name, to))) throw noSuchUser(name);
      if (extension !== undefined) await users.setExtension(name, extension === '' ? undefined : extension);
    });
    const telephone = extension === undefined ? '' : `; extension ${printable(extension) || 'none'}`;
    const now = `rights ${writeRights(to.rights)}; lists ${writeLists(to.lists)}${telephone}`;
    terminal.err(`set user ${printable(entry.name)}: ${now}`);
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
    const account = await readAccount(accounts.read(name), name);
    const identity = userIdentity(account.name);
    const before = grants().find(identity);
    const had = before?.accountId === account.id ? before.rights : 0;
    const act = {
      action: 'user_set',
      subject: account.name,
      before: { rights: namesOfRights(had) },
      after: { rights: namesOfRights(rights) },
    } as const;
    await recorded(domain, act, () =>
      grants().put({ identity, accountId: account.id, name: account.name, rights }),
    );
    terminal.err(
      `set user ${printable(account.name)}: ${writeRights(rights)}, beside what the dialer lets the user do`,
    );
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

async function readAccount(
  reading: Promise<{ readonly account: Account | undefined }>,
  name: string,
): Promise<Account> {
  try {
    const { account } = await reading;
    if (account !== undefined) return account;
  } catch (cause) {
    if (!(cause instanceof StoreFailure)) throw cause;
    const why = printable(messageOf(cause.cause));
    throw new CommandFailure(
      `the dialer cannot be asked for the user (${why}); "callercard check" says more`,
      EXIT.failed,
      { cause },
    );
  }
  throw new CommandFailure(`the dialer has no user ${printable(name)}`);
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
        const entry = await entryOf(users, name);
        const before = { active: entry.active, ...stateOf(entry) };
        await recorded(domain, { action: 'user_remove', subject: entry.name, before }, async () => {
          if (!(await users.remove(name))) throw noSuchUser(name);
        });
        terminal.err(`removed user ${printable(entry.name)}`);
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
        // A dialer need not be asked for its user: what is counted here stands under the name.
        const subject = 'users' in store ? (await entryOf(store.users, name)).name : name;
        const identity = userIdentity(subject);
        const count = await store.accounts.countAllFailures(identity);
        const act = { action: 'user_unlock', subject, before: { failures: count } } as const;
        await recorded(domain, act, () => store.accounts.clearFailures(identity));
        terminal.err(`unlocked ${printable(subject)}: ${forgotten(count)}`);
        if (!('users' in store)) terminal.err(DIALER_LOCK);
        return EXIT.ok;
      });
    }),
  );
}

function forgotten(count: number): string {
  return count === 0
    ? 'no failed login was counted'
    : `forgot ${count} failed login${count === 1 ? '' : 's'}`;
}

const DIALER_LOCK = `what the dialer itself has counted stays: its lock ends ${LOCK_MS / 60_000} minutes after the last try, or in the dialer, Users, Modify`;
