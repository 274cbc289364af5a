/** Something learnt from the dialer: used for a while, learnt again beside the requests, and never much older. */
export interface Cached<Value> {
  /** undefined: nothing was learnt yet. */
  readonly known: Value | undefined;
  /** At once, unless nothing is known yet or it is too old. */
  get(): Value | Promise<Value>;
  /** Learns it now: what is known has proved wrong. */
  learn(): Promise<Value>;
}

/** From this age on it is learnt again, while the old is still used. */
export const REFRESH_AFTER_MS = 20_000;
/** Beyond this age whoever asks waits for the new. */
export const TOO_OLD_MS = 50_000;
/** What could not be learnt is not asked for again with every request. */
const FAILED_MS = 500;

/** @param learnAnew asks the dialer; when it fails, what is known stays in use until it is too old */
export function createCached<Value>(
  learnAnew: () => Promise<Value>,
  now: () => number = () => performance.now(),
): Cached<Value> {
  let known: { readonly value: Value; readonly at: number } | undefined;
  let learning: Promise<Value> | undefined;
  let failed: { readonly cause: unknown; readonly at: number } | undefined;

  function learn(): Promise<Value> {
    learning ??= learnAnew()
      .then((value) => {
        known = { value, at: now() };
        failed = undefined;
        return value;
      })
      .catch((cause: unknown) => {
        failed = { cause, at: now() };
        throw cause;
      })
      .finally(() => {
        learning = undefined;
      });
    return learning;
  }

  function justFailed(): boolean {
    return failed !== undefined && now() - failed.at < FAILED_MS;
  }

  return {
    get known() {
      return known?.value;
    },
    learn,
    get() {
      const age = known === undefined ? Infinity : now() - known.at;
      if (known === undefined || age > TOO_OLD_MS) {
        if (justFailed()) throw failed?.cause;
        return learn();
      }
      if (age > REFRESH_AFTER_MS && learning === undefined && !justFailed())
        void learn().catch(() => undefined);
      return known.value;
    },
  };
}
