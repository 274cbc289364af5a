import { type Command, Option } from 'commander';

import { type EmbeddedStore, isEmbedded, openStore, type OpenedStore, type Store } from '../app.ts';
import { domainsOf } from '../config/domains.ts';
import { loadConfig, type LoadedConfig, processEnvironment } from '../config/load.ts';
import { realPath } from '../config/addresses.ts';
import {
  type Config,
  flagName,
  formerNamesOf,
  SETTING_NAMES,
  type SettingName,
  SETTINGS,
} from '../config/settings.ts';
import { type ListScope, MAX_LIST_ID } from '../core/lead.ts';
import { CommandFailure, EXIT, type ExitCode } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';

/** What a command works with, and how it tells its exit code. */
export interface CommandHost {
  readonly terminal: Terminal;
  /** Runs a command's work and keeps its exit code. */
  readonly run: (work: () => ExitCode | Promise<ExitCode>) => Promise<void>;
}

/** Opens the configured store for a command that only asks it. */
export function openCommandStore({ config }: LoadedConfig): OpenedStore {
  return openStore(config, { country: config.chosenCountry, forOperator: true });
}

/**
 * Opens the configured store for a command that makes leads or users.
 *
 * @throws {CommandFailure} they are a dialer's
 */
export function openOwnStore({ config }: LoadedConfig, create = false): EmbeddedStore {
  if (!isEmbedded(config)) {
    throw new CommandFailure(
      'the leads and users of a dialer are made in the dialer, which callercard only reads; for a store of its own set --database sqlite:PATH',
      EXIT.usage,
    );
  }
  return openStore(config, { create, country: config.chosenCountry });
}

/** Hands a store to `work` and closes it whatever comes. */
export async function withStore<Opened extends Store, Result>(
  store: Opened,
  work: (store: Opened) => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** So many domains are named in an error. */
const NAMED = 10;

export function addDomainFlag(command: Command): Command {
  return command.option('--domain <name>', 'the domain, where the config file names several');
}

/** The settings of the part of an installation that a command works on. */
export interface ChosenDomain extends LoadedConfig {
  /** Not there where there are no domains. */
  readonly name?: string;
  /** The whole, with the other domains. */
  readonly installation: Config;
}

/**
 * The settings of the domain that a command is to work on; those of the whole installation where there are no domains.
 *
 * @param flags of the command, `--domain` among them
 * @throws {CommandFailure} no domain is named and there are several, or none has that name
 * @throws {ConfigError} with all that is wrong with the settings
 */
export function configOfDomain(flags: Readonly<Record<string, unknown>>, terminal: Terminal): ChosenDomain {
  const loaded = configOf(flags, terminal);
  const [only, ...others] = domainsNamed(loaded, flags);
  if (only !== undefined && others.length > 0) {
    throw usage(`say with --domain which one is meant: ${namesOf(loaded)}`);
  }
  return { ...(only ?? loaded), installation: loaded.config };
}

/**
 * The settings of each domain, or of the one that `--domain` names; none where there are no domains.
 *
 * @throws {CommandFailure} no domain has that name
 */
export function domainsNamed(
  loaded: LoadedConfig,
  { domain: name }: Readonly<Record<string, unknown>>,
): readonly (LoadedConfig & { readonly name: string })[] {
  const found = loaded.domains.filter((domain) => name === undefined || domain.name === name);
  if (found.length === 0 && name !== undefined) {
    throw usage(
      loaded.domains.length === 0
        ? 'there are no domains here; leave --domain out, or name domains in the config file (--config)'
        : `there is no domain ${JSON.stringify(name)}; there are ${namesOf(loaded)}`,
    );
  }
  return found.map((domain) => ({ ...domain, domains: [] }));
}

function namesOf({ domains }: LoadedConfig): string {
  const names = domains.slice(0, NAMED).map(({ name }) => name);
  const more = domains.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more ("callercard settings" shows them)` : '');
}

function usage(message: string): CommandFailure {
  return new CommandFailure(message, EXIT.usage);
}

/** Gives a command a flag for each of these settings, and `--config`. */
export function addSettingFlags(command: Command, names: readonly SettingName[] = SETTING_NAMES): Command {
  for (const name of names) {
    const { form, help } = SETTINGS[name];
    const value = `<${form.replace(/[<>]/g, '')}>`;
    command.option(`${flagName(name)} ${value}`, help.replaceAll('`', ''));
    for (const former of formerNamesOf(name))
      command.addOption(new Option(`${flagName(former)} ${value}`).hideHelp());
  }
  return command.option('--config <file>', 'A JSON file of settings.');
}

/** The settings that every command needs that reads or writes the store. */
export const STORE_SETTINGS: readonly SettingName[] = ['database', 'defaultCountry'];

/**
 * The settings by flags, environment and config file. The terminal gets a warning for each former name in use.
 *
 * @throws {ConfigError} with all that is wrong
 */
export function configOf(flags: Readonly<Record<string, unknown>>, terminal: Terminal): LoadedConfig {
  const names = SETTING_NAMES.flatMap((name) => [name, ...formerNamesOf(name)]);
  const given = names.flatMap((name) => {
    const value = flags[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const file = flags.config;
  return loadConfig({
    flags: Object.fromEntries(given),
    environment: processEnvironment(),
    file: typeof file === 'string' ? file : undefined,
    warn: (line) => terminal.err(`callercard: ${line}`),
  });
}

/** A file that a command is to write must not be a store, neither the one that it reads or fills nor another domain's. */
export function refuseStoreAsTarget(path: string | undefined, installation: Config): void {
  if (path === undefined) return;
  const target = realPath(path);
  for (const { config } of domainsOf(installation)) {
    const { database } = config;
    if (database.engine !== 'sqlite') continue;
    const files = ['', '-wal', '-shm'].map((suffix) => realPath(database.path + suffix));
    if (files.includes(target))
      throw new CommandFailure(`${path} is the store itself; name another file`, EXIT.usage);
  }
}

/** What `--lists` says; not given: every list. */
export function readLists(text: string | undefined): ListScope {
  if (text === undefined) return 'every list';
  const ids = text.split(',').map((part) => part.trim());
  const bad = ids.find((id) => !/^\d{1,14}$/.test(id) || Number(id) === 0 || Number(id) > MAX_LIST_ID);
  if (bad !== undefined) {
    throw new CommandFailure(
      `--lists takes list ids separated by commas (1,2,3), not "${printable(bad)}"`,
      EXIT.usage,
    );
  }
  return ids.map(Number);
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
