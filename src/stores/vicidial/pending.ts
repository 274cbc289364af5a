import type { DialerFailureError } from './dialer-failure.ts';

/** The statements under way on one connection. Given up, each fails at once; what comes later reaches nobody. */
export function createPending() {
  /** Each by the way to give it up, with when it was sent; the oldest first. */
  const waiting = new Map<(failure: DialerFailureError) => void, number>();
  let isOver = false;
  let movedAt = 0;
  let idle = Promise.withResolvers<undefined>();
  idle.resolve(undefined);

  function settle(abandon: (failure: DialerFailureError) => void): void {
    waiting.delete(abandon);
    movedAt = performance.now();
    if (waiting.size === 0) idle.resolve(undefined);
  }

  return {
    count: () => waiting.size,
    isOver: () => isOver,
    /** Resolves when nothing is awaited. */
    whenIdle: (): Promise<unknown> => idle.promise,
    /** For how long nothing came, in milliseconds; 0 when nothing is awaited. */
    stillSince: (now: number) => (waiting.size === 0 ? 0 : now - movedAt),
    /** For how long the oldest has been awaited, in milliseconds; 0 when nothing is awaited. */
    oldestSince(now: number): number {
      const [sentAt = now] = waiting.values();
      return now - sentAt;
    },
    /** @param explain what a failure of the work means */
    add<Result>(work: Promise<Result>, explain: (cause: unknown) => DialerFailureError): Promise<Result> {
      const sentAt = performance.now();
      if (waiting.size === 0) {
        movedAt = sentAt;
        idle = Promise.withResolvers();
      }
      return new Promise((resolve, reject) => {
        waiting.set(reject, sentAt);
        work.then(
          (result) => {
            settle(reject);
            resolve(result);
          },
          (cause: unknown) => {
            settle(reject);
            reject(explain(cause));
          },
        );
      });
    },
    abandon(failure: DialerFailureError) {
      isOver = true;
      for (const reject of waiting.keys()) reject(failure);
      waiting.clear();
      idle.resolve(undefined);
    },
  };
}
