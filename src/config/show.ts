import { type DomainFound, isPerDomain, type SettingsFound } from './domains.ts';
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
  /** `port`; of a domain `domains.acme.database`. */
  readonly name: string;
  readonly value: string;
  readonly source: string;
  /** Not there for what only the config file can say. */
  readonly environment?: string;
  readonly flag?: string;
  readonly help: string;
}

export function showSettings(loaded: LoadedConfig): readonly ShownSetting[] {
  const { domains, sources } = loaded;
  // Beside domains these mean nothing.
  const hidden = new Set<SettingName>(domains.length > 0 ? ['database', 'stateFile'] : []);
  const top = SETTING_NAMES.filter((name) => !hidden.has(name)).map((name) => ({
    name,
    value: shownValue(name, loaded),
    source: sources[name],
    environment: environmentName(name),
    flag: flagName(name),
    help: SETTINGS[name].help,
  }));
  return [...top, ...domains.flatMap(showDomain)];
}

/** The value as it was written, unless it holds a secret. */
export function shownValue(name: SettingName, { texts }: SettingsFound): string {
  const { show }: Setting<unknown> = SETTINGS[name];
  return show === undefined ? texts[name] : show(texts[name]);
}

function showDomain(domain: DomainFound): readonly ShownSetting[] {
  const key = `domains.${domain.name}`;
  // The database has no default: the file says it, and so the domain.
  const source = domain.sources.database;
  return [
    {
      name: `${key}.hosts`,
      value: domain.hosts.join(', '),
      source: domain.hosts.length > 0 ? source : 'default',
      help: 'The names in the Host header that lead to this domain.',
    },
    {
      name: `${key}.fallback`,
      value: String(domain.isFallback),
      source: domain.isFallback ? source : 'default',
      help: 'Whether hosts that no domain names lead here.',
    },
    ...SETTING_NAMES.filter(isPerDomain).map((name) => ({
      name: `${key}.${name}`,
      value: shownValue(name, domain),
      source: domain.sources[name],
      help: SETTINGS[name].help,
    })),
  ];
}

/** One line of the console's page: the settings of a domain, or of an installation without domains. */
export interface DomainSetting extends ShownSetting {
  /** Whether another value counts once the settings are read again (SIGHUP), and not only at the next start. */
  readonly isReloaded: boolean;
}

/** Of several domains, their admins do not learn where the machine keeps what. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set([
  'database',
  'stateFile',
  'audit',
  'databaseCa',
  'databasePasswordFile',
  'databaseDirect',
  'databaseReplicas',
  'goautodialDatabase',
  'asterisk',
] satisfies readonly SettingName[]);

/** What an admin of a domain may know of `showSettings`. */
export function settingsOfDomain(shown: readonly ShownSetting[], domain: string): readonly DomainSetting[] {
  const isReloaded = (name: string) => {
    const setting = SETTING_NAMES.find((one) => one === name);
    return setting === undefined || isPerDomain(setting) || setting === 'tlsCert' || setting === 'tlsKey';
  };
  if (!shown.some(({ name }) => name.startsWith('domains.')))
    return shown.map((setting) => ({ ...setting, isReloaded: isReloaded(setting.name) }));
  const prefix = `domains.${domain}.`;
  return shown
    .filter(({ name }) => name.startsWith(prefix))
    .map((setting) => ({ ...setting, name: setting.name.slice(prefix.length) }))
    .filter(({ name }) => !OF_THE_MACHINE.has(name))
    .map((setting) => ({ ...setting, source: 'config file', isReloaded: isReloaded(setting.name) }));
}
