import { readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';

import type { EmbeddedStore } from '../core/store.ts';
import { claimFile } from '../stores/open-store.ts';
import { maskNumbers } from '../audit/operator-act.ts';
import type { Config } from '../config/settings.ts';
import { describeTrace } from './choose-person.ts';
import { storePath } from './command-store.ts';

/** Names of imported files that a receipt has; beyond these it says how many more there are. */
const NAMED_IMPORTS = 20;

/** What an erasure does not reach, for the receipt: sentences. To be asked before the rows are deleted. */
export function remainsOf(
  { persons, archive }: EmbeddedStore,
  config: Config,
  leadIds: readonly number[],
): readonly string[] {
  const related = persons
    .findRelated(leadIds)
    .map(
      (trace) =>
        `a number is also found in ${describeTrace({ ...trace, name: '' })}: ${trace.matches.join(', ')}`,
    );
  const files = [...new Set(archive.imports().map(({ fileName }) => fileName))];
  const more = files.length > NAMED_IMPORTS ? ` and ${files.length - NAMED_IMPORTS} more` : '';
  const imported =
    files.length === 0
      ? []
      : [
          `imported files, if they are still there: ${files.slice(0, NAMED_IMPORTS).map(maskNumbers).join(', ')}${more}`,
        ];
  return [...related, ...imported, ...rejectsNear(config, files), ...elsewhere(config)];
}

/** What no command reaches, wherever the leads are. */
export function elsewhere(config: Config): readonly string[] {
  const folder = dirname(resolve(storePath(config)));
  return [
    `backups and snapshots of ${folder}, and exports`,
    'the audit and the log: lead ids and masked numbers, no name and no whole number',
    config.redis === ''
      ? 'memory of running servers: the last call of each user, until its next one or 8 hours later'
      : 'Redis: the last call of each user (callercard:last:*), until its next one or 8 hours later',
    'programs and telephones that asked keep what they were answered',
  ];
}

/** Rejected rows of imports, beside the store and in this folder. */
function rejectsNear(config: Config, imported: readonly string[]): readonly string[] {
  const stems = imported.map((name) => basename(name, extname(name)));
  const folders = new Set([dirname(resolve(storePath(config))), process.cwd()]);
  return [...folders].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.rejects.csv') && stems.some((stem) => name.startsWith(`${stem}.`)))
      .map((name) => `rejected rows of an import: ${join(folder, maskNumbers(name))}`),
  );
}

/** A trial is younger, or holds the lock of its copy. */
const TRIAL_MS = 60 * 60 * 1000;

/** Deletes the copies of `import --dry-run` that were left where one was killed. @returns their folders */
export function deleteOldTrials(): readonly string[] {
  const folders = readdirSync(tmpdir())
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
