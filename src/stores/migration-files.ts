import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface MigrationFile {
  /** The schema version that it leads to. */
  readonly version: number;
  readonly path: string;
}

/** The migrations of an engine in their order: the file `NNN-what.sql` leads to schema version NNN. */
export function listMigrations(folder: string): readonly MigrationFile[] {
  return readdirSync(folder)
    .filter((file) => /^\d{3}-.+\.sql$/.test(file))
    .sort()
    .map((file) => ({ version: Number(file.slice(0, 3)), path: join(folder, file) }));
}
