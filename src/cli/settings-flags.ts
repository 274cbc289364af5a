import type { Command } from 'commander';

import { loadConfig, processEnvironment, type LoadedConfig } from '../config/load.ts';
import { flagName, SETTING_NAMES, SETTINGS, type SettingName } from '../config/settings.ts';

/** Gives a command a flag for each of these settings, and `--config`. */
export function addSettingFlags(command: Command, names: readonly SettingName[] = SETTING_NAMES): Command {
  for (const name of names) {
    const { form, help } = SETTINGS[name];
    command.option(`${flagName(name)} <${form.replace(/[<>]/g, '')}>`, help.replaceAll('`', ''));
  }
  return command.option('--config <file>', 'A JSON file of settings.');
}

/** The settings that every command needs that reads or writes the store. */
export const STORE_SETTINGS: readonly SettingName[] = ['database', 'defaultCountry'];

/** @throws {ConfigError} with all that is wrong */
export function configOf(flags: Readonly<Record<string, unknown>>): LoadedConfig {
  const given: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const value = flags[name];
    if (typeof value === 'string') given[name] = value;
  }
  const file = flags.config;
  return loadConfig({
    flags: given,
    environment: processEnvironment(),
    file: typeof file === 'string' ? file : undefined,
  });
}
