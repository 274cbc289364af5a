import { type Command, Option } from 'commander';

import { hashPassword } from '../auth/password-hash.ts';
import { namesOfRights, RIGHT_BIT, type Rights } from '../core/rights.ts';
import { EXIT, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal, writeTable } from '../process/terminal.ts';
import { type ListedUser, listUsers } from '../service/list-users.ts';
import { planAddUser, planSetPassword, planSwitchUser, refusedUser } from '../service/user-acts.ts';
import { isOwnStore } from '../stores/store-config.ts';
import { checkPlan, runPlan, withAdminWarning } from './account-act.ts';
import { askPassword } from './ask-password.ts';
import { isStoreThere, openDialerStore, openOwnStore, withStore } from './command-store.ts';
import { readLists, writeLists } from './lists-flag.ts';
import { DEFAULT_RIGHTS, readRights, RIGHTS_HELP, writeRights } from './rights.ts';
import {
  ACCOUNT_SETTINGS,
  addDomainFlags,
  type ChosenDomain,
  type CommandHost,
  configOfDomain,
  RECORDED_SETTINGS,
} from './settings-flags.ts';
import { addUserChanges, EXTENSION_HELP } from './user-changes.ts';
import { accountWords } from './words/account.ts';

interface PasswordOptions {
  readonly passwordStdin?: boolean;
}

interface AddOptions extends PasswordOptions {
  readonly lists?: string;
  readonly rights?: string;
  readonly extension?: string;
  /** False by the flag of version 0.1. */
  readonly api: boolean;
}

export function addUser(program: Command, host: CommandHost): void {
  const user = program
    .command('user')
    .description(
      "The users of the embedded store; beside a dialer, what is kept here of the dialer's users.",
    );
  addAdd(user, host);
  addList(user, host);
  addPassword(user, host);
  addSwitch(user, host, 'disable', 'Refuses a user from the next request on.');
  addSwitch(user, host, 'enable', 'Accepts a disabled user again.');
  addUserChanges(user, host);
}

function addAdd(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('add')
    .description('Adds a user. The password comes from a prompt or standard input, never from an argument.')
    .argument('<name>')
    .option('--password-stdin', 'read the password from standard input')
    .option('--rights <names>', `${RIGHTS_HELP} (default: "${writeRights(DEFAULT_RIGHTS)}")`)
    .option('--lists <ids>', 'only leads of these lists (1,2,3); default: every list')
    .option('--extension <number>', EXTENSION_HELP)
    .addOption(new Option('--no-api').hideHelp());
  addDomainFlags(command, RECORDED_SETTINGS).action((name: string, options: AddOptions) =>
    run(async () => {
      const { extension } = options;
      const what = {
        name,
        lists: readLists(options.lists),
        rights: rightsOfNew(options, terminal),
        extension,
      };
      const domain = configOfDomain(options, terminal);
      // Before the password is asked for; and no store is made for a user that is then not added.
      const refused =
        isOwnStore(domain.config) && !(await isStoreThere(domain.config))
          ? await refusedUser(undefined, what)
          : await withStore(openOwnStore(domain), ({ users }) => refusedUser(users, what));
      checkPlan(refused);
      const verifier = await hashPassword(await askPassword(terminal, options.passwordStdin === true));
      await withStore(openOwnStore(domain, { create: true }), async ({ users }) =>
        runPlan(domain, await planAddUser(users, { ...what, verifier })),
      );
      terminal.err(accountWords().added(name));
      return EXIT.ok;
    }),
  );
}

function addList(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('list')
    .description(
      "Lists the users and what each may do. Beside a dialer, those of the dialer's users to whom rights were given here.",
    )
    .option('--json', 'as JSON');
  addDomainFlags(command, ACCOUNT_SETTINGS).action((options: { json?: boolean }) =>
    run(async () => {
      const domain = configOfDomain(options, terminal);
      const show = isOwnStore(domain.config) ? listOwn : listGrants;
      await show(domain, options.json === true, terminal);
      return EXIT.ok;
    }),
  );
}

async function listOwn(domain: ChosenDomain, isJson: boolean, terminal: Terminal): Promise<void> {
  const users = await withStore(openOwnStore(domain), async (store) =>
    (await listUsers(store)).map((entry) => shownUser(entry)),
  );
  const words = accountWords();
  const yesNo = (is: boolean) => (is ? words.yes : words.no);
  const hasExtensions = users.some(({ extension }) => extension !== undefined);
  const rows = users.map(({ name, active, rights, lists, locked, extension = '' }) => [
    printable(name),
    yesNo(active),
    rights.join(',') || words.none,
    writeLists(lists),
    yesNo(locked),
    ...(hasExtensions ? [printable(extension)] : []),
  ]);
  const { own, extension: telephone } = words.userColumns;
  const columns = [...own, ...(hasExtensions ? [telephone] : [])];
  if (isJson) terminal.json(users, 2);
  else if (rows.length === 0) terminal.out(words.noUsers);
  else terminal.out(writeTable(columns, rows));
}

function shownUser({ name, active, rights, lists, extension, isLocked: locked }: ListedUser) {
  // The member of version 0.1: whether the documented API answers.
  const mayUseApi = (rights & RIGHT_BIT.read) !== 0;
  return { name, active, mayUseApi, rights: namesOfRights(rights), lists, locked, extension };
}

async function listGrants(domain: ChosenDomain, isJson: boolean, terminal: Terminal): Promise<void> {
  const grants = await withStore(openDialerStore(domain), (store) => store.grants().list());
  const users = grants.map(({ name, rights }) => ({ name, rights: namesOfRights(rights) }));
  if (isJson) terminal.json(users, 2);
  else if (users.length === 0) terminal.out(accountWords().noGrants);
  else {
    const rows = users.map(({ name, rights }) => [printable(name), rights.join(',')]);
    terminal.out(writeTable(accountWords().userColumns.granted, rows));
  }
}

function addPassword(user: Command, { terminal, run }: CommandHost): void {
  const command = user
    .command('password')
    .description('Sets a new password, effective from the next request on, and clears failed logins.')
    .argument('<name>')
    .option('--password-stdin', 'read the password from standard input');
  addDomainFlags(command, RECORDED_SETTINGS).action((name: string, options: PasswordOptions) =>
    run(() => {
      const domain = configOfDomain(options, terminal);
      return withStore(openOwnStore(domain), async ({ users }) => {
        // Before the password is asked for.
        checkPlan(await planSetPassword(users, name, ''));
        const verifier = await hashPassword(await askPassword(terminal, options.passwordStdin === true));
        await runPlan(domain, await planSetPassword(users, name, verifier));
        terminal.err(accountWords().passwordChanged(name));
        return EXIT.ok;
      });
    }),
  );
}

function addSwitch(
  user: Command,
  { terminal, run }: CommandHost,
  verb: 'disable' | 'enable',
  description: string,
): void {
  const command = user.command(verb).description(description).argument('<name>');
  addDomainFlags(command, RECORDED_SETTINGS).action((name: string, options: Record<string, unknown>) =>
    run(() => {
      const domain = configOfDomain(options, terminal);
      return withStore(openOwnStore(domain), async ({ users }) => {
        const words = accountWords();
        await withAdminWarning(users, name, terminal, async () =>
          runPlan(domain, await planSwitchUser(users, name, verb === 'enable')),
        );
        terminal.err(verb === 'enable' ? words.enabled(name) : words.disabled(name));
        return EXIT.ok;
      });
    }),
  );
}

/** What a new user may do. The terminal gets a warning for the flag of version 0.1. */
function rightsOfNew({ rights, api }: AddOptions, terminal: Terminal): Rights {
  if (api) return rights === undefined ? DEFAULT_RIGHTS : readRights(rights);
  if (rights !== undefined) throw wrongUse('--no-api is the former form of --rights none; leave it out');
  terminal.err('callercard: --no-api is now called --rights none; it still counts, but rename it');
  return 0;
}
