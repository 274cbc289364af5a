import type { Clock } from '../core/clock.ts';
import type { LogStoreEvent, OwnFile } from '../core/store.ts';

/** A file that could be written, or not, is tried again after so long. */
const WRITTEN_MS = 2_000;
const FAILING_MS = 1_000;

/**
 * Whether a store's own file can be written: a login must count its attempt before it is checked. It is tried at most once a
 * second; in between, the last outcome counts. Logs when that changes.
 */
export function createWriteProbe({ clock, log }: { readonly clock: Clock; readonly log: LogStoreEvent }) {
  let triedAt = -Infinity;
  let isFailing = false;

  function tryWriting(file: OwnFile): void {
    try {
      if (!file.write() || !isFailing) return;
      isFailing = false;
      log({ level: 'info', message: `${file.path} can be written again` });
    } catch (cause) {
      const message = `${file.path} cannot be written, so no password can be checked that is not cached`;
      if (!isFailing) log({ level: 'error', message, cause });
      isFailing = true;
    }
  }

  return {
    /** @param knownForMs for so long a good outcome counts */
    canWrite(file: OwnFile, knownForMs = WRITTEN_MS): boolean {
      const now = clock.monotonic();
      if (now - triedAt >= (isFailing ? FAILING_MS : knownForMs)) {
        triedAt = now;
        tryWriting(file);
      }
      return !isFailing;
    },
  };
}
