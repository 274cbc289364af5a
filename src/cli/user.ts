import { existsSync } from 'node:fs';

import { type Command, Option } from 'commander';

import type { LoginFailures, UserDirectory } from '../core/account-store.ts';
import { isDialerAccount, LOCK_MS, MAX_FAILURES, userIdentity } from '../auth/lockout.ts';
import { namesOfRights, RIGHT_BIT, type Rights } from '../core/rights.ts';
import { isEmbedded } from '../app.ts';
import { hashPassword } from '../auth/password-hash.ts';
import { addDomainFlags, type CommandHost, configOfDomain, STORE_SETTINGS } from './settings-flags.ts';
import { openOwnStore, withStore } from './command-store.ts';
import { DEFAULT_RIGHTS, readRights, writeRights } from './rights.ts';
import { readLists } from './token.ts';
import { CommandFailure, EXIT, wrongUse } from '../process/exit-code.ts';
import { askPassword } from './ask-password.ts';
import { printable, type Terminal, writeTable } from '../process/terminal.ts';

const NAME_LIMIT = 64;

/** Of `--rights`. */
const RIGHTS_HELP =
  'what the user may do: card (sign in and see cards), read (the documented API and /v1), edit, calls (notify calls), admin, separated by commas; or none';

interface PasswordOptions {
  readonly passwordStdin?: boolean;
}

interface AddOptions extends PasswordOptions {
  readonly lists?: string;
  readonly rights?: string;
  /** False by the flag of version 0.1. */
  readonly api: boolean;
}

export function addUser(program: Command, host: CommandHost): void {
  const user = program.command('user').description('The users of the API that the embedded store keeps.');
  addAdd(user, host);
  addList(user, host);
  addPassword(user, host);
  addSwitch(user, host, 'disable', 'Refuses a user from the next request on.');
  addSwitch(user, host, 'enable', 'Accepts a disabled user again.');
}

function addAdd(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('add')
    .description('Adds a user. The password comes from a prompt or standard input, never from an argument.')
    .argument('<name>')
    .option('--password-stdin', 'read the password from standard input')
    .option('--lists <ids>', 'only leads of these lists (1,2,3); default: every list')
    .option('--rights <names>', `${RIGHTS_HELP} (default: "${writeRights(DEFAULT_RIGHTS)}")`)
    .addOption(new Option('--no-api').hideHelp());
  addDomainFlags(command, STORE_SETTINGS).action((name: string, options: AddOptions) =>
    run(async () => {
      checkName(name);
      const lists = readLists(options.lists);
      const rights = rightsOfNew(options, terminal);
      const loaded = configOfDomain(options, terminal);
      // Before the password is asked for; and no store is made for a user that is then not added.
      if (!isEmbedded(loaded.config) || existsSync(loaded.config.database.path))
        await withStore(openOwnStore(loaded), ({ users }) => {
          if (hasUser(users, name)) throw userExists(name);
        });
      const verifier = await hashPassword(await askPassword(terminal, options.passwordStdin === true));
      await withStore(openOwnStore(loaded, { create: true }), ({ users }) => {
        if (!users.add({ name, verifier, rights, lists })) throw userExists(name);
      });
      terminal.err(`added user ${name}`);
      return EXIT.ok;
    }),
  );
}

function addList(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('list')
    .description('Lists the users and what each may do.')
    .option('--json', 'as JSON');
  addDomainFlags(command, STORE_SETTINGS).action((options: { json?: boolean }) =>
    run(async () => {
      const entries = await withStore(openOwnStore(configOfDomain(options, terminal)), ({ users }) =>
        users.list(),
      );
      const users = entries.map(({ name, active, rights, lists, failures }) => {
        // The member of version 0.1: whether the documented API answers.
        const mayUseApi = (rights & RIGHT_BIT.read) !== 0;
        return { name, active, mayUseApi, rights: namesOfRights(rights), lists, locked: isLocked(failures) };
      });
      const yesNo = (is: boolean) => (is ? 'yes' : 'no');
      const rows = users.map(({ name, active, rights, lists, locked }) => [
        printable(name),
        yesNo(active),
        rights.length === 0 ? 'none' : rights.join(','),
        lists === 'every list' ? lists : lists.join(', '),
        yesNo(locked),
      ]);
      if (options.json === true) terminal.out(JSON.stringify(users, null, 2));
      else if (rows.length === 0) terminal.out('no users; "callercard user add NAME" adds one');
      else terminal.out(writeTable(['user', 'active', 'rights', 'lists', 'locked'], rows));
      return EXIT.ok;
    }),
  );
}

function addPassword(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('password')
    .description('Sets a new password, effective from the next request on, and clears failed logins.')
    .argument('<name>')
    .option('--password-stdin', 'read the password from standard input');
  addDomainFlags(command, STORE_SETTINGS).action((name: string, options: PasswordOptions) =>
    run(() =>
      withStore(openOwnStore(configOfDomain(options, terminal)), async ({ users }) => {
        if (!hasUser(users, name)) throw noSuchUser(name);
        const verifier = await hashPassword(await askPassword(terminal, options.passwordStdin === true));
        if (!users.setVerifier(name, verifier)) throw noSuchUser(name);
        terminal.err(`changed the password of ${name}`);
        return EXIT.ok;
      }),
    ),
  );
}

function addSwitch(
  user: Command,
  { terminal, run }: CommandHost,
  verb: 'disable' | 'enable',
  description: string,
): void {
  const command = user.command(verb).description(description).argument('<name>');
  addDomainFlags(command, STORE_SETTINGS).action((name: string, options: Record<string, unknown>) =>
    run(() =>
      withStore(openOwnStore(configOfDomain(options, terminal)), ({ users }) => {
        if (!users.setActive(name, verb === 'enable')) throw noSuchUser(name);
        terminal.err(`${verb}d user ${name}`);
        return EXIT.ok;
      }),
    ),
  );
}

/** What a new user may do. The terminal gets a warning for the flag of version 0.1. */
function rightsOfNew({ rights, api }: AddOptions, terminal: Terminal): Rights {
  if (api) return rights === undefined ? DEFAULT_RIGHTS : readRights(rights);
  if (rights !== undefined) throw wrongUse('--no-api is the former form of --rights none; leave it out');
  terminal.err('callercard: --no-api is now called --rights none; it still counts, but rename it');
  return 0;
}

function checkName(name: string): void {
  if (
    userIdentity(name) === '' ||
    userIdentity(name).startsWith('#') ||
    name !== name.trim() ||
    Buffer.byteLength(name) > NAME_LIMIT ||
    /\p{C}/u.test(name)
  ) {
    throw wrongUse(`a user name has 1 to ${NAME_LIMIT} bytes, no control characters and no spaces around it`);
  }
  if (/^token:|^operator$/i.test(userIdentity(name))) {
    throw wrongUse(
      'log and audit use names that begin with token: for tokens, and operator for the person who runs commands; choose another name',
    );
  }
  if (isDialerAccount(name)) {
    throw wrongUse(
      `${name} is an account of the dialer itself, which may never sign in; choose another name`,
    );
  }
}

/** By the wall clock; a running server uses a monotonic one. "user password" ends a lock. */
function isLocked({ count, lastFailedAt }: LoginFailures): boolean {
  return count >= MAX_FAILURES && Date.now() - lastFailedAt < LOCK_MS;
}

function hasUser(users: UserDirectory, name: string): boolean {
  return users.list().some((user) => userIdentity(user.name) === userIdentity(name));
}

function userExists(name: string): CommandFailure {
  return new CommandFailure(
    `there is a user ${printable(name)} already; "callercard user password ${printable(name)}" changes the password`,
  );
}

function noSuchUser(name: string): CommandFailure {
  return new CommandFailure(`there is no user ${printable(name)}; "callercard user list" shows them`);
}
