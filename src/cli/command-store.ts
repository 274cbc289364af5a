import { existsSync, statSync } from 'node:fs';

import { realPath } from '../config/addresses.ts';
import { domainsOf } from '../config/domains.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/settings.ts';
import { isDenied } from '../core/problem.ts';
import { StoreFailure } from '../core/lead-store.ts';
import { type OwnStore, type Store, storeDenied, StoreRefusal } from '../core/store.ts';
import { CommandFailure, EXIT, wrongUse } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';
import { DatabaseFailure, loadStore } from '../stores/load-store.ts';
import type { DialerStore, OpenedStore, PostgresqlStore } from '../stores/open-store.ts';
import { isOwnStore, type OpenStoreOptions, type OwnConfig } from '../stores/store-config.ts';

/** A server that runs has noticed within this time that another file took the place of its store: it looks four times a second. */
const NOTICED_MS = 500;

/**
 * Waits for the servers that have a store open whose file was replaced just now: until one of them has noticed, the write-ahead log
 * of the former file is beside the new one.
 *
 * @throws {StoreRefusal} this user may not look for the file
 */
export function waitForServers(config: Config): void {
  if (config.database.engine === 'postgresql') return;
  const path = storePath(config);
  const moved = timeOf(path);
  if (moved === undefined || !existsSync(`${realPath(path)}-wal`)) return;
  const age = Math.max(0, Date.now() - moved);
  if (age < NOTICED_MS) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NOTICED_MS - age);
}

/** The file beside which a store's other files are; of one in PostgreSQL it is not there itself. */
export function storePath({ database, stateFile }: Config): string {
  return database.engine === 'sqlite' ? database.path : stateFile;
}

/**
 * @throws {StoreRefusal} this user may not look for the file
 * @throws {CommandFailure} the database does not answer
 */
export async function isStoreThere(config: Config): Promise<boolean> {
  const { database } = config;
  if (database.engine !== 'postgresql') return timeOf(storePath(config)) !== undefined;
  const opening = loadStore({ ...config, database }, { forOperator: true, isPatient: true });
  return withOpened(opening as Promise<PostgresqlStore>, (opened) => opened.database.isThere());
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
export async function openCommandStore({ config }: LoadedConfig): Promise<OpenedStore> {
  waitForServers(config);
  return loadStore(config, { country: config.chosenCountry, forOperator: true, isPatient: true });
}

/**
 * Opens the configured store for a command that makes leads or users.
 *
 * @throws {CommandFailure} they are a dialer's
 */
export async function openOwnStore(
  { config }: Pick<LoadedConfig, 'config'>,
  options: Pick<OpenStoreOptions, 'create' | 'log'> = {},
): Promise<OwnStore> {
  checkOwn(config);
  waitForServers(config);
  return loadStore(config, { ...options, country: config.chosenCountry, isPatient: true });
}

/** @throws {CommandFailure} leads and users are a dialer's */
export function checkOwn(config: Config): asserts config is OwnConfig {
  if (isOwnStore(config)) return;
  throw wrongUse(
    'the leads and users of a dialer are made in the dialer, which callercard only reads; for a store of its own set --database sqlite:PATH or postgres://USER:PASSWORD@HOST:5432/NAME',
  );
}

/** Opens a dialer's database for a command, with the state file beside it. */
export async function openDialerStore(loaded: LoadedConfig): Promise<DialerStore> {
  const store = await openCommandStore(loaded);
  if ('dialer' in store) return store;
  throw new Error('a store of our own where a dialer is expected');
}

/**
 * Runs `work` on a store and closes it, also after an error.
 *
 * @throws {CommandFailure} the store was replaced meanwhile, or its database cannot be used
 */
export function withStore<Opened extends Store, Result>(
  opening: Opened | Promise<Opened>,
  work: (store: Opened) => Result | Promise<Result>,
): Promise<Result> {
  return withOpened(opening, async (store) => {
    await store.begin?.();
    return work(store);
  });
}

/** As `withStore`, for work that does not need the store to answer. */
export async function withOpened<Opened extends Store, Result>(
  opening: Opened | Promise<Opened>,
  work: (store: Opened) => Result | Promise<Result>,
): Promise<Result> {
  const store = await opening;
  try {
    const result = await work(store);
    checkNotReplaced(store);
    return result;
  } catch (cause) {
    throw failureOfDatabase(cause) ?? cause;
  } finally {
    await store.close();
  }
}

/** What a failure of a database over the network means to the operator; undefined: it is another failure. */
export function failureOfDatabase(failure: unknown): Error | undefined {
  const cause = failure instanceof StoreFailure ? failure.cause : failure;
  if (cause instanceof StoreRefusal) return cause;
  if (!(cause instanceof DatabaseFailure)) return undefined;
  const message = `the database cannot be used (${printable(cause.message)}); "callercard check" says more`;
  return new CommandFailure(message, EXIT.failed, { cause });
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
