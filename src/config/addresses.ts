import { realpathSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';

import type { Parsed } from '../core/problem.ts';

/** Where the leads are. */
export type DatabaseAddress = SqliteAddress | MariadbAddress;

/** The embedded store. */
export interface SqliteAddress {
  readonly engine: 'sqlite';
  readonly path: string;
}

/** The database of a dialer: one server, or the servers of one cluster that all hold the same. */
export interface MariadbAddress {
  readonly engine: 'mariadb';
  readonly servers: readonly ServerAddress[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Where GOautodial keeps its customers: a database on the dialer's own server, one elsewhere, or nowhere. */
export type GoautodialAddress = MariadbAddress | { readonly name: string } | 'none';

const DEFAULT_PORT = 3306;
const DATABASE_FORM = 'mariadb://USER:PASSWORD@HOST:3306/asterisk';

/** `sqlite:PATH` or `mariadb://USER:PASSWORD@HOST[:PORT][,HOST...]/DATABASE`. */
export function parseDatabase(text: string): Parsed<DatabaseAddress> {
  if (isMariadb(text)) return parseMariadb(text);
  const path = /^sqlite:(.+)$/s.exec(text)?.[1];
  if (path !== undefined) return { value: { engine: 'sqlite', path } };
  const forms = `must be sqlite:PATH or ${DATABASE_FORM}`;
  return { fault: text.includes(':') ? forms : `${forms}; did you mean sqlite:${text}?` };
}

/** A database's name, an address, or `none`. */
export function parseGoautodial(text: string): Parsed<GoautodialAddress> {
  if (text === '' || text === 'none') return { value: 'none' };
  if (isMariadb(text)) return parseMariadb(text);
  return isDatabaseName(text)
    ? { value: { name: text } }
    : { fault: `must be the name of a database, ${DATABASE_FORM} or none` };
}

/** The address with its password masked, even if it is malformed. */
export function maskPassword(text: string): string {
  return text.replace(/^((?:[a-z]+:)+\/\/[^:@/]*:).*@/s, '$1***@');
}

function isMariadb(text: string): boolean {
  return /^(?:mariadb|mysql):\/\//.test(text);
}

/** Parsed by hand: URL accepts no list of hosts, and people write `@` and `/` in passwords. */
function parseMariadb(text: string): Parsed<MariadbAddress> {
  const [, credentials, hosts = '', database = ''] =
    /^[a-z]+:\/\/(?:(.*)@)?([^@/]*)\/?([^@/]*)$/s.exec(text) ?? [];
  if (credentials === undefined || credentials === '')
    return { fault: `names no user; write ${DATABASE_FORM}` };
  const colon = credentials.indexOf(':');
  const user = decode(colon === -1 ? credentials : credentials.slice(0, colon));
  const password = decode(colon === -1 ? '' : credentials.slice(colon + 1));
  if (user === undefined || password === undefined) {
    return { fault: 'has a % in the user or password that is no percent-encoding; write % as %25' };
  }
  if (user === '') return { fault: `names no user; write ${DATABASE_FORM}` };
  if (!isDatabaseName(database)) return { fault: `must end in the database's name, as in ${DATABASE_FORM}` };
  const servers: ServerAddress[] = [];
  for (const host of hosts.split(',')) {
    const server = readServer(host);
    if (server === undefined)
      return { fault: `names a host that is none (${JSON.stringify(host)}); write ${DATABASE_FORM}` };
    servers.push(server);
  }
  const names = servers.map(({ host, port }) => `${host}:${port}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return { fault: `names ${twice} twice` };
  return { value: { engine: 'mariadb', servers, user, password, database } };
}

function readServer(text: string): ServerAddress | undefined {
  const [, host = '', port] = /^(\[[^\]]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === '' || (host !== bare && !isIPv6(bare)) || number < 1 || number > 65_535) return undefined;
  return { host: bare, port: number };
}

function isDatabaseName(text: string): boolean {
  return /^[\w$-]{1,64}$/.test(text);
}

function decode(text: string): string | undefined {
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
