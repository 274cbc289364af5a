import { ACQUIRE_MS, busy, QUEUE_LIMIT } from '../network/pool.ts';

/** One of those among whom slots are shared out. */
export interface TurnTaker {
  /** Slots that it has at a time, at most. */
  readonly most: number;
  /** Slots that all have at a time, at most. */
  readonly bound: number;
}

interface Taker extends TurnTaker {
  held: number;
  readonly waiting: (PromiseWithResolvers<undefined> & { readonly since: number })[];
}

/**
 * Shares slots out among several: those who wait take turns, whoever asks most, and one of several leaves a slot to the others.
 *
 * @param name of what is waited for, for messages
 */
export class Turns {
  readonly #name: string;
  readonly #takers = new Set<Taker>();
  /** Who waits, in the order of their turns. */
  readonly #queue: Taker[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  join(about: TurnTaker) {
    const taker: Taker = { ...about, held: 0, waiting: [] };
    this.#takers.add(taker);
    return {
      /** @throws {DatabaseFailure} of kind `busy` */
      acquire: (): Promise<unknown> => this.#acquire(taker),
      release: (): void => {
        taker.held -= 1;
        this.#grant();
      },
      /** Fails those that waited too long; to be called periodically. */
      expire: (now: number): void => {
        while (taker.waiting[0] !== undefined && now - taker.waiting[0].since > ACQUIRE_MS)
          taker.waiting.shift()?.reject(busy(this.#name));
      },
      /** It takes no more. */
      leave: (): void => {
        this.#takers.delete(taker);
        this.#grant();
      },
    };
  }

  /** At a time, for all together. */
  bound(): number {
    return [...this.#takers].reduce((most, { bound }) => Math.max(most, bound), 1);
  }

  #acquire(taker: Taker): Promise<unknown> {
    if (taker.waiting.length >= QUEUE_LIMIT) return Promise.reject(busy(this.#name));
    const one = { since: performance.now(), ...Promise.withResolvers<undefined>() };
    taker.waiting.push(one);
    if (!this.#queue.includes(taker)) this.#queue.push(taker);
    this.#grant();
    return one.promise;
  }

  #grant(): void {
    for (let free = this.bound() - this.#held(); free > 0;) {
      const at = this.#queue.findIndex((taker) => taker.held < this.#mostOf(taker));
      const [taker] = at < 0 ? [] : this.#queue.splice(at, 1);
      if (taker === undefined) return;
      const next = taker.waiting.shift();
      if (taker.waiting.length > 0) this.#queue.push(taker);
      if (next === undefined) continue;
      taker.held += 1;
      free -= 1;
      next.resolve(undefined);
    }
  }

  #held(): number {
    return [...this.#takers].reduce((sum, { held }) => sum + held, 0);
  }

  #mostOf({ most }: TurnTaker): number {
    return this.#takers.size === 1 ? most : Math.max(1, Math.min(most, this.bound() - 1));
  }
}
