/** Collects the records of one turn of the event loop, which leave together: one write serves many lookups. */
export interface GroupCommit {
  /** @returns when the record is written; it rejects with what `commit` threw. Nobody needs to wait for it. */
  add(record: string): Promise<undefined>;
  /** Whether records are on their way to the disk; those that come meanwhile leave together afterwards. */
  isWaiting(): boolean;
  /** For how long the oldest record that is not written waits, in milliseconds; 0: none waits. */
  lagMs(): number;
  /** Writes what there is; resolves when nothing is waiting any more. */
  settle(): Promise<void>;
}

interface Turn extends PromiseWithResolvers<undefined> {
  readonly records: string[];
  /** Monotonic. */
  readonly beganAt: number;
}

/** @param commit writes records, at once or, where it returns a promise, until that resolves */
export function createGroupCommit(
  commit: (records: readonly string[]) => Promise<void> | undefined,
): GroupCommit {
  let turn: Turn | undefined;
  let waiting: Promise<void> | undefined;
  /** When the turn that is on its way to the disk began. */
  let waitingSince = 0;

  function flush(): void {
    if (turn === undefined || waiting !== undefined) return;
    const { records, resolve, reject, beganAt } = turn;
    turn = undefined;
    try {
      const onDisk = commit(records);
      if (onDisk === undefined) {
        resolve(undefined);
        return;
      }
      waitingSince = beganAt;
      waiting = onDisk.then(() => resolve(undefined), reject).finally(goOn);
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
        turn = { records: [], beganAt: performance.now(), ...Promise.withResolvers<undefined>() };
        // Where nobody waits, a failure is no news to anybody here.
        turn.promise.catch(() => undefined);
        if (waiting === undefined) setImmediate(flush);
      }
      turn.records.push(record);
      return turn.promise;
    },
    isWaiting: () => waiting !== undefined,
    lagMs() {
      const since = waiting === undefined ? turn?.beganAt : waitingSince;
      return since === undefined ? 0 : performance.now() - since;
    },
    async settle() {
      flush();
      while (waiting !== undefined) await waiting;
    },
  };
}
