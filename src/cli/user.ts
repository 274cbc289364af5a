import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import type { UserDirectory } from '../core/account-store.ts';
import { createLockout, isDialerAccount, userIdentity } from '../auth/lockout.ts';
import { isEmbedded } from '../app.ts';
import { hashPassword } from '../auth/password-hash.ts';
import { addDomainFlags, type CommandHost, configOfDomain, STORE_SETTINGS } from './settings-flags.ts';
import { openOwnStore, withStore } from './command-store.ts';
import { readLists } from './token.ts';
import { CommandFailure, EXIT, wrongUse } from '../process/exit-code.ts';
import { askPassword } from './ask-password.ts';
import { printable, writeTable } from '../process/terminal.ts';

const NAME_LIMIT = 64;

interface PasswordOptions {
  readonly passwordStdin?: boolean;
}

interface AddOptions extends PasswordOptions {
  readonly lists?: string;
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
    .option('--no-api', 'without the right to use the API');
  addDomainFlags(command, STORE_SETTINGS).action((name: string, options: AddOptions) =>
    run(async () => {
      checkName(name);
      const lists = readLists(options.lists);
      const loaded = configOfDomain(options, terminal);
      // Before the password is asked for; and no store is made for a user that is then not added.
      if (!isEmbedded(loaded.config) || existsSync(loaded.config.database.path))
        await withStore(openOwnStore(loaded), ({ users }) => {
          if (hasUser(users, name)) throw userExists(name);
        });
      const verifier = await hashPassword(await askPassword(terminal, options.passwordStdin === true));
      await withStore(openOwnStore(loaded, { create: true }), ({ users }) => {
        if (!users.add({ name, verifier, mayUseApi: options.api, lists })) throw userExists(name);
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
      const entries = await withStore(
        openOwnStore(configOfDomain(options, terminal)),
        ({ users, accounts }) =>
          users.list().map((entry) => ({
            ...entry,
            isLocked: createLockout(() => accounts.now()).isLocked(entry.failures),
          })),
      );
      const users = entries.map(({ name, active, mayUseApi, lists, isLocked }) => {
        return { name, active, mayUseApi, lists, locked: isLocked };
      });
      const yesNo = (is: boolean) => (is ? 'yes' : 'no');
      const rows = users.map(({ name, active, mayUseApi, lists, locked }) => [
        printable(name),
        yesNo(active),
        yesNo(mayUseApi),
        lists === 'every list' ? lists : lists.join(', '),
        yesNo(locked),
      ]);
      if (options.json === true) terminal.out(JSON.stringify(users, null, 2));
      else if (rows.length === 0) terminal.out('no users; "callercard user add NAME" adds one');
      else terminal.out(writeTable(['user', 'active', 'api', 'lists', 'locked'], rows));
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
