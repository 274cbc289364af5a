import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Config } from '../config/settings.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

/** A file that a command is to write must not be the store that it reads or fills. */
export function refuseStoreAsTarget(path: string | undefined, { database }: Config): void {
  if (path === undefined || database.engine !== 'sqlite') return;
  const target = realPath(path);
  const store = database.path;
  const files = ['', '-wal', '-shm'].map((suffix) => realPath(store + suffix));
  if (files.includes(target))
    throw new CommandFailure(`${path} is the store itself; name another file`, EXIT.usage);
}

/** With links followed, as far as the file is there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
