import type { Command } from 'commander';

import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/settings.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';
import { configOf } from './settings-flags.ts';

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
export function configOfDomain(flags: Readonly<Record<string, unknown>>): ChosenDomain {
  const loaded = configOf(flags);
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
