import { setTimeout as pause } from 'node:timers/promises';

import type { LeadArchive } from '../core/lead-archive.ts';
import { messageOf } from '../core/problem.ts';
import { printable, type Terminal } from '../process/terminal.ts';
import { PAUSE_MS } from './in-pieces.ts';
import { createImportProgress, type ImportProgress } from './import-progress.ts';
import { importWords } from './words/import.ts';

/** So many take a second or more. */
const MANY_LEADS = 20_000;

/**
 * Indexes for search what was written in bulk. It can be stopped or fail: a server goes on with it.
 *
 * @param signal Ctrl-C
 */
export async function indexForSearch(
  archive: LeadArchive,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<void> {
  const words = importWords();
  const started = performance.now();
  let progress: ImportProgress | undefined;
  let done = 0;
  try {
    for await (const { leads, left } of archive.indexSearch()) {
      done = leads;
      if (progress === undefined && left > MANY_LEADS) {
        terminal.err(words.indexing);
        progress = await createImportProgress(terminal, leads + left, 'leads');
      }
      progress?.show(leads, leads);
      if (signal?.aborted === true) return;
      await pause(PAUSE_MS);
    }
    if (progress === undefined) return;
    progress[Symbol.dispose]();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    terminal.err(words.indexed(done, seconds));
  } catch (cause) {
    terminal.err(printable(words.notIndexed(messageOf(cause))));
  } finally {
    progress?.[Symbol.dispose]();
  }
}
