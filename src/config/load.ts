import { readFileSync } from 'node:fs';

import {
  environmentName,
  flagName,
  SETTING_NAMES,
  SETTINGS,
  type Config,
  type SettingName,
} from './settings.ts';
import type { Parsed } from './parsed.ts';

/** The one name that begins with CALLERCARD_ and is no setting. */
const CONFIG_FILE_VARIABLE = 'CALLERCARD_CONFIG';

export interface Given {
  /** By setting name, as the command line gave them. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the config file (`--config`); else the environment's CALLERCARD_CONFIG, else none. */
  readonly file?: string | undefined;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where each value came from, in words: `default`, `flag --port`, `environment PORT`, `file x.json`. */
  readonly sources: Readonly<Record<SettingName, string>>;
  /** Each value as it was written. */
  readonly texts: Readonly<Record<SettingName, string>>;
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
  const file = filePath === undefined ? {} : readConfigFile(filePath, problems);
  problems.push(...unknownVariables(given.environment));
  const config: Partial<Record<SettingName, unknown>> = {};
  const sources: Partial<Record<SettingName, string>> = {};
  const texts: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const { text, source } = findText(name, given, file, filePath);
    const parsed: Parsed<unknown> = SETTINGS[name].parse(text);
    if ('fault' in parsed) problems.push(`${name} (${source}) ${parsed.fault}`);
    else config[name] = parsed.value;
    sources[name] = source;
    texts[name] = text;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    config: config as Config,
    sources: sources as Record<SettingName, string>,
    texts: texts as Record<SettingName, string>,
  };
}

/** The environment of this process, read here and nowhere else. */
export function processEnvironment(): Given['environment'] {
  return process.env;
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

function readConfigFile(path: string, problems: string[]): Readonly<Record<string, string>> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
  } catch (cause) {
    problems.push(`the config file ${path} ${whyNotRead(cause)}`);
    return {};
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push(`the config file ${path} must hold one JSON object of settings`);
    return {};
  }
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(content)) {
    const text = textOf(value);
    if (!SETTING_NAMES.some((known) => known === name)) {
      problems.push(`${name} (file ${path}) is no setting; "callercard settings" lists them all`);
    } else if (text === undefined) {
      problems.push(`${name} (file ${path}) must be a text, a number, true, false or a list of texts`);
    } else {
      texts[name] = text;
    }
  }
  return texts;
}

function whyNotRead(cause: unknown): string {
  if (cause instanceof SyntaxError) return `is no JSON: ${cause.message}`;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'is not there';
  if (code === 'EISDIR') return 'is a folder';
  return code === 'EACCES' ? 'may not be read by this user' : 'cannot be read';
}

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string') ? value.join(',') : undefined;
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}
