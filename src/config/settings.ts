import { isCountry, type Country } from '../core/phone.ts';
import type { Parsed } from '../core/problem.ts';
import { DIRECT_ADDRESS, maskPassword, parseDatabase, parseGoautodial, parseReplica } from './addresses.ts';
import { POP_SETTINGS } from './pop-settings.ts';
import { ASTERISK_SETTINGS } from './asterisk-settings.ts';
import { METRICS_SETTINGS } from './metrics-settings.ts';
import { CARD_SETTINGS } from './card-settings.ts';
import { PRIVACY_SETTINGS } from './privacy-settings.ts';
import {
  list,
  oneOf,
  OPTIONAL_PATH,
  parseProxy,
  parseOrigin,
  parseWorkers,
  type ValueType,
  wholeNumber,
  yesOrNo,
} from './read-value.ts';

export { environmentName, flagName } from './setting-names.ts';

/** The audit in a folder beside the store, none, and one in a table of a store in PostgreSQL. */
export const AUDIT_BESIDE = 'beside';
export const AUDIT_OFF = 'off';
export const AUDIT_DATABASE = 'database';

export interface Setting<Value> extends ValueType<Value> {
  /** Further names in the environment, besides the one that follows from the setting's own name. */
  readonly alsoEnvironment?: readonly string[];
  /** Names of earlier versions: still read, with a warning. */
  readonly formerNames?: readonly string[];
  /** As it is written in a flag. */
  readonly byDefault: string;
  readonly help: string;
  /** The value as it may be shown; for values that hold a secret. */
  readonly show?: (text: string) => string;
  /** Each domain may have its own, because it is about a store or its callers. */
  readonly perDomain?: true;
  /** The config file may have an object: as a flag has it, `name=text` separated by commas. */
  readonly takesObject?: true;
}

/** All settings. Flags, environment, config file, documentation and `callercard settings` follow from this table. */
export const SETTINGS = {
  host: {
    alsoEnvironment: ['HOST'],
    form: 'address',
    byDefault: '127.0.0.1',
    help: 'The address to listen on. Beyond this machine, set `tlsCert` and `tlsKey`, or put TLS in front.',
    parse: (text) => (/^[\w.:-]+$/.test(text) ? { value: text } : { fault: 'is no host name or address' }),
  },
  port: {
    alsoEnvironment: ['PORT'],
    ...wholeNumber(0, 65_535),
    byDefault: '8080',
    help: 'The port to listen on; 0 takes a free one.',
  },
  tlsCert: {
    ...OPTIONAL_PATH,
    help: 'The certificate (PEM), followed by intermediate certificates. It makes callercard serve HTTPS.',
  },
  tlsKey: {
    ...OPTIONAL_PATH,
    help: 'The private key (PEM, without a passphrase) of `tlsCert`.',
  },
  workers: {
    form: 'number or auto',
    byDefault: '1',
    help: 'The number of worker processes, all at one address; `auto` starts one per core.',
    parse: parseWorkers,
  },
  database: {
    perDomain: true,
    form: 'sqlite:PATH, postgres://USER:PASSWORD@HOST:5432/NAME or mariadb://USER:PASSWORD@HOST:3306/asterisk',
    byDefault: 'sqlite:data/callercard.db',
    help: 'Where the leads are: the embedded store in the file PATH; a store in PostgreSQL, which several machines share; or the database of a VICIdial or GOautodial dialer. Several servers of one cluster: `mariadb://USER:PASSWORD@HOST1,HOST2:3307/asterisk`, and with PostgreSQL a primary and its standbys. Behind the name of a PostgreSQL: `?schema=NAME` (default: callercard) and `&sslmode=disable`, `require` or `verify-full` instead of `databaseTls`.',
    parse: parseDatabase,
    show: maskPassword,
  },
  databasePasswordFile: {
    perDomain: true,
    ...OPTIONAL_PATH,
    help: 'A file that holds the password of a database over the network, instead of writing it into `database`.',
  },
  databaseTls: {
    perDomain: true,
    ...oneOf('off', 'on', 'unchecked'),
    byDefault: 'off',
    help: 'TLS to a database over the network: `on` checks the certificate, `unchecked` only encrypts.',
  },
  databaseCa: {
    perDomain: true,
    ...OPTIONAL_PATH,
    help: 'The certificate (PEM) of the authority that signed that of the database.',
  },
  databaseConnections: {
    perDomain: true,
    ...wholeNumber(1, 64),
    byDefault: '4',
    help: 'The most connections to each server of the database, shared out among the workers; each carries many lookups at a time. In PostgreSQL, transactions have as many of their own, and domains in one database share them.',
  },
  databaseDirect: {
    perDomain: true,
    ...DIRECT_ADDRESS,
    help: 'The PostgreSQL server itself, where `database` names a pooler such as PgBouncer: for live pop, for what one process of all does, for imports and exports, and for reading an audit that is there. Its tables are in the schema of `database`.',
  },
  databaseReplicas: {
    perDomain: true,
    form: 'HOST:PORT, separated by commas',
    byDefault: '',
    help: 'Standbys of the PostgreSQL server of `database`, with the same account, database and TLS, that answer lookups and searches of programs. What they show is at most 2 seconds old; one that is further behind, or does not answer, is left out. Cards, and whoever has just changed something, are answered by `database`.',
    parse: (text) => list(text, parseReplica),
  },
  goautodialDatabase: {
    perDomain: true,
    form: 'name, mariadb://USER:PASSWORD@HOST:3306/NAME, or none',
    byDefault: 'goautodial',
    help: "The database in which GOautodial keeps its customers: its name on the dialer's server, or its own address. Without it, no lead is a customer.",
    parse: parseGoautodial,
    show: maskPassword,
  },
  listScope: {
    perDomain: true,
    ...oneOf('campaigns', 'all'),
    byDefault: 'campaigns',
    help: "Which leads of a dialer a user may see: `campaigns`, those in lists of the campaigns allowed to the user's group; `all`, every lead, as in goAPIv2 (GOautodial). Users of the embedded store have lists of their own.",
  },
  stateFile: {
    perDomain: true,
    form: 'path',
    byDefault: 'data/callercard-state.db',
    help: "Where callercard keeps failed logins, tokens, sessions of the card, rights by `user set`, and the leads read today, beside a dialer's database, which it only reads.",
    parse: (text) => (text === '' ? { fault: 'must name a file' } : { value: text }),
  },
  audit: {
    perDomain: true,
    form: 'beside, database, off, or a folder',
    byDefault: AUDIT_BESIDE,
    help: 'Where lookups are recorded: `beside`, in a folder beside the embedded store or the state file, named after it (`data/callercard-audit`); a folder of your own; `database`, in a table of the store in PostgreSQL; or `off`: what callers do is not recorded, and only what operators do by commands still is, beside the store. No answer is sent without its record.',
    parse: (text) => {
      const word = [AUDIT_BESIDE, AUDIT_DATABASE, AUDIT_OFF].find((known) => known === text.toLowerCase());
      return { value: text === '' ? AUDIT_BESIDE : (word ?? text) };
    },
  },
  auditDurability: {
    perDomain: true,
    ...oneOf('written', 'synced'),
    byDefault: 'written',
    help: 'An answer is sent when its audit record is `written` (survives a killed process) or `synced` (survives a power cut as well, but waits for the disk).',
  },
  defaultCountry: {
    perDomain: true,
    form: 'ISO country code',
    byDefault: 'MX',
    help: 'The country whose numbers have no country code. A store keeps the country that it was made with.',
    parse: (text): Parsed<Country> => {
      const code = text.toUpperCase();
      return isCountry(code)
        ? { value: code }
        : { fault: 'is no two-letter country code (such as MX, US, ES)' };
    },
  },
  address3IsPhone: {
    perDomain: true,
    form: 'true or false',
    byDefault: 'false',
    help: 'Whether `address3` holds a third phone number, which is searched after `alt_phone`.',
    parse: yesOrNo,
  },
  internalNumbers: {
    perDomain: true,
    form: 'true or false',
    byDefault: 'false',
    help: 'Whether 2 to 5 digits are the number of a telephone inside the company. Internal numbers are compared exactly, and never with numbers from outside.',
    parse: yesOrNo,
  },
  numberBlocks: {
    perDomain: true,
    form: 'true or false',
    byDefault: 'false',
    help: 'Whether a number that ends in `*` or `x` (`33123456xx`) is a block of numbers: every number that begins so finds the lead, if nobody has that number itself.',
    parse: yesOrNo,
  },
  corsOrigins: {
    perDomain: true,
    form: 'origins, separated by commas',
    byDefault: '',
    help: 'Origins whose web pages may call the API from a browser, exactly as written (`https://crm.example.com`). None by default.',
    parse: (text) => list(text, parseOrigin),
  },
  ...CARD_SETTINGS,
  queryCredentials: {
    perDomain: true,
    ...oneOf('allow', 'refuse'),
    byDefault: 'allow',
    help: 'Whether `goUser` and `goPass` may be in the URL, which proxies and browsers log: `allow`, as documented clients need; `refuse` answers 400 and accepts them only in the body of a POST.',
  },
  rateLimit: {
    perDomain: true,
    ...wholeNumber(1, 1_000_000),
    byDefault: '500',
    help: 'Lookups per second of one user from one address (of IPv6: one /64 network), twice that in a burst. Beyond it the answer is 429.',
  },
  enumerationLimit: {
    perDomain: true,
    formerNames: ['walkLimit'],
    ...wholeNumber(0, 1_000_000),
    byDefault: '10',
    help: 'Consecutive lead ids that one user may look up per second, after a first 1,100 or so at any speed. Beyond it such lookups are answered 429 and logged. A dialer that calls its lists in order stays below. 0: no limit.',
  },
  dailyLeads: {
    perDomain: true,
    ...wholeNumber(0, 1_000_000),
    byDefault: '0',
    help: 'Different leads that one user or token may read in a day (from midnight to midnight, by the time zone of the machine), over all workers and restarts. At 80 % it is logged; at the limit, leads not yet read on that day are answered 429. 0: no limit, but who reads 5,000 is logged and counted.',
  },
  ...ASTERISK_SETTINGS,
  ...PRIVACY_SETTINGS,
  importMegabytes: {
    perDomain: true,
    ...wholeNumber(0, 4_096),
    byDefault: '256',
    help: 'How large a file may be that is imported at the console or by `POST /v1/imports`, in MiB. It is kept beside the store until its import is done, or for a day. 0: files are imported by commands alone.',
  },
  requireIfMatch: {
    perDomain: true,
    form: 'true or false',
    byDefault: 'false',
    help: 'Whether `PATCH` and `DELETE` of a lead must say in `If-Match` as what the caller has read it (its `ETag`), so that nobody overwrites what somebody else has changed meanwhile. Without it the answer is 428.',
    parse: yesOrNo,
  },
  trustedProxies: {
    form: 'addresses, separated by commas',
    byDefault: '',
    help: 'Reverse proxies whose `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto` are used. From all others these headers are ignored.',
    parse: (text) => list(text, parseProxy),
  },
  ...POP_SETTINGS,
  ...METRICS_SETTINGS,
  logLevel: {
    ...oneOf('fatal', 'error', 'warn', 'info', 'debug', 'silent'),
    byDefault: 'info',
    help: 'How much is logged; `info` logs each lookup.',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

type ValueOf<Entry> = Entry extends { parse: (text: string) => Parsed<infer Value> } ? Value : never;

/** The value of every setting, written or default. */
export type SettingValues = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> };

export type LogLevel = SettingValues['logLevel'];
/** Which leads a user of a dialer may see: those of the campaigns allowed to the user's group, or all. */
export type ListScopeRule = SettingValues['listScope'];
export type DatabaseTls = SettingValues['databaseTls'];

/** The effective configuration. */
export interface Config extends SettingValues {
  /** The country if it was written; undefined: a store keeps its own, and a new one gets `defaultCountry`. */
  readonly chosenCountry: Country | undefined;
  /** The domains of the config file; none: the installation is one domain (`domainsOf`). */
  readonly domains: readonly DomainConfig[];
}

/** One of the domains that an installation serves: users, leads and limits of its own. */
export interface DomainConfig {
  readonly name: string;
  /** Each as `readHostName` writes it. */
  readonly hosts: readonly string[];
  /** Serves the hosts that no domain names. */
  readonly isFallback: boolean;
  /** The configuration with this domain's own values. */
  readonly config: Config;
}

/** The names that a setting had in earlier versions. */
export function formerNamesOf(name: SettingName): readonly string[] {
  const { formerNames = [] }: Setting<unknown> = SETTINGS[name];
  return formerNames;
}

/** Whether the config file may have an object for it. */
export function takesObject(name: SettingName): boolean {
  const { takesObject: takes }: Setting<unknown> = SETTINGS[name];
  return takes === true;
}

/** The setting that has this name or had it in an earlier version. */
export function settingNamed(text: string): SettingName | undefined {
  return SETTING_NAMES.find((name) => name === text || formerNamesOf(name).includes(text));
}
