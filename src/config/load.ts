import type { Parsed } from '../core/problem.ts';
import { NO_FILE, readConfigFile } from './config-file.ts';
import { type DomainFound, findConflicts, readDomains, type SettingsFound } from './domains.ts';
import { FormerNames, type Source } from './former-names.ts';
import {
  AUDIT_DATABASE,
  environmentName,
  flagName,
  formerNamesOf,
  type Setting,
  SETTING_NAMES,
  SETTINGS,
  type Config,
  type SettingName,
} from './settings.ts';

/** The one name that begins with CALLERCARD_ and is no setting. */
const CONFIG_FILE_VARIABLE = 'CALLERCARD_CONFIG';

export interface Given {
  /** By setting name, today's or a former one, as the command line gave them. */
  readonly flags: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the config file (`--config`); else the environment's CALLERCARD_CONFIG, else none. */
  readonly file?: string | undefined;
  /** Takes one line about each former name that is still in use. */
  readonly warn?: (line: string) => void;
}

export interface LoadedConfig extends SettingsFound {
  /** The config file, if there is one. */
  readonly file?: string | undefined;
  /** The domains that the config file names, with what they have from it and from the rest. */
  readonly domains: readonly DomainFound[];
}

/** All that is wrong with the settings, one line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Finds every setting's value: flags, then environment, then config file, then defaults.
 *
 * @throws {ConfigError} naming every setting that is wrong or unknown, not just the first
 */
export function loadConfig(given: Given): LoadedConfig {
  const problems: string[] = [];
  const named = given.environment[CONFIG_FILE_VARIABLE];
  const filePath = given.file ?? (named === '' ? undefined : named);
  const file = filePath === undefined ? NO_FILE : readConfigFile(filePath, problems);
  problems.push(...unknownVariables(given.environment));
  const formerNames = new FormerNames();
  const top = findSettings(given, file.texts, filePath, formerNames, problems);
  const source = `file ${String(filePath)}`;
  const faulty = new Set<string>();
  const refuse = (key: string, fault: string) => {
    faulty.add(key);
    const where = SETTING_NAMES.find((name) => name === key);
    problems.push(`${key} (${where === undefined ? source : top.sources[where]}) ${fault}`);
  };
  const [missing] = (['tlsCert', 'tlsKey'] as const).filter((name) => top.texts[name] === '');
  const present = missing === 'tlsCert' ? 'tlsKey' : 'tlsCert';
  if (missing !== undefined && top.texts[present] !== '') {
    refuse(present, `needs ${missing} beside it; set both or neither`);
  }
  if (top.texts.metricsToken !== '' && top.texts.metricsTokenFile !== '') {
    refuse('metricsTokenFile', 'stands beside metricsToken; set one of them');
  }
  refuseAudit(top.config, 'audit', refuse);
  const domains = readDomains(file.domains, top, source, formerNames, refuse);
  for (const { name, config } of domains) refuseAudit(config, `domains.${name}.audit`, refuse);
  findConflicts(domains, refuse, faulty);
  if (problems.length > 0) throw new ConfigError(problems);
  for (const line of formerNames.warnings()) given.warn?.(line);
  return { ...top, file: filePath, config: { ...top.config, domains }, domains };
}

/** @param config whose database is undefined where it was refused */
function refuseAudit(config: Config, key: string, refuse: (key: string, fault: string) => void): void {
  const engine = (config.database as Config['database'] | undefined)?.engine ?? 'postgresql';
  if (config.audit === AUDIT_DATABASE && engine !== 'postgresql')
    refuse(key, 'is database, which needs a store in PostgreSQL; name a folder, or leave it out');
}

/** The environment of this process, read here and nowhere else. */
export function processEnvironment(): Given['environment'] {
  return process.env;
}

/** The settings outside of domains; what is wrong with them is added to `problems`. */
function findSettings(
  given: Given,
  file: Readonly<Record<string, string>>,
  filePath: string | undefined,
  formerNames: FormerNames,
  problems: string[],
): SettingsFound {
  const values: Partial<Record<SettingName, unknown>> = {};
  const origins: Partial<Record<SettingName, string>> = {};
  const texts: Partial<Record<SettingName, string>> = {};
  const sources = sourcesOf(given, file, filePath);
  for (const name of SETTING_NAMES) {
    const { text, source } = findText(name, sources, formerNames, problems);
    const parsed: Parsed<unknown> = SETTINGS[name].parse(text);
    if ('fault' in parsed) problems.push(`${name} (${source}) ${parsed.fault}`);
    else values[name] = parsed.value;
    origins[name] = source;
    texts[name] = text;
  }
  // Incomplete only where there is a problem; then loadConfig throws.
  const config = { ...values, domains: [] } as unknown as Config;
  const chosenCountry = origins.defaultCountry === 'default' ? undefined : config.defaultCountry;
  return {
    config: { ...config, chosenCountry },
    sources: origins as Record<SettingName, string>,
    texts: texts as Record<SettingName, string>,
  };
}

/** Where settings may be written, the first to decide first. */
function sourcesOf(
  { flags, environment }: Given,
  file: Readonly<Record<string, string>>,
  filePath: string | undefined,
): readonly Source[] {
  const settings: Readonly<Partial<Record<string, Setting<unknown>>>> = SETTINGS;
  const variableOf = (name: string) =>
    [environmentName(name), ...(settings[name]?.alsoEnvironment ?? [])].find(
      (variable) => (environment[variable] ?? '') !== '',
    );
  return [
    { read: (name) => flags[name], spell: (name) => `flag ${flagName(name)}` },
    {
      read: (name) => environment[variableOf(name) ?? ''],
      spell: (name) => `environment ${String(variableOf(name))}`,
    },
    { read: (name) => file[name], spell: () => `file ${String(filePath)}` },
  ];
}

function findText(
  name: SettingName,
  sources: readonly Source[],
  formerNames: FormerNames,
  problems: string[],
): { text: string; source: string } {
  for (const source of sources) {
    const { read, spell } = source;
    const refuse = (known: string, fault: string) => problems.push(`${known} (${spell(known)}) ${fault}`);
    const written = formerNames.find(name, source, refuse);
    const text = written === undefined ? undefined : read(written);
    if (written !== undefined && text !== undefined) return { text, source: spell(written) };
  }
  return { text: SETTINGS[name].byDefault, source: 'default' };
}

function unknownVariables(environment: Given['environment']): readonly string[] {
  const known = new Set<string>([
    CONFIG_FILE_VARIABLE,
    ...SETTING_NAMES.flatMap((name) => [name, ...formerNamesOf(name)]).map(environmentName),
  ]);
  return Object.keys(environment)
    .filter((variable) => variable.startsWith('CALLERCARD_') && !known.has(variable))
    .map((variable) => `${variable} (environment) is no setting; "callercard settings" lists them all`);
}
