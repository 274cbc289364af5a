import { existsSync, statSync } from 'node:fs';

import { realPath } from '../config/addresses.ts';
import { domainsOf } from '../config/domains.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/settings.ts';
import { isDenied } from '../core/problem.ts';
import { type EmbeddedStore, type Store, storeDenied } from '../core/store.ts';
import { CommandFailure, wrongUse } from '../process/exit-code.ts';
import {
  type DialerStore,
  isEmbedded,
  openStore,
  type OpenedStore,
  type OpenStoreOptions,
} from '../stores/open-store.ts';

/** A server that runs has noticed within this time that another file took the place of its store: it looks four times a second. */
const NOTICED_MS = 500;

/**
 * Waits for the servers that have a store open whose file was replaced just now: until one of them has noticed, the write-ahead log
 * of the former file is beside the new one.
 *
 * @throws {StoreRefusal} this user may not look for the file
 */
function waitForServers(config: Config): void {
  const path = storePath(config);
  const moved = timeOf(path);
  if (moved === undefined || !existsSync(`${realPath(path)}-wal`)) return;
  const age = Math.max(0, Date.now() - moved);
  if (age < NOTICED_MS) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NOTICED_MS - age);
}

/** The file beside which a store's other files are. */
export function storePath({ database, stateFile }: Config): string {
  return database.engine === 'sqlite' ? database.path : stateFile;
}

/** @throws {StoreRefusal} this user may not look for the file */
export function isStoreThere(config: Config): boolean {
  return timeOf(storePath(config)) !== undefined;
}

/** @throws {StoreRefusal} this user may not look for the file */
function timeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.ctimeMs;
  } catch (cause) {
    throw isDenied(cause) ? storeDenied(path, cause) : cause;
  }
}

/** Opens the configured store for a command that changes neither leads nor users. */
export function openCommandStore({ config }: LoadedConfig): OpenedStore {
  waitForServers(config);
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
  waitForServers(config);
  return openStore(config, { ...options, country: config.chosenCountry });
}

/** Opens a dialer's database for a command, with the state file beside it. */
export function openDialerStore(loaded: LoadedConfig): DialerStore {
  const store = openCommandStore(loaded);
  if ('dialer' in store) return store;
  throw new Error('an embedded store where a dialer is expected');
}

/**
 * Runs `work` on a store and closes it, also after an error.
 *
 * @throws {CommandFailure} the store was replaced meanwhile
 */
export async function withStore<Opened extends Store, Result>(
  store: Opened,
  work: (store: Opened) => Result | Promise<Result>,
): Promise<Result> {
  try {
    const result = await work(store);
    checkNotReplaced(store);
    return result;
  } finally {
    await store.close();
  }
}

/** @throws {CommandFailure} another file is at the path of an open store, or none */
export function checkNotReplaced({ ownFile }: Store): void {
  if (ownFile === undefined || ownFile.look() === ownFile.identity) return;
  throw new CommandFailure(
    `${ownFile.path} was replaced while this command ran: it read and wrote the former file; run it again`,
  );
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
