import type { Config } from '../config/settings.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';
import { copyForTrial } from '../stores/copied-store.ts';
import { copyStore, makeStoreFile } from '../stores/store-files.ts';
import { checkOwn, failureOfDatabase, isStoreThere } from './command-store.ts';
import type { ImportContext } from './import-options.ts';
import { createImportProgress } from './import-progress.ts';

/**
 * Copies a store, or what of one in PostgreSQL an import looks at, into a file: what becomes of a row is the same in both.
 *
 * @returns the settings of the copy; the copy is not there where there is no store yet
 * @throws {CommandFailure} the store is a dialer's, or its database cannot be used
 */
export async function makeTrial(
  config: Config,
  path: string,
  { terminal, signal, progress: show }: Pick<ImportContext, 'terminal' | 'signal' | 'progress'>,
): Promise<Config> {
  checkOwn(config);
  const { database } = config;
  const trial = { ...config, database: { engine: 'sqlite', path } } as const;
  if (!(await isStoreThere(config))) return trial;
  if (database.engine === 'sqlite') copyStore(database.path, path);
  else {
    using progress = show?.(100) ?? (await createImportProgress(terminal, 100, 'rows to try it on'));
    const onProgress = (done: number, of: number) => progress.show((done / Math.max(of, 1)) * 100, done);
    const { readSchema } = await import('../stores/store-schemas.ts');
    try {
      await copyForTrial(readSchema({ ...config, database }), makeStoreFile(path), { signal, onProgress });
    } catch (cause) {
      if (signal.aborted && cause === signal.reason)
        throw new CommandFailure('stopped; nothing was imported', EXIT.interrupted, { cause });
      throw failureOfDatabase(cause) ?? cause;
    }
  }
  return trial;
}
