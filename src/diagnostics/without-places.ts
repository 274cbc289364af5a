import { dirname, resolve } from 'node:path';

import { realPath } from '../config/addresses.ts';
import { auditFolderOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/store.ts';

/** Of a file or folder by its whole path, with one folder above it at least. */
const WHOLE_PATH = /(?<![\w./:@-])\/(?:[^\s/'",:;()]+\/)+[^\s/'",:;()]*/g;

/** Where there are several domains, their admins do not learn where the machine keeps files, nor what it connects to. */
export function withoutPlaces(inspection: Inspection, config: Config): Inspection {
  const [paths, hosts] = [pathsOf(config), hostsOf(config)];
  const hide = (text: string) => {
    const withoutPaths = paths.reduce((rest, path) => rest.replaceAll(path, 'the store'), text);
    const withoutHosts = hosts.reduce((rest, host) => rest.replace(host, 'the server'), withoutPaths);
    return withoutHosts.replace(WHOLE_PATH, 'a file');
  };
  const { message, advice } = inspection;
  return { ...inspection, message: hide(message), ...(advice !== undefined && { advice: hide(advice) }) };
}

/** The longest first: one may begin as another. */
function pathsOf(config: Config): readonly string[] {
  const { database, stateFile, databasePasswordFile, databaseCa } = config;
  const store = database.engine === 'sqlite' ? database.path : stateFile;
  const files = [store, stateFile, auditFolderOf(config) ?? '', databasePasswordFile, databaseCa]
    .filter((path) => path !== '')
    .flatMap((path) => [path, resolve(path), realPath(path), dirname(resolve(path))]);
  return longestFirst(files.filter((path) => path.length > 1 && path.includes('/')));
}

/** As words of their own: `db` is in `mariadb-admin`, too. */
function hostsOf(config: Config): readonly RegExp[] {
  const { database, databaseDirect, databaseReplicas, goautodialDatabase, asterisk } = config;
  const addresses = [database, databaseDirect, goautodialDatabase];
  const servers = addresses.flatMap((one) =>
    typeof one === 'object' && 'servers' in one ? [...one.servers] : [],
  );
  const all = [...servers, ...databaseReplicas, ...(asterisk === undefined ? [] : [asterisk])];
  const names = all.flatMap(({ host, port }) => [`[${host}]:${port}`, `${host}:${port}`, host]);
  return longestFirst(names).map(
    (name) => new RegExp(`(?<![\\w.-])${name.replace(/[.[\]]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'g'),
  );
}

function longestFirst(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort((one, other) => other.length - one.length);
}
