import { DialerFailureError } from './dialer-failure.ts';

/** How long a statement waits for its place. */
export const ACQUIRE_MS = 1_000;
const WAITING_LIMIT = 1_024;

/** A bound on what is under way: the rest waits in order, and not for long. */
export interface ConcurrencyLimit {
  /** @returns undefined: taken at once; rejects with a DialerFailureError of kind `busy` */
  take(name: string): Promise<void> | undefined;
  giveBack(): void;
  /** How many are taken or waited for. */
  taken(): number;
  /** Sends those away who waited too long; to be called now and then. */
  expire(now: number): void;
}

interface Waiting {
  readonly since: number;
  readonly name: string;
  readonly resolve: () => void;
  readonly reject: (failure: DialerFailureError) => void;
}

export function createConcurrencyLimit(count: number): ConcurrencyLimit {
  let free = count;
  const queue: Waiting[] = [];
  return {
    take(name) {
      if (free > 0) {
        free -= 1;
        return undefined;
      }
      if (queue.length >= WAITING_LIMIT) return Promise.reject(busy(name));
      return new Promise((resolve, reject) => {
        queue.push({ since: performance.now(), name, resolve, reject });
      });
    },
    giveBack() {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next.resolve();
    },
    taken: () => count - free + queue.length,
    expire(now) {
      while (queue[0] !== undefined && now - queue[0].since > ACQUIRE_MS) {
        const late = queue.shift();
        late?.reject(busy(late.name));
      }
    },
  };
}

function busy(name: string): DialerFailureError {
  return new DialerFailureError('busy', `${name}: too many statements wait`);
}
