import type { Clock } from '../core/clock.ts';
import { StoreFailure } from '../core/lead-store.ts';
import type { LogStoreEvent, OwnFile } from '../core/store.ts';

/** A file that is away for a moment, or not whole yet, may just be being moved or copied: that is not logged. */
const PATIENCE_MS = 3_000;
/** A file that could not be opened is tried again after so long, and another one at once. */
const TRY_AGAIN_MS = 5_000;

/** Notices that the file of an open store was replaced, and opens the new one: docs/decisions/0030-replaced-store.md. */
export function createFileWatch({ clock, log }: { readonly clock: Clock; readonly log: LogStoreEvent }) {
  let isLooking = false;
  /** Since when requests are answered from a file that is not at its path any longer. */
  let since: number | undefined;
  let logged: string | undefined;
  let unusable: { readonly identity: string; readonly at: number; readonly cause: unknown } | undefined;

  function noteTrouble(message: string, cause?: unknown): void {
    since ??= clock.monotonic();
    if (logged === message || clock.monotonic() - since < PATIENCE_MS) return;
    logged = message;
    log({ level: 'error', message, cause });
  }

  function settle(): void {
    [since, logged, unusable] = [undefined, undefined, undefined];
  }

  async function look<Opened>(file: OwnFile, open: () => Opened): Promise<Opened | undefined> {
    const { path } = file;
    const found = file.look();
    if (found === file.identity) {
      if (logged !== undefined) log({ level: 'info', message: `${path} is back` });
      settle();
      return undefined;
    }
    if (found === undefined) {
      noteTrouble(`${path} is missing; requests are still answered from the file that was there`);
      return undefined;
    }
    if (unusable?.identity !== found || clock.monotonic() - unusable.at >= TRY_AGAIN_MS) {
      try {
        const opened = await file.openReplacement(open);
        settle();
        log({ level: 'warn', message: `${path} was replaced; requests are answered from the new file` });
        return opened;
      } catch (failure) {
        const cause = failure instanceof StoreFailure ? failure.cause : failure;
        unusable = { identity: found, at: clock.monotonic(), cause };
      }
    }
    noteTrouble(
      `${path} was replaced by a file that cannot be used; requests are still answered from the former one`,
      unusable.cause,
    );
    return undefined;
  }

  return {
    /** Whether requests are answered from the file at the path, unless the log says otherwise. */
    isSettled: () => logged === undefined,
    /**
     * Looks at the file of the open store, unless the last look has not ended yet. Never rejects.
     *
     * @returns what `open` returned for another file that is there now; undefined: the store stays as it is
     */
    async look<Opened>(file: OwnFile, open: () => Opened): Promise<Opened | undefined> {
      if (isLooking) return undefined;
      isLooking = true;
      try {
        return await look(file, open);
      } finally {
        isLooking = false;
      }
    },
  };
}
