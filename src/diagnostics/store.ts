import { findDemoUser } from '../core/demo-user.ts';
import { StoreFailure } from '../core/lead-store.ts';
import type { Inspection, Store } from '../core/store.ts';
import type { OpenedStore } from '../stores/open-store.ts';
import { advise } from './inspection.ts';
import { inspectSqlite } from './sqlite.ts';

/** Looks at everything that may be wrong with a store; takes long on a large one. */
export async function* inspectStore(store: OpenedStore): AsyncGenerator<Inspection> {
  if ('connection' in store) {
    yield* inspectSqlite(store.connection);
    yield* inspectDemoUser(store);
    return;
  }
  // Loaded only for a database over the network: every command loads this file.
  if ('database' in store) {
    const { inspectPostgresql } = await import('./postgresql/inspect.ts');
    yield* inspectPostgresql(store.config, store.database, store.replicas);
    if (await isUsable(store)) yield* inspectDemoUser(store);
    return;
  }
  const { inspectDialer } = await import('./vicidial/inspect.ts');
  yield* inspectDialer(store.config, store.dialer);
}

/** Whether its database answers; why not, an inspection says. */
export async function isUsable(store: Pick<Store, 'begin'>): Promise<boolean> {
  try {
    await store.begin?.();
    return true;
  } catch (cause) {
    if (cause instanceof StoreFailure) return false;
    throw cause;
  }
}

/** A store that the demo made may be served by others, too, at any address. */
async function* inspectDemoUser(store: Pick<Store, 'accounts'>): AsyncGenerator<Inspection> {
  const found = await findDemoUser(store);
  if (found !== undefined) yield advise('users', found.message, found.advice);
}
