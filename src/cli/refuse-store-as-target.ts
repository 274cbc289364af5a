import { domainsOf } from '../config/domains.ts';
import { realPath } from '../config/real-path.ts';
import type { Config } from '../config/settings.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';

/** A file that a command is to write must not be a store, neither the one that it reads or fills nor another domain's. */
export function refuseStoreAsTarget(path: string | undefined, installation: Config): void {
  if (path === undefined) return;
  const target = realPath(path);
  for (const { config } of domainsOf(installation)) {
    const { database } = config;
    if (database.engine !== 'sqlite') continue;
    const files = ['', '-wal', '-shm'].map((suffix) => realPath(database.path + suffix));
    if (files.includes(target))
      throw new CommandFailure(`${path} is the store itself; name another file`, EXIT.usage);
  }
}
