import type { Config } from '../config/settings.ts';
import { importsFolder } from '../files/import-folder.ts';

/** In which the files of a domain are that are imported over HTTP: beside its store, or beside the state file. */
export function importsFolderOf({ database, stateFile }: Pick<Config, 'database' | 'stateFile'>): string {
  return importsFolder(database.engine === 'sqlite' ? database.path : stateFile);
}
