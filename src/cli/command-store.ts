import {
  type DialerStore,
  type EmbeddedStore,
  isEmbedded,
  openStore,
  type OpenedStore,
  type OpenStoreOptions,
  type Store,
} from '../app.ts';
import { realPath } from '../config/addresses.ts';
import { domainsOf } from '../config/domains.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/settings.ts';
import { wrongUse } from '../process/exit-code.ts';

/** Opens the configured store for a command that changes neither leads nor users. */
export function openCommandStore({ config }: LoadedConfig): OpenedStore {
  return openStore(config, { country: config.chosenCountry, forOperator: true });
}

/**
 * Opens the configured store for a command that makes leads or users.
 *
 * @throws {CommandFailure} they are a dialer's
 */
export function openOwnStore(
  { config }: LoadedConfig,
  options: Pick<OpenStoreOptions, 'create' | 'log'> = {},
): EmbeddedStore {
  if (!isEmbedded(config)) {
    throw wrongUse(
      'the leads and users of a dialer are made in the dialer, which callercard only reads; for a store of its own set --database sqlite:PATH',
    );
  }
  return openStore(config, { ...options, country: config.chosenCountry });
}

/** Opens a dialer's database for a command, with the state file beside it. */
export function openDialerStore(loaded: LoadedConfig): DialerStore {
  const store = openCommandStore(loaded);
  if ('dialer' in store) return store;
  throw new Error('an embedded store where a dialer is expected');
}

/** Runs `work` on a store and closes it, also after an error. */
export async function withStore<Opened extends Store, Result>(
  store: Opened,
  work: (store: Opened) => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** A file that a command is to write must not be a store, neither its own nor another domain's. */
export function refuseStoreAsTarget(path: string | undefined, installation: Config): void {
  if (path === undefined) return;
  const target = realPath(path);
  for (const { config } of domainsOf(installation)) {
    const { database } = config;
    if (database.engine !== 'sqlite') continue;
    const files = ['', '-wal', '-shm'].map((suffix) => realPath(database.path + suffix));
    if (files.includes(target)) throw wrongUse(`${path} is the store itself; name another file`);
  }
}
