import { DEMO_PASSWORD, DEMO_USER } from '../core/demo-user.ts';
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
  // Loaded only for a dialer: every command loads this file.
  const { inspectDialer } = await import('./vicidial/inspect.ts');
  yield* inspectDialer(store.config, store.dialer);
}

/** A store that the demo made may be served by others, too, at any address. */
async function* inspectDemoUser({ accounts }: Pick<Store, 'accounts'>): AsyncGenerator<Inspection> {
  const { account } = await accounts.read(DEMO_USER);
  if (account?.active !== true || !(await accounts.passwords.verify(DEMO_PASSWORD, account.verifier))) return;
  yield advise(
    'users',
    `${account.name} has the password of the demo, which is in the documentation: whoever reaches the server gets in by it`,
    `callercard user remove ${account.name}, or give it another password (callercard user password ${account.name})`,
  );
}
