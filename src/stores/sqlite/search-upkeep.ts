import { setTimeout as pause } from 'node:timers/promises';

import type { LogStoreEvent } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { hasUnendedImport } from './import-history.ts';
import { createSearchIndex } from './search-index.ts';
import { usePragmas } from './import-batch.ts';
import { isBusy, writeAtOnce, writeWhole } from './transactions.ts';

/** A batch of a command; writing it out at its end takes as long again. Small ones cost more: the index has to merge them. */
const COMMAND_BATCH = { leads: 2_500, ms: 60 };
/** A batch of a server, for which every request waits, and the pause after it. */
const SERVER_BATCH = { leads: 400, ms: 8 };
const SERVER_PAUSE_MS = 25;
/** The index of so many leads is made in less than a minute: not worth a word. */
const MANY_LEADS = 50_000;
const LOG_EVERY_MS = 30_000;

/** @see LeadArchive.indexSearch */
export function* indexSearch({
  database,
  readBatch,
}: Connection): Generator<{ readonly leads: number; readonly left: number }> {
  const index = createSearchIndex(database);
  let leads = 0;
  readBatch.end();
  const restorePragmas = usePragmas(database);
  try {
    for (let left = 1; left > 0;) {
      readBatch.end();
      const done = writeWhole(database, () => index.indexSome(COMMAND_BATCH));
      leads += done.leads;
      left = done.left;
      yield { leads, left };
    }
    for (let isMore = true; isMore;) {
      readBatch.end();
      isMore = writeWhole(database, index.clearSome);
      yield { leads, left: 0 };
    }
  } finally {
    if (database.isOpen) restorePragmas();
  }
}

const SELECT_WORK = `SELECT EXISTS (SELECT 1 FROM search_queue)
  OR EXISTS (SELECT 1 FROM meta WHERE name = 'search_remains' AND value IN ('1', '2')) AS waits`;

/**
 * Brings the index of search up to date while a server runs: what a killed import left, and all leads of a store that had no
 * index. In batches, so that it goes on where it was killed; beside other processes that do the same. An import does it itself.
 *
 * @param log undefined: nothing is done
 * @returns to be called now and then; never rejects
 */
export function createSearchUpkeep(
  { database, readBatch }: Connection,
  log: LogStoreEvent | undefined,
): () => Promise<void> {
  const index = createSearchIndex(database);
  const work = database.prepare(SELECT_WORK);
  const progress = createProgress(log);
  let hasFailed = false;

  /** @returns whether something is left */
  function runBatch(): boolean {
    readBatch.end();
    return writeAtOnce(database, () =>
      writeWhole(database, () => {
        const { leads, left } = index.indexSome(SERVER_BATCH);
        progress(leads, left);
        return left > 0 || leads > 0 || index.clearSome();
      }),
    );
  }

  async function keepUp(): Promise<void> {
    for (let isMore = true; isMore;) {
      if (!database.isOpen || work.get()?.waits !== 1 || hasUnendedImport(database)) return;
      try {
        isMore = runBatch();
      } catch (cause) {
        // Somebody else writes just now.
        if (!isBusy(cause)) throw cause;
      }
      await pause(SERVER_PAUSE_MS);
    }
  }

  return async () => {
    if (log === undefined) return;
    try {
      await keepUp();
      hasFailed = false;
    } catch (cause) {
      // Once, not each second.
      if (!hasFailed && database.isOpen) {
        log({ level: 'error', message: 'leads cannot be indexed for search; it is tried again', cause });
      }
      hasFailed = true;
    }
  };
}

/** Logs how far the index is, where it takes long. */
function createProgress(log: LogStoreEvent | undefined): (leads: number, left: number) => void {
  let [done, loggedAt] = [0, -Infinity];
  return (leads, left) => {
    if (done === 0 && left < MANY_LEADS) return;
    done += leads;
    const now = performance.now();
    if (left > 0 && now - loggedAt < LOG_EVERY_MS) return;
    loggedAt = now;
    const rest = left === 0 ? 'every lead is found' : 'some are not found yet';
    log?.({ level: 'info', message: `${done} leads are indexed for search; ${rest}` });
    if (left === 0) done = 0;
  };
}
