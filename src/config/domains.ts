import { statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

import { isObject } from '../core/is-object.ts';
import type { Parsed } from '../core/problem.ts';
import {
  type DatabaseAddress,
  isLoopback,
  type PostgresqlAddress,
  readHostName,
  realPath,
} from './addresses.ts';
import { noText, textOf } from './config-file.ts';
import type { FormerNames } from './former-names.ts';
import { list, yesOrNo } from './read-value.ts';
import {
  AUDIT_BESIDE,
  AUDIT_DATABASE,
  AUDIT_OFF,
  type Config,
  type DomainConfig,
  type Setting,
  SETTING_NAMES,
  settingNamed,
  type SettingName,
  SETTINGS,
  type SettingValues,
} from './settings.ts';

/** The name of the one domain of an installation that names none. */
export const ONLY_DOMAIN = 'default';

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Settings with their origin. */
export interface SettingsFound {
  readonly config: Config;
  /** Where each value came from, in words: `default`, `flag --port`, `environment PORT`, `file x.json`. */
  readonly sources: Readonly<Record<SettingName, string>>;
  /** Each value as written. */
  readonly texts: Readonly<Record<SettingName, string>>;
}

export type DomainFound = DomainConfig & SettingsFound;

/** The domains to serve: those of the config file, or the whole installation as one. */
export function domainsOf(config: Config): readonly DomainConfig[] {
  return config.domains.length > 0
    ? config.domains
    : [{ name: ONLY_DOMAIN, hosts: [], isFallback: true, config }];
}

/**
 * Reads each domain of the config file; settings that a domain does not name come from `top`.
 *
 * @param refuse takes what is wrong: the key, such as `domains.acme.hosts`, and the clause about it
 */
export function readDomains(
  content: unknown,
  top: SettingsFound,
  source: string,
  formerNames: FormerNames,
  refuse: (key: string, fault: string) => void,
): readonly DomainFound[] {
  if (content === undefined) return [];
  if (!isObject(content) || Object.keys(content).length === 0) {
    refuse('domains', 'must hold one object of settings for each domain, by its name');
    return [];
  }
  for (const name of ['database', 'stateFile', 'audit'] as const) {
    const namesNothing = top.sources[name] === 'default' || top.texts[name] === '';
    if (
      namesNothing ||
      (name === 'audit' && [AUDIT_BESIDE, AUDIT_DATABASE, AUDIT_OFF].includes(top.config.audit))
    )
      continue;
    refuse(name, 'belongs into each domain where the config file has domains; move it there');
  }
  const found: DomainFound[] = [];
  for (const [name, said] of Object.entries(content)) {
    const key = `domains.${NAME.test(name) ? name : JSON.stringify(name)}`;
    if (!NAME.test(name)) refuse(key, 'is no name for a domain: small letters, digits and -, 32 at most');
    else if (!isObject(said)) refuse(key, 'must be an object of settings');
    else
      found.push(
        readDomain(name, said, top, source, formerNames, (of, fault) => refuse(`${key}.${of}`, fault)),
      );
  }
  return found;
}

/** What leads requests to a domain. */
interface Reach {
  hosts: readonly string[];
  isFallback: boolean;
}

function readDomain(
  name: string,
  said: Readonly<Record<string, unknown>>,
  top: SettingsFound,
  source: string,
  formerNames: FormerNames,
  refuse: (of: string, fault: string) => void,
): DomainFound {
  const reach: Reach = { hosts: [], isFallback: false };
  const stateFile = `data/${name}-state.db`;
  const values: Partial<Record<SettingName, unknown>> = { stateFile, database: undefined };
  const texts = { ...top.texts, stateFile };
  const sources = { ...top.sources, stateFile: 'default' };
  if (said.database === undefined)
    refuse('database', 'is missing: each domain has leads and users of its own');
  for (const [of, value] of Object.entries(said)) {
    const setting = settingNamed(of);
    const text = textOf(value, setting);
    if (setting !== undefined && setting !== of)
      formerNames.find(setting, { read: (known) => textOf(said[known]), spell: () => source }, refuse);
    const fault =
      text === undefined
        ? noText(setting)
        : setting === undefined
          ? readReach(reach, of, text)
          : readSetting(values, setting, text);
    if (fault !== undefined) refuse(of, fault);
    if (setting === undefined || text === undefined) continue;
    texts[setting] = text;
    sources[setting] = source;
  }
  // Incomplete only where something was refused; then loadConfig throws.
  const config = { ...top.config, ...values, domains: [] } as Config;
  const chosenCountry = sources.defaultCountry === 'default' ? undefined : config.defaultCountry;
  return { name, ...reach, config: { ...config, chosenCountry }, sources, texts };
}

/** @returns what is wrong */
function readReach(reach: Reach, of: string, text: string): string | undefined {
  if (of === 'hosts') {
    const hosts = text.split(',').map((host) => readHostName(host.trim()) ?? '');
    // Valid ones are kept even if others are refused, so that conflicts are found as well.
    reach.hosts = [...new Set(hosts)].filter((host) => host !== '');
    const read = list(text, parseHost);
    return 'fault' in read ? read.fault : undefined;
  }
  if (of === 'fallback') {
    const isFallback = yesOrNo(text);
    if ('fault' in isFallback) return isFallback.fault;
    reach.isFallback = isFallback.value;
    return undefined;
  }
  return 'is no setting; "callercard settings" lists them all';
}

/** @returns what is wrong */
function readSetting(
  values: Partial<Record<SettingName, unknown>>,
  name: SettingName,
  text: string,
): string | undefined {
  const { perDomain, parse }: Setting<unknown> = SETTINGS[name];
  if (perDomain !== true) return 'is the same for every domain; write it outside of "domains"';
  const parsed = parse(text);
  if ('fault' in parsed) return parsed.fault;
  values[name] = parsed.value;
  return undefined;
}

function parseHost(text: string): Parsed<string> {
  const host = /:\d*$/.test(text) && !text.endsWith(']') ? undefined : readHostName(text);
  return host === undefined
    ? { fault: 'is no host name alone (acme.example.net; no scheme, no port, letters beyond ASCII as xn--)' }
    : { value: host };
}

/**
 * Refuses what two domains share: a host, a database, a state file, an audit folder, the fallback. Of several domains each
 * needs a host or the fallback.
 *
 * @param refuse takes the key, such as `domains.acme.hosts`, and the clause about it
 * @param faulty the keys that were refused before
 */
export function findConflicts(
  domains: readonly DomainFound[],
  refuse: (key: string, fault: string) => void,
  faulty: ReadonlySet<string>,
): void {
  const owners = new Map<string, string>();
  /** @returns the domain that claimed the thing before */
  const claim = (thing: string, name: string): string | undefined => {
    const owner = owners.get(thing);
    if (owner === undefined) owners.set(thing, name);
    return owner === name ? undefined : owner;
  };
  for (const { name, hosts, isFallback, config } of domains) {
    const key = `domains.${name}`;
    for (const host of hosts) {
      const owner = claim(`host ${host}`, name);
      if (owner !== undefined) refuse(`${key}.hosts`, `holds ${host}, which is a host of ${owner} already`);
    }
    const fallback = isFallback ? claim('fallback', name) : undefined;
    if (fallback !== undefined)
      refuse(`${key}.fallback`, `is true, as is that of ${fallback}; only one may be`);
    if (hosts.length === 0 && !isFallback && domains.length > 1 && !faulty.has(`${key}.hosts`)) {
      refuse(`${key}.hosts`, 'is missing: without a host no request reaches this domain');
    }
    // Undefined where it was refused.
    const database = config.database as DatabaseAddress | undefined;
    if (database !== undefined)
      findSharedPlaces({ ...config, database }, key, (thing) => claim(thing, name), refuse);
  }
}

function findSharedPlaces(
  config: DomainFound['config'],
  key: string,
  claim: (thing: string) => string | undefined,
  refuse: (key: string, fault: string) => void,
): void {
  const { database } = config;
  const owner = placesOf(database)
    .map(claim)
    .find((found) => found !== undefined);
  if (owner !== undefined) refuse(`${key}.database`, `is that of ${owner}; domains share no leads and users`);
  const usesState = database.engine === 'mariadb';
  const other = usesState ? claim(`file ${realPath(config.stateFile)}`) : undefined;
  if (other !== undefined) refuse(`${key}.stateFile`, `is a file of ${other}; domains share none`);
  const auditor = claim(`folder ${realPath(operatorAuditFolderOf(config))}`);
  // The same store has the same folder beside it: refuse it once.
  if (auditor !== undefined && owner === undefined && other === undefined)
    refuse(`${key}.audit`, `is the folder of ${auditor}; domains share none`);
}

/** Each server of a cluster holds the same data: two domains may have none in common. */
function placesOf(database: DatabaseAddress): readonly string[] {
  if (database.engine === 'sqlite') return [`file ${realPath(database.path)}`, ...inodeOf(database.path)];
  const within =
    database.engine === 'postgresql' ? `${database.database}/${database.schema}` : database.database;
  return database.servers.map(
    ({ host, port }) =>
      `server ${isLoopback(host) ? 'of this machine' : host.toLowerCase()}:${port}/${within}`,
  );
}

/** The file itself, which may have several names (hard links); nothing where there is none yet. */
function inodeOf(path: string): readonly string[] {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? [] : [`inode ${stat.dev}:${stat.ino}`];
}

/** Whether a domain's audit is in its store in PostgreSQL. */
export function isAuditInDatabase(
  config: Config,
): config is Config & { readonly database: PostgresqlAddress } {
  return config.audit === AUDIT_DATABASE && config.database.engine === 'postgresql';
}

/** The folder of a domain's audit; undefined: it is off, or in the database. */
export function auditFolderOf(config: Config): string | undefined {
  return config.audit === AUDIT_OFF || config.audit === AUDIT_DATABASE
    ? undefined
    : operatorAuditFolderOf(config);
}

/** The folder in which operators' own acts are recorded: that of the audit; where it is off for callers, beside the store. */
export function operatorAuditFolderOf({ audit, database, stateFile }: Config): string {
  if (![AUDIT_BESIDE, AUDIT_DATABASE, AUDIT_OFF].includes(audit)) return audit;
  if (database.engine === 'sqlite') return `${database.path.replace(/\.db$/, '')}-audit`;
  // A store in PostgreSQL has no state file: only its folder and the name of the domain are taken.
  return `${stateFile.replace(database.engine === 'postgresql' ? /(?:-state)?\.db$/ : /\.db$/, '')}-audit`;
}

/** The settings whose values differ. */
export function differingSettings(one: SettingValues, other: SettingValues): readonly SettingName[] {
  return SETTING_NAMES.filter((name) => !isDeepStrictEqual(one[name], other[name]));
}

/** Whether each domain may have its own. */
export function isPerDomain(name: SettingName): boolean {
  const { perDomain }: Setting<unknown> = SETTINGS[name];
  return perDomain === true;
}
