import type { LoadedConfig } from './load.ts';
import {
  environmentName,
  flagName,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
} from './settings.ts';

/** One line of `callercard settings`: secrets masked. */
export interface ShownSetting {
  readonly name: SettingName;
  readonly value: string;
  readonly source: string;
  readonly environment: string;
  readonly flag: string;
  readonly help: string;
}

export function showSettings({ texts, sources }: LoadedConfig): readonly ShownSetting[] {
  return SETTING_NAMES.map((name) => {
    const { help, show }: Setting<unknown> = SETTINGS[name];
    return {
      name,
      value: show === undefined ? texts[name] : show(texts[name]),
      source: sources[name],
      environment: environmentName(name),
      flag: flagName(name),
      help,
    };
  });
}

/** The table of docs/settings.md. */
export function settingsMarkdown(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { byDefault, form, help, alsoEnvironment }: Setting<unknown> = SETTINGS[name];
    const variables = [environmentName(name), ...(alsoEnvironment ?? [])]
      .map((text) => `\`${text}\``)
      .join(', ');
    const value = byDefault === '' ? 'none' : `\`${byDefault}\``;
    return `| \`${name}\` | \`${flagName(name)}\` | ${variables} | ${form} | ${value} | ${help} |`;
  });
  return [
    '| config file | flag | environment | form | default | what it does |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
