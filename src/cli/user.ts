import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import type { LoginFailures, UserDirectory } from '../core/account-store.ts';
import { isDialerAccount, LOCK_MS, MAX_FAILURES, userIdentity } from '../auth/lockout.ts';
import { isEmbedded } from '../app.ts';
import { hashPassword } from '../auth/password-hash.ts';
import {
  addDomainFlag,
  addSettingFlags,
  type CommandHost,
  configOfDomain,
  openOwnStore,
  readLists,
  STORE_SETTINGS,
  withStore,
} from './command-options.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';
import { askPassword } from './ask-password.ts';
import { printable } from '../process/terminal.ts';
import { writeTable } from './lookup.ts';

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
  addSwitch(user, host, {
    name: 'disable',
    active: false,
    description: 'Refuses a user from the next request on.',
  });
  addSwitch(user, host, { name: 'enable', active: true, description: 'Lets a disabled user in again.' });
}

function addAdd(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('add')
    .description('Adds a user. The password comes from a prompt or standard input, never from an argument.')
    .argument('<name>')
    .option('--password-stdin', 'read the password from standard input')
    .option('--lists <ids>', 'only leads of these lists (1,2,3); default: every list')
    .option('--no-api', 'without the right to use the API');
  addSettingFlags(addDomainFlag(command), STORE_SETTINGS).action((name: string, options: AddOptions) =>
    run(async () => {
      checkName(name);
      const lists = readLists(options.lists);
      const loaded = configOfDomain({ ...options }, terminal);
      // Before the password is asked for; and no store is made for a user that is then not added.
      if (!isEmbedded(loaded.config) || existsSync(loaded.config.database.path))
        await withStore(openOwnStore(loaded), ({ users }) => refuseTaken(users, name));
      const verifier = await hashPassword(await askPassword(terminal, options.passwordStdin === true));
      await withStore(openOwnStore(loaded, true), ({ users }) => {
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
  addSettingFlags(addDomainFlag(command), STORE_SETTINGS).action((options: { json?: boolean }) =>
    run(async () => {
      const entries = await withStore(openOwnStore(configOfDomain({ ...options }, terminal)), ({ users }) =>
        users.list(),
      );
      if (options.json === true) {
        terminal.out(
          JSON.stringify(
            entries.map(({ name, active, mayUseApi, lists, failures }) => ({
              name,
              active,
              mayUseApi,
              lists,
              locked: isLocked(failures),
            })),
            null,
            2,
          ),
        );
        return EXIT.ok;
      }
      const rows = entries.map(({ name, active, mayUseApi, lists, failures }) => [
        printable(name),
        active ? 'yes' : 'no',
        mayUseApi ? 'yes' : 'no',
        lists === 'every list' ? lists : lists.join(', '),
        isLocked(failures) ? 'yes' : 'no',
      ]);
      terminal.out(
        rows.length === 0
          ? 'no users; "callercard user add NAME" adds one'
          : writeTable(['user', 'active', 'api', 'lists', 'locked'], rows),
      );
      return EXIT.ok;
    }),
  );
}

function addPassword(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('password')
    .description('Sets a new password, which counts from the next request on, and forgets failed logins.')
    .argument('<name>')
    .option('--password-stdin', 'read the password from standard input');
  addSettingFlags(addDomainFlag(command), STORE_SETTINGS).action((name: string, options: PasswordOptions) =>
    run(() =>
      withStore(openOwnStore(configOfDomain({ ...options }, terminal)), async ({ users }) => {
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
  { name: word, active, description }: { name: string; active: boolean; description: string },
): void {
  const command = user.command(word).description(description).argument('<name>');
  addSettingFlags(addDomainFlag(command), STORE_SETTINGS).action(
    (name: string, options: Record<string, unknown>) =>
      run(() =>
        withStore(openOwnStore(configOfDomain(options, terminal)), ({ users }) => {
          if (!users.setActive(name, active)) throw noSuchUser(name);
          terminal.err(`${word}d user ${name}`);
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
    throw new CommandFailure(
      `a user name has 1 to ${NAME_LIMIT} bytes, no control characters and no spaces around it`,
      EXIT.usage,
    );
  }
  if (/^token:|^operator$/i.test(userIdentity(name))) {
    throw new CommandFailure(
      'names that begin with token: are those of tokens in log and audit, and operator is the one who runs commands',
      EXIT.usage,
    );
  }
  if (isDialerAccount(name)) {
    throw new CommandFailure(
      `${name} is an account of the dialer itself, which never gets in; choose another name`,
      EXIT.usage,
    );
  }
}

/** As the wall clock tells; a running server goes by its own. "user password" ends a lock. */
function isLocked({ count, lastFailedAt }: LoginFailures): boolean {
  return count >= MAX_FAILURES && Date.now() - lastFailedAt < LOCK_MS;
}

function hasUser(users: UserDirectory, name: string): boolean {
  return users.list().some((user) => userIdentity(user.name) === userIdentity(name));
}

function refuseTaken(users: UserDirectory, name: string): void {
  if (hasUser(users, name)) throw userExists(name);
}

function userExists(name: string): CommandFailure {
  return new CommandFailure(
    `there is a user ${printable(name)} already; "callercard user password ${printable(name)}" changes the password`,
  );
}

function noSuchUser(name: string): CommandFailure {
  return new CommandFailure(`there is no user ${printable(name)}; "callercard user list" shows them`);
}
