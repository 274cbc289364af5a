/** Collects the records of one turn of the event loop, which leave together: one write serves many lookups. */
export interface TurnWriter {
  /** @returns when the record is written; it rejects with what `commit` threw. Nobody needs to wait for it. */
  add(record: string): Promise<undefined>;
  /** Whether records are on their way to the disk; those that come meanwhile leave together afterwards. */
  isWaiting(): boolean;
  /** Writes what there is; resolves when nothing is waiting any more. */
  settle(): Promise<void>;
}

interface Turn extends PromiseWithResolvers<undefined> {
  readonly records: string[];
}

/** @param commit writes records, at once or, where it returns a promise, until that resolves */
export function createTurnWriter(
  commit: (records: readonly string[]) => Promise<void> | undefined,
): TurnWriter {
  let turn: Turn | undefined;
  let waiting: Promise<void> | undefined;

  function flush(): void {
    if (turn === undefined || waiting !== undefined) return;
    const { records, resolve, reject } = turn;
    turn = undefined;
    try {
      const onDisk = commit(records);
      if (onDisk === undefined) resolve(undefined);
      else waiting = onDisk.then(() => resolve(undefined), reject).finally(goOn);
    } catch (cause) {
      reject(cause);
    }
  }

  function goOn(): void {
    waiting = undefined;
    flush();
  }

  return {
    add(record) {
      if (turn === undefined) {
        turn = { records: [], ...Promise.withResolvers<undefined>() };
        // Where nobody waits, a failure is no news to anybody here.
        turn.promise.catch(() => undefined);
        if (waiting === undefined) setImmediate(flush);
      }
      turn.records.push(record);
      return turn.promise;
    },
    isWaiting: () => waiting !== undefined,
    async settle() {
      flush();
      while (waiting !== undefined) await waiting;
    },
  };
}
