/** What commands do with the files of stores beside opening them: it is SQLite's. */
export { copyLiveStore, type CopiedStore } from './sqlite/backup.ts';
export { makeStoreFile, readStoreFile } from './sqlite/copied-file.ts';
export { copyStore } from './sqlite/migrate.ts';
export { prepareRestore, type Restorable } from './sqlite/restore.ts';
