import type { LogStoreEvent } from '../../core/store.ts';
import { KEEP_MS } from './clock.ts';
import type { Database } from './database.ts';
import { indexSome } from './search-index.ts';

/**
 * Keeps the store's time, and indexes the words of leads that wait for it: in one process of all that serve the store, and in
 * another one within seconds where that ends.
 */
export function createUpkeep(
  { clock, write, transaction, createLock }: Database,
  log: LogStoreEvent,
): () => Promise<void> {
  const lock = createLock('upkeep');
  let keptAt = -Infinity;
  let hasFailed = false;

  async function keepUp(): Promise<void> {
    if (!(await lock.hold())) {
      keptAt = -Infinity;
      return;
    }
    if (performance.now() - keptAt >= KEEP_MS) {
      keptAt = performance.now();
      await clock.keep(write);
    }
    while ((await transaction(({ run }) => indexSome(run))).left > 0 && (await lock.hold()));
  }

  return async () => {
    try {
      await keepUp();
      if (hasFailed) log({ level: 'info', message: 'the store can be used again' });
      hasFailed = false;
    } catch (cause) {
      if (lock.isClosed()) return;
      // Once, not each second.
      if (!hasFailed)
        log({
          level: 'error',
          message: 'the store cannot be used; it is tried again, and "callercard check" says more',
          cause,
        });
      hasFailed = true;
    }
  };
}
