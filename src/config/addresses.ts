import { realpathSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';

import type { Parsed } from '../core/problem.ts';

/** Where the leads are. */
export type DatabaseAddress = SqliteAddress | MariadbAddress | PostgresqlAddress;

/** The embedded store. */
export interface SqliteAddress {
  readonly engine: 'sqlite';
  readonly path: string;
}

/** A database over a network. */
interface NetworkAddress {
  readonly servers: readonly ServerAddress[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** The database of a dialer: one server, or the servers of one cluster that all hold the same. */
export interface MariadbAddress extends NetworkAddress {
  readonly engine: 'mariadb';
}

/** A store of callercard's own for several machines: one server, or one and its standbys. */
export interface PostgresqlAddress extends NetworkAddress {
  readonly engine: 'postgresql';
  /** In which its tables are. */
  readonly schema: string;
  /** As `sslmode` of the address says; undefined: as the setting `databaseTls` does. */
  readonly tls: 'off' | 'on' | 'unchecked' | undefined;
}

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Where GOautodial keeps its customers: a database on the dialer's own server, one elsewhere, or nowhere. */
export type GoautodialAddress = MariadbAddress | { readonly name: string } | 'none';

/** How the address of an engine is written, for messages, and its usual port. */
interface AddressForm {
  readonly form: string;
  readonly port: number;
}

const MARIADB: AddressForm = { form: 'mariadb://USER:PASSWORD@HOST:3306/asterisk', port: 3306 };
const POSTGRESQL: AddressForm = { form: 'postgres://USER:PASSWORD@HOST:5432/NAME', port: 5432 };
const DATABASE_FORMS = `sqlite:PATH, ${POSTGRESQL.form} or ${MARIADB.form}`;

/** The schema where an address names none. Not `public`: other programs have tables called `users` there. */
const DEFAULT_SCHEMA = 'callercard';

/**
 * `sqlite:PATH`, `postgres://USER:PASSWORD@HOST[:PORT][,HOST...]/NAME[?schema=NAME&sslmode=MODE]` or
 * `mariadb://USER:PASSWORD@HOST[:PORT][,HOST...]/DATABASE`.
 */
export function parseDatabase(text: string): Parsed<DatabaseAddress> {
  if (isMariadb(text)) return parseMariadb(text);
  if (isPostgresql(text)) return parsePostgresql(text);
  const path = /^sqlite:(.+)$/s.exec(text)?.[1];
  if (path !== undefined) return { value: { engine: 'sqlite', path } };
  const forms = `must be ${DATABASE_FORMS}`;
  return { fault: text.includes(':') ? forms : `${forms}; did you mean sqlite:${text}?` };
}

/** A database's name, an address, or `none`. */
export function parseGoautodial(text: string): Parsed<GoautodialAddress> {
  if (text === '' || text === 'none') return { value: 'none' };
  if (isMariadb(text)) return parseMariadb(text);
  return isDatabaseName(text)
    ? { value: { name: text } }
    : { fault: `must be the name of a database, ${MARIADB.form} or none` };
}

/** The address with its password masked, even if it is malformed. */
export function maskPassword(text: string): string {
  return text.replace(/^((?:[a-z]+:)+\/\/[^:@/]*:).*@/s, '$1***@');
}

function isMariadb(text: string): boolean {
  return /^(?:mariadb|mysql):\/\//.test(text);
}

function parseMariadb(text: string): Parsed<MariadbAddress> {
  const parsed = parseNetwork(text, MARIADB);
  return 'fault' in parsed ? parsed : { value: { engine: 'mariadb', ...parsed.value } };
}

function isPostgresql(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text);
}

/** What PostgreSQL's own programs call it. The modes in between would go on without TLS, or without the name of the server. */
const SSL_MODES: Readonly<Record<string, NonNullable<PostgresqlAddress['tls']>>> = {
  disable: 'off',
  require: 'unchecked',
  'verify-full': 'on',
};

export function parsePostgresql(text: string): Parsed<PostgresqlAddress> {
  const [, address = text, query = ''] = /^(.*\/[^/@?]*)\?([^/@]*)$/s.exec(text) ?? [];
  const said = readQuery(query);
  if ('fault' in said) return said;
  const { schema = DEFAULT_SCHEMA, sslmode } = said.value;
  // As PostgreSQL has it without quotes.
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    return {
      fault: `names a schema that is none (${JSON.stringify(schema)}): a to z, 0 to 9 and _, at most 63, no digit first`,
    };
  if (schema.startsWith('pg_')) return { fault: `names the schema ${schema}, which is PostgreSQL's own` };
  const tls = sslmode === undefined ? undefined : SSL_MODES[sslmode];
  if (sslmode !== undefined && tls === undefined)
    return {
      fault: `has an sslmode that is none here (${JSON.stringify(sslmode)}): ${Object.keys(SSL_MODES).join(', ')}`,
    };
  const parsed = parseNetwork(address, POSTGRESQL);
  return 'fault' in parsed ? parsed : { value: { engine: 'postgresql', ...parsed.value, schema, tls } };
}

const QUERY_NAMES = ['schema', 'sslmode'] as const;

/** What stands behind the name of the database. */
function readQuery(query: string): Parsed<Partial<Record<(typeof QUERY_NAMES)[number], string>>> {
  const value: Partial<Record<(typeof QUERY_NAMES)[number], string>> = {};
  for (const part of query === '' ? [] : query.split('&')) {
    const [said = '', ...rest] = part.split('=');
    const name = QUERY_NAMES.find((known) => known === said);
    if (name === undefined || value[name] !== undefined)
      return {
        fault: `has ${name === undefined ? JSON.stringify(said) : `${name} twice`} behind its ?; only schema=NAME and sslmode=MODE may stand there, each once`,
      };
    value[name] = decode(rest.join('=')) ?? '';
  }
  return { value };
}

/** An address of PostgreSQL, or nothing. */
function parseDirect(text: string): Parsed<PostgresqlAddress | undefined> {
  if (text === '') return { value: undefined };
  return /^postgres(?:ql)?:\/\//.test(text)
    ? parsePostgresql(text)
    : { fault: `must be ${POSTGRESQL.form}, or nothing` };
}

/** The value of a setting that names a PostgreSQL server, or none. */
export const DIRECT_ADDRESS = {
  form: POSTGRESQL.form,
  byDefault: '',
  parse: parseDirect,
  show: maskPassword,
};

/** One of the servers of a list that have account and database of another address. */
export function parseReplica(text: string): Parsed<ServerAddress> {
  const server = readServer(text, POSTGRESQL.port);
  return server === undefined ? { fault: 'must be HOST or HOST:PORT' } : { value: server };
}

/** Parsed by hand: URL accepts no list of hosts, and people write `@` and `/` in passwords. */
function parseNetwork(text: string, { form, port }: AddressForm): Parsed<NetworkAddress> {
  const [, credentials, hosts = '', database = ''] =
    /^[a-z]+:\/\/(?:(.*)@)?([^@/]*)\/?([^@/]*)$/s.exec(text) ?? [];
  if (credentials === undefined || credentials === '') return { fault: `names no user; write ${form}` };
  const colon = credentials.indexOf(':');
  const user = decode(colon === -1 ? credentials : credentials.slice(0, colon));
  const password = decode(colon === -1 ? '' : credentials.slice(colon + 1));
  if (user === undefined || password === undefined) {
    return { fault: 'has a % in the user or password that is no percent-encoding; write % as %25' };
  }
  if (user === '') return { fault: `names no user; write ${form}` };
  if (!isDatabaseName(database)) return { fault: `must end in the database's name, as in ${form}` };
  const servers: ServerAddress[] = [];
  for (const host of hosts.split(',')) {
    const server = readServer(host, port);
    if (server === undefined)
      return { fault: `names a host that is none (${JSON.stringify(host)}); write ${form}` };
    servers.push(server);
  }
  const names = servers.map((server) => `${server.host}:${server.port}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return { fault: `names ${twice} twice` };
  return { value: { servers, user, password, database } };
}

/** `HOST[:PORT]`; undefined: it is none. */
export function readServer(text: string, usualPort: number): ServerAddress | undefined {
  const [, host = '', port] = /^(\[[^\]]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const number = port === undefined ? usualPort : Number(port);
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === '' || (host !== bare && !isIPv6(bare)) || number < 1 || number > 65_535) return undefined;
  return { host: bare, port: number };
}

function isDatabaseName(text: string): boolean {
  return /^[\w$-]{1,64}$/.test(text);
}

/** A part of an address without its percent-encoding; undefined: it has a `%` that is none. */
export function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const REDIS_FORM = 'redis://[USER]:PASSWORD@HOST:6379/0';

/** `redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or nothing. */
export function parseRedis(text: string): Parsed<string> {
  if (text === '') return { value: '' };
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return { fault: `must be ${REDIS_FORM}` };
  const { hostname, username, password, pathname, search, hash } = new URL(text);
  if (hostname === '') return { fault: `names no host; write ${REDIS_FORM}` };
  // A lone word before the @ is a password that would be taken, and shown, as a name.
  if (username !== '' && password === '')
    return { fault: `has no password after its user; write ${REDIS_FORM}` };
  if (!/^\/?\d{0,4}$/.test(pathname) || search !== '' || hash !== '') {
    return { fault: `must end in the number of a database or nothing; write ${REDIS_FORM}` };
  }
  return { value: text };
}

/** The absolute path with links followed, as far as there is something: two names of one file are one path. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const absolute = resolve(path);
    const folder = dirname(absolute);
    return folder === absolute ? absolute : join(realPath(folder), basename(absolute));
  }
}

const LONGEST_NAME = 253;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * The one spelling of a host: lower case, without port and trailing dot, an IPv6 address in its short form. The same
 * function reads the hosts of the config file and those of requests, so that they can only be equal or different.
 *
 * @param text as in a Host header: `Acme.Example.net.:8080`, `[::1]`
 * @returns undefined when it is no host: user information, spaces, a bad port, an empty label
 */
export function readHostName(text: string): string | undefined {
  const [, host, port = ''] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{0,5}))?$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  if (host.startsWith('[')) return readIPv6(host);
  const name = host.toLowerCase().replace(/\.$/, '');
  return name.length <= LONGEST_NAME && name.split('.').every((label) => LABEL.test(label))
    ? name
    : undefined;
}

/** Written as the platform writes it: one address has many spellings. */
function readIPv6(literal: string): string | undefined {
  return isIPv6(literal.slice(1, -1)) ? new URL(`http://${literal}`).hostname : undefined;
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
