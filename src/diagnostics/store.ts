import type { Inspection } from '../core/store.ts';
import type { OpenedStore } from '../stores/open-store.ts';
import { inspectSqlite } from './sqlite.ts';

/** Looks at everything that may be wrong with a store; takes long on a large one. */
export async function* inspectStore(store: OpenedStore): AsyncGenerator<Inspection> {
  if ('connection' in store) {
    yield* inspectSqlite(store.connection);
    return;
  }
  // Loaded only for a dialer: every command loads this file.
  const { inspectDialer } = await import('./vicidial/inspect.ts');
  yield* inspectDialer(store.config, store.dialer);
}
