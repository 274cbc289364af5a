import { NO_FILE, readConfigFile } from './config-file.ts';
import { type DomainFound, findConflicts, readDomains, type SettingsFound } from './domains.ts';
import type { Parsed } from './read-value.ts';
import {
  environmentName,
  flagName,
  SETTING_NAMES,
  SETTINGS,
  type Config,
  type SettingName,
} from './settings.ts';

/** The one name that begins with CALLERCARD_ and is no setting. */
const CONFIG_FILE_VARIABLE = 'CALLERCARD_CONFIG';

export interface Given {
  /** By setting name, as the command line gave them. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the config file (`--config`); else the environment's CALLERCARD_CONFIG, else none. */
  readonly file?: string | undefined;
}

export interface LoadedConfig extends SettingsFound {
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
  const top = findSettings(given, file.texts, filePath, problems);
  const source = `file ${String(filePath)}`;
  const faulty = new Set<string>();
  const tell = (key: string, fault: string) => {
    faulty.add(key);
    const where = SETTING_NAMES.find((name) => name === key);
    problems.push(`${key} (${where === undefined ? source : top.sources[where]}) ${fault}`);
  };
  const [missing] = (['tlsCert', 'tlsKey'] as const).filter((name) => top.texts[name] === '');
  const present = missing === 'tlsCert' ? 'tlsKey' : 'tlsCert';
  if (missing !== undefined && top.texts[present] !== '') {
    tell(present, `needs ${missing} beside it; set both or neither`);
  }
  const domains = readDomains(file.domains, top, source, tell);
  findConflicts(domains, tell, faulty);
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...top, config: { ...top.config, domains }, domains };
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
  problems: string[],
): SettingsFound {
  const values: Partial<Record<SettingName, unknown>> = {};
  const sources: Partial<Record<SettingName, string>> = {};
  const texts: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const { text, source } = findText(name, given, file, filePath);
    const parsed: Parsed<unknown> = SETTINGS[name].parse(text);
    if ('fault' in parsed) problems.push(`${name} (${source}) ${parsed.fault}`);
    else values[name] = parsed.value;
    sources[name] = source;
    texts[name] = text;
  }
  // Complete where there is no problem; otherwise nobody gets to see it.
  const config = { ...values, domains: [] } as unknown as Config;
  const chosenCountry = sources.defaultCountry === 'default' ? undefined : config.defaultCountry;
  return {
    config: { ...config, chosenCountry },
    sources: sources as Record<SettingName, string>,
    texts: texts as Record<SettingName, string>,
  };
}

function findText(
  name: SettingName,
  { flags, environment }: Given,
  file: Readonly<Record<string, string>>,
  filePath: string | undefined,
): { text: string; source: string } {
  const flag = flags[name];
  if (flag !== undefined) return { text: flag, source: `flag ${flagName(name)}` };
  for (const variable of [environmentName(name), ...(SETTINGS[name].alsoEnvironment ?? [])]) {
    const text = environment[variable];
    if (text !== undefined && text !== '') return { text, source: `environment ${variable}` };
  }
  const text = file[name];
  if (text !== undefined) return { text, source: `file ${String(filePath)}` };
  return { text: SETTINGS[name].byDefault, source: 'default' };
}

function unknownVariables(environment: Given['environment']): readonly string[] {
  const known = new Set<string>([CONFIG_FILE_VARIABLE, ...SETTING_NAMES.map(environmentName)]);
  return Object.keys(environment)
    .filter((variable) => variable.startsWith('CALLERCARD_') && !known.has(variable))
    .map((variable) => `${variable} (environment) is no setting; "callercard settings" lists them all`);
}
