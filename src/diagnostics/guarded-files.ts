import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { realPath } from '../config/addresses.ts';
import { auditFolderOf } from '../config/domains.ts';
import type { LoadedConfig } from '../config/load.ts';
import { type Config, type Setting, SETTING_NAMES, SETTINGS } from '../config/settings.ts';
import type { GuardedFile } from './file-rights.ts';

/** The files of the whole installation that nobody else may read or change. */
export function installationFiles(loaded: LoadedConfig): readonly GuardedFile[] {
  const { tlsKey, tlsCert, metricsTokenFile } = loaded.config;
  const files: readonly GuardedFile[] = [
    { path: loaded.file ?? '', content: holdsSecret(loaded) ? 'secret' : 'private' },
    { path: tlsKey, content: 'secret' },
    { path: tlsCert, content: 'public' },
    { path: metricsTokenFile, content: 'secret' },
  ];
  return files.filter(({ path }) => path !== '');
}

/** Those of a domain, or of an installation without domains. */
export function domainFiles(config: Config): readonly GuardedFile[] {
  const { databasePasswordFile, databaseCa } = config;
  const files: readonly GuardedFile[] = [
    ...(config.database.engine === 'postgresql' ? [] : filesOfStore(storePath(config))),
    // No field of a lead and no whole number is in a record.
    { path: auditFolderOf(config) ?? '', content: 'private' },
    { path: databasePasswordFile, content: 'secret' },
    { path: databaseCa, content: 'public' },
  ];
  return files.filter(({ path }) => path !== '');
}

function filesOfStore(store: string): readonly GuardedFile[] {
  const others = [`${store}-wal`, `${store}-shm`, ...leftBeside(store)];
  return [
    { path: store, content: 'secret', hasSiblings: true },
    ...others.map((path) => ({ path, content: 'secret' }) as const),
  ];
}

/**
 * What is made beside a store, and may stay there: copies that an update keeps (`.schema-N`), and what a killed process left of a
 * new store, a copy or the log of a former file.
 */
const LEFT = /^(?:\.schema-\d+|\.(?:copy|new)-\d+(?:-wal|-shm|-journal)?|-(?:wal|shm)\.former|-journal)$/;
const LOG = /^-(?:wal|shm)$/;

/** The files of customers' data beside a store, besides its log. SQLite's are where a link to the store leads. */
function leftBeside(store: string): readonly string[] {
  const real = realPath(store);
  const isLink = real !== resolve(store);
  return [
    ...namesBeside(store, LEFT),
    ...(isLink ? [...namesBeside(real, LEFT), ...namesBeside(real, LOG)] : []),
  ];
}

function namesBeside(store: string, suffix: RegExp): readonly string[] {
  const [folder, name] = [dirname(store), basename(store)];
  return listOf(folder)
    .filter((each) => each.startsWith(name) && suffix.test(each.slice(name.length)))
    .map((each) => join(folder, each))
    .sort();
}

/** Whoever may not look into the folder is told so about the store itself. */
function listOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The folder whose owner is the service's user. */
export function dataFolderOf(config: Config): string {
  return dirname(storePath(config));
}

/** The embedded store, or the state file beside a dialer. A store in PostgreSQL has none: its audit is in the same folder. */
function storePath({ database, stateFile }: Config): string {
  return database.engine === 'sqlite' ? database.path : stateFile;
}

/** Whether the config file has a value that is masked wherever it is shown. */
function holdsSecret({ file, ...installation }: LoadedConfig): boolean {
  return [installation, ...installation.domains].some(({ sources, texts }) =>
    SETTING_NAMES.some((name) => {
      const { show }: Setting<unknown> = SETTINGS[name];
      return (
        sources[name] === `file ${String(file)}` && show !== undefined && show(texts[name]) !== texts[name]
      );
    }),
  );
}
