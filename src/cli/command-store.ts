import { openStore, type Store } from '../app.ts';
import type { LoadedConfig } from '../config/load.ts';

/** Opens the configured store for one command. */
export function openCommandStore({ config, sources }: LoadedConfig, create = false): Store {
  return openStore(config, {
    create,
    country: sources.defaultCountry === 'default' ? undefined : config.defaultCountry,
  });
}

/** Opens the store, hands it to `work`, and closes it whatever comes. */
export async function withStore<Result>(
  loaded: LoadedConfig,
  work: (store: Store) => Result | Promise<Result>,
  { create = false }: { create?: boolean } = {},
): Promise<Result> {
  const store = openCommandStore(loaded, create);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
