import { isEmbedded, openStore, type EmbeddedStore, type Store } from '../app.ts';
import type { LoadedConfig } from '../config/load.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';

/** Opens the configured store for a command that only asks it. */
export function openCommandStore({ config }: LoadedConfig): Store {
  return openStore(config, { country: config.chosenCountry, forOperator: true });
}

/**
 * Opens the configured store for a command that makes leads or users.
 *
 * @throws {CommandFailure} they are a dialer's
 */
export function openOwnStore({ config }: LoadedConfig, create = false): EmbeddedStore {
  if (!isEmbedded(config)) {
    throw new CommandFailure(
      'the leads and users of a dialer are made in the dialer, which callercard only reads; for a store of its own set --database sqlite:PATH',
      EXIT.usage,
    );
  }
  return openStore(config, { create, country: config.chosenCountry });
}

/** Hands a store to `work` and closes it whatever comes. */
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
