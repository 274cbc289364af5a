import { type Command, Option } from 'commander';

import { loadConfig, type LoadedConfig, processEnvironment } from '../config/load.ts';
import { shownValue } from '../config/show.ts';
import {
  type Config,
  flagName,
  formerNamesOf,
  SETTING_NAMES,
  type SettingName,
  SETTINGS,
} from '../config/settings.ts';
import { type ExitCode, wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';

/** What a command works with. */
export interface CommandHost {
  readonly terminal: Terminal;
  /** Runs a command's work and keeps its exit code. */
  readonly run: (work: () => ExitCode | Promise<ExitCode>) => Promise<void>;
}

/** The settings that every command needs that reads or writes the store. */
export const STORE_SETTINGS: readonly SettingName[] = ['database', 'defaultCountry'];

/** Those of a command whose acts are recorded. */
export const RECORDED_SETTINGS: readonly SettingName[] = [...STORE_SETTINGS, 'audit'];
/** The same where a part of it may be in the state file beside a dialer. */
export const ACCOUNT_SETTINGS: readonly SettingName[] = [...STORE_SETTINGS, 'stateFile', 'audit'];

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

/** The same for a command that works on one domain, with `--domain` before them. */
export function addDomainFlags(command: Command, names: readonly SettingName[]): Command {
  command.option('--domain <name>', 'the domain, where the config file names several');
  return addSettingFlags(command, names);
}

/**
 * The settings by flags, environment and config file. The terminal gets a warning for each former name in use, and
 * for each secret in a flag.
 *
 * @throws {ConfigError} with all that is wrong
 */
export function configOf(flags: object, terminal: Terminal): LoadedConfig {
  const texts = Object.entries(flags).filter((flag): flag is [string, string] => typeof flag[1] === 'string');
  const warn = (line: string) => terminal.err(printable(`callercard: ${line}`));
  const { config: file, ...others } = Object.fromEntries(texts);
  const loaded = loadConfig({
    flags: others,
    environment: processEnvironment(),
    file,
    warn,
  });
  // Whoever may list processes, and the shell's history, has it by then.
  for (const name of secretFlags(loaded)) {
    const better = NAMED_IN_FILE[name] ?? 'write it into a config file';
    warn(
      `${flagName(name)} shows a secret to every user of this machine, in the process list; ${better} instead`,
    );
  }
  return loaded;
}

/** The settings whose secret may be in a file of its own. */
const NAMED_IN_FILE: Readonly<Partial<Record<SettingName, string>>> = {
  database: 'name a file with databasePasswordFile',
  metricsToken: 'name a file with metricsTokenFile',
};

/** Those that hold a secret and were given by a flag. */
function secretFlags(loaded: LoadedConfig): readonly SettingName[] {
  return SETTING_NAMES.filter(
    (name) => loaded.sources[name].startsWith('flag ') && shownValue(name, loaded) !== loaded.texts[name],
  );
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
export function configOfDomain(flags: object, terminal: Terminal): ChosenDomain {
  const loaded = configOf(flags, terminal);
  const [only, ...others] = domainsNamed(loaded, flags);
  if (only !== undefined && others.length > 0) {
    throw wrongUse(`say with --domain which one is meant: ${namesOf(loaded)}`);
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
  { domain: name }: { readonly domain?: unknown },
): readonly (LoadedConfig & { readonly name: string })[] {
  const found = loaded.domains.filter((domain) => name === undefined || domain.name === name);
  if (found.length === 0 && name !== undefined) {
    throw wrongUse(
      loaded.domains.length === 0
        ? 'there are no domains here; leave --domain out, or name domains in the config file (--config)'
        : `there is no domain ${JSON.stringify(name)}; there are ${namesOf(loaded)}`,
    );
  }
  return found.map((domain) => ({ ...domain, domains: [] }));
}

/** How many domains an error names. */
const NAMED = 10;

function namesOf({ domains }: LoadedConfig): string {
  const names = domains.slice(0, NAMED).map(({ name }) => name);
  const more = domains.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more ("callercard settings" shows them)` : '');
}
