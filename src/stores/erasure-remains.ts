import { readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';

import type { Config } from '../config/settings.ts';
import type { ImportSummary } from '../core/lead-archive.ts';
import { maskNumbers } from '../core/masks.ts';
import { describeTrace, type PersonTrace } from '../core/person-store.ts';
import { claimFile } from './claim-file.ts';
import { importsFolderOf } from './imports-folder.ts';

/** What decides where more may be. */
export type RemainsConfig = Pick<Config, 'database' | 'stateFile' | 'redis'>;

/** Names of imported files that a receipt has; beyond these it says how many more there are. */
const NAMED_IMPORTS = 20;

/**
 * What an erasure does not reach, for the receipt: sentences.
 *
 * @param related other leads in which one of the numbers is found
 * @param imports as they were before the erasure
 */
export function remainsOf(
  related: readonly PersonTrace[],
  imports: readonly Pick<ImportSummary, 'fileName'>[],
  config: RemainsConfig,
): readonly string[] {
  const others = related.map(
    (trace) =>
      `a number is also found in ${describeTrace({ ...trace, name: '' })}: ${trace.matches.join(', ')}`,
  );
  const files = [...new Set(imports.map(({ fileName }) => fileName))];
  const more = files.length > NAMED_IMPORTS ? ` and ${files.length - NAMED_IMPORTS} more` : '';
  const imported =
    files.length === 0
      ? []
      : [
          `imported files, if they are still there: ${files.slice(0, NAMED_IMPORTS).map(maskNumbers).join(', ')}${more}`,
        ];
  return [...others, ...imported, ...rejectsNear(config, files), ...sentFiles(config), ...elsewhere(config)];
}

/** What nothing here reaches, wherever the leads are. */
export function elsewhere(config: RemainsConfig): readonly string[] {
  const folder = folderOf(config);
  return [
    // A database server has backups of its own, which its cleaning names.
    folder === undefined
      ? 'exports'
      : `backups of ${folder}, stores that a restore replaced (*.former-*), snapshots, and exports`,
    'the audit and the log: lead ids and masked numbers, no name and no whole number',
    config.redis === ''
      ? 'memory of running servers: the last call of each user, until its next one or 8 hours later'
      : 'Redis: the last call of each user (callercard:last:*), until its next one or 8 hours later',
    'programs and telephones that asked keep what they were answered',
  ];
}

/** In which the store's file is, or the state file beside a dialer; undefined: it is in a database server. */
function folderOf({ database, stateFile }: RemainsConfig): string | undefined {
  if (database.engine === 'postgresql') return undefined;
  return dirname(resolve(database.engine === 'sqlite' ? database.path : stateFile));
}

/** Rejected rows of imports, beside the store and in this folder. */
function rejectsNear(config: RemainsConfig, imported: readonly string[]): readonly string[] {
  const stems = imported.map((name) => basename(name, extname(name)));
  const folders = new Set([folderOf(config), process.cwd()]);
  return [...folders].flatMap((folder) => {
    if (folder === undefined) return [];
    const names = namesIn(folder);
    // The erasure is done by now, and its receipt must not be lost for this.
    if (names === undefined) return [`rejected rows of imports in ${folder}, which cannot be looked through`];
    return names
      .filter((name) => name.endsWith('.rejects.csv') && stems.some((stem) => name.startsWith(`${stem}.`)))
      .map((name) => `rejected rows of an import: ${join(folder, maskNumbers(name))}`);
  });
}

/** Files that were sent over HTTP; they go by themselves. */
function sentFiles(config: RemainsConfig): readonly string[] {
  const names = namesIn(importsFolderOf(config)) ?? [];
  return names.length === 0
    ? []
    : [
        'files that were sent to be imported, and their rejected rows: remove them at the console or by DELETE /v1/imports/{id}, or they are gone within a day',
      ];
}

/** A trial is younger, or holds the lock of its copy. */
const TRIAL_MS = 60 * 60 * 1000;

/** Deletes the copies of `import --dry-run` that were left where one was killed. @returns their folders */
export function deleteOldTrials(): readonly string[] {
  const folders = (namesIn(tmpdir()) ?? [])
    .filter((name) => name.startsWith('callercard-trial-'))
    .map((name) => join(tmpdir(), name));
  return folders.filter((folder) => {
    try {
      if (Date.now() - statSync(folder).mtimeMs < TRIAL_MS) return false;
      const release = claimFile(join(folder, 'trial.db-import'));
      if (release === undefined) return false;
      release();
      rmSync(folder, { recursive: true, force: true });
      return true;
    } catch {
      // Another user's.
      return false;
    }
  });
}

/** Where more may be of a person who is shown: sentences. */
export function elsewhereOfPerson(related: readonly PersonTrace[]): readonly string[] {
  return [
    ...related.map(
      (trace) =>
        `a number of this person is also found in ${describeTrace(trace)}: ${trace.matches.join(', ')}`,
    ),
    'Files that were imported, exports, backups, and records of the audit that were archived are not in here.',
    'Programs and telephones that asked keep what they were answered.',
  ];
}

/** Undefined: it cannot be read. */
function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

/** Takes the paths of a store's folders out of texts. @param path of the store; undefined: it is in no file */
export function withoutPathsOf(path: string | undefined): (text: string) => string {
  const files = path === undefined ? [] : [realpathSync(path), resolve(path)];
  const folders = [...files.map(dirname), process.cwd(), tmpdir()].filter(
    (folder) => folder !== dirname(folder),
  );
  const names: readonly (readonly [string, string])[] = [
    ...[...files, ...(path === undefined ? [] : [path])].map((name) => [name, 'store'] as const),
    ...folders.map((folder) => [`${folder}${sep}`, ''] as const),
    ...folders.map((folder) => [folder, 'its folder'] as const),
  ];
  return (text) => names.reduce((rest, [name, instead]) => rest.replaceAll(name, instead), text);
}
