import { BoundedMap } from '../core/bounded-map.ts';
import type { RelayedText } from '../core/call-relay.ts';
import type { PoolNews } from './ipc.ts';

/** Users whose last call the primary keeps. */
const USERS = 10_000;
/** Calls on their way to a worker that takes none; of more it learns by the last ones, once it takes them. */
const MOST_WAITING = 1_000;

/** One worker, as calls see it. */
export interface CallTaker {
  /** Sends a message; calls back when the worker's end has taken it, or it is lost. */
  send(news: PoolNews, taken: () => void): void;
}

interface KeptCall {
  readonly text: string;
  readonly at: number;
  /** By the monotonic clock of the primary. */
  readonly until: number;
}

/** Calls between the workers of one primary: passed on to the others, and each user's last one kept for those that come later. */
export class PoolCalls<Taker extends CallTaker> {
  readonly #last: BoundedMap<string, KeptCall>;
  /** When the calls of a domain were forgotten, by the wall clock, as calls have it. */
  readonly #forgotten = new Map<string, number>();
  /** How many calls are on their way to a worker, and whether some were left out. */
  readonly #ways = new WeakMap<Taker, { waiting: number; hasMissed: boolean }>();

  constructor(users = USERS) {
    this.#last = new BoundedMap(users);
  }

  /** Takes a call from one worker for all others that run. */
  publish({ key, text, at, keptMs }: RelayedText, from: Taker, running: Iterable<Taker>): void {
    const known = this.#last.get(key);
    // One that waited in its worker may be older than what came meanwhile.
    if (known === undefined || known.at <= at) {
      this.#last.set(key, { text, at, until: performance.now() + keptMs });
    }
    for (const taker of running) if (taker !== from) this.#pass(text, taker);
  }

  /** The last call of a user. */
  read(key: string): string | undefined {
    const kept = this.#last.get(key);
    if (kept === undefined || kept.until < performance.now()) return undefined;
    // A domain's name has no space, and begins the key.
    const [domain = ''] = key.split(' ', 1);
    return kept.at > (this.#forgotten.get(domain) ?? -Infinity) ? kept.text : undefined;
  }

  /**
   * The calls of these domains until then are read by nobody: their users may be others now.
   *
   * @param until milliseconds since 1970
   */
  forget(domains: readonly string[], until: number): void {
    for (const domain of domains) this.#forgotten.set(domain, until);
  }

  #pass(text: string, taker: Taker): void {
    const way = this.#ways.get(taker) ?? { waiting: 0, hasMissed: false };
    this.#ways.set(taker, way);
    if (way.waiting >= MOST_WAITING) {
      way.hasMissed = true;
      return;
    }
    way.waiting += 1;
    taker.send({ command: 'call', text }, () => {
      way.waiting -= 1;
      if (way.waiting > 0 || !way.hasMissed) return;
      way.hasMissed = false;
      taker.send({ command: 'calls missed' }, () => undefined);
    });
  }
}
