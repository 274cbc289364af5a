import type { Reloaded } from '../app.ts';
import type { RelayedText } from '../core/call-relay.ts';
import type { Snapshot } from '../observe/exposition.ts';
import type { ServedSettings } from '../process/serve-app.ts';

/** What the primary sends to a worker. */
export type Command =
  /** The first: open the stores and take requests. */
  | { readonly command: 'serve'; readonly settings: ServedSettings }
  | { readonly command: 'reload'; readonly id: number; readonly settings: ServedSettings }
  /** Send your metrics. */
  | { readonly command: 'measure'; readonly id: number }
  /** The metrics of all workers, for one whose client asked for them. */
  | { readonly command: 'metrics'; readonly id: number; readonly text: string }
  | PoolNews
  /** Answer what was accepted, then end. */
  | { readonly command: 'stop' };

/** What a worker learns of the others. */
export type PoolNews =
  /** A call that another worker was notified of. */
  | { readonly command: 'call'; readonly text: string }
  /** Calls could not be passed on, because this worker took none: read the last ones. */
  | { readonly command: 'calls missed' }
  /** The last call of a user, which this worker asked for; none: nothing is kept. */
  | { readonly command: 'last call'; readonly id: number; readonly text: string | undefined }
  /** The lease that it asked for is this worker's. */
  | { readonly command: 'lease granted'; readonly id: number }
  /** Whether any worker has an open card; sent when it changes. */
  | { readonly command: 'cards'; readonly areOpen: boolean };

/** What a worker sends to the primary. */
export type WorkerEvent =
  | { readonly event: 'listening'; readonly url: string }
  | ({ readonly event: 'reloaded'; readonly id: number } & ReloadResult)
  /** On command, or (id 0) unasked from time to time, so that little is lost when the worker is killed. */
  | { readonly event: 'measured'; readonly id: number; readonly metrics: Snapshot }
  /** A client asks for the metrics of all workers. */
  | { readonly event: 'metrics wanted'; readonly id: number }
  | PoolRequest
  /** The store of a domain has no user. */
  | { readonly event: 'no users'; readonly domain: string }
  /** It takes no more requests and will end, because of an unexpected error. */
  | { readonly event: 'failing' };

/** What a worker asks of the others, through the primary. */
export type PoolRequest =
  /** For every other worker, and kept as the last one of its user. */
  | { readonly event: 'call'; readonly call: RelayedText }
  | { readonly event: 'last call wanted'; readonly id: number; readonly key: string }
  | { readonly event: 'lease wanted'; readonly id: number; readonly name: string }
  | { readonly event: 'lease given up'; readonly id: number };

/** What became of new settings; with problems, the former ones stay in use. */
export type ReloadResult = { readonly reloaded: Reloaded } | { readonly problems: readonly string[] };

/** Requests to another process that await their reply, each by its id; ids begin with 1. */
export class PendingReplies<Reply> {
  readonly #pending = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  /** @returns the reply, or `late` after so many milliseconds */
  async request(send: (id: number) => void, ms: number, late: Reply): Promise<Reply> {
    const id = (this.#lastId += 1);
    const reply = Promise.withResolvers<Reply>();
    this.#pending.set(id, reply.resolve);
    const timer = setTimeout(() => reply.resolve(late), ms);
    send(id);
    try {
      return await reply.promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  /** Takes a reply; one that comes too late is ignored. */
  resolve(id: number, reply: Reply): void {
    this.#pending.get(id)?.(reply);
  }

  /** The other process has ended. */
  resolveAll(reply: Reply): void {
    for (const resolve of this.#pending.values()) resolve(reply);
  }
}
