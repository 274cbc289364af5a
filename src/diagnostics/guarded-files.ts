import { dirname } from 'node:path';

import { auditFolderOf } from '../config/domains.ts';
import type { LoadedConfig } from '../config/load.ts';
import { type Config, type Setting, SETTING_NAMES, SETTINGS } from '../config/settings.ts';
import type { GuardedFile } from './file-rights.ts';

/** The files of the whole installation that nobody else may read or change. */
export function installationFiles(loaded: LoadedConfig): readonly GuardedFile[] {
  const { tlsKey, tlsCert } = loaded.config;
  const files: readonly GuardedFile[] = [
    { path: loaded.file ?? '', content: holdsSecret(loaded) ? 'secret' : 'private' },
    { path: tlsKey, content: 'secret' },
    { path: tlsCert, content: 'public' },
  ];
  return files.filter(({ path }) => path !== '');
}

/** Those of a domain, or of an installation without domains. */
export function domainFiles(config: Config): readonly GuardedFile[] {
  const { databasePasswordFile, databaseCa } = config;
  const [store, ...logs] = ['', '-wal', '-shm'].map((suffix) => storePath(config) + suffix);
  const files: readonly GuardedFile[] = [
    { path: store ?? '', content: 'secret', hasSiblings: true },
    ...logs.map((path) => ({ path, content: 'secret' }) as const),
    // No field of a lead and no whole number is in a record.
    { path: auditFolderOf(config) ?? '', content: 'private' },
    { path: databasePasswordFile, content: 'secret' },
    { path: databaseCa, content: 'public' },
  ];
  return files.filter(({ path }) => path !== '');
}

/** The folder whose owner is the service's user. */
export function dataFolderOf(config: Config): string {
  return dirname(storePath(config));
}

/** The embedded store, or the state file beside a dialer. */
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
