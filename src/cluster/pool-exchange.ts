import type { Snapshot } from '../observe/exposition.ts';
import type { PoolNews, PoolRequest } from './ipc.ts';
import { PoolCalls } from './pool-calls.ts';
import { PoolLeases } from './pool-leases.ts';

/** One worker, as the exchange sees it. */
export interface PoolMember {
  /** As it sent them last. */
  readonly metrics: Snapshot;
  /** @param taken called when the worker's end has taken the message, or it is lost */
  send(news: PoolNews, taken: () => void): void;
}

/** What the workers of one primary share: calls, leases, and whether a card is open at any of them. */
export class PoolExchange<Member extends PoolMember> {
  readonly #running: ReadonlySet<Member>;
  readonly #calls = new PoolCalls<Member>();
  readonly #leases = new PoolLeases<Member>();
  #areCardsOpen = false;

  /** @param running the workers whose processes run, as they are at each moment */
  constructor(running: ReadonlySet<Member>) {
    this.#running = running;
  }

  take(request: PoolRequest, from: Member): void {
    if (request.event === 'call') this.#calls.publish(request.call, from, this.#running);
    else if (request.event === 'last call wanted') {
      send(from, { command: 'last call', id: request.id, text: this.#calls.read(request.key) });
    } else if (request.event === 'lease given up') this.#leases.giveUp(from, request.id);
    // What an ended worker still sent is not to hold anything.
    else if (this.#running.has(from)) {
      const { id, name } = request;
      const grant = () => send(from, { command: 'lease granted', id });
      this.#leases.want(name, { worker: from, id, grant });
    }
  }

  /** The calls of these domains until then are shown to nobody who opens a card later. */
  forget(domains: readonly string[], until: number): void {
    this.#calls.forget(domains, until);
  }

  /** To be called when a worker runs. */
  noteStart(member: Member): void {
    if (this.#areCardsOpen) send(member, { command: 'cards', areOpen: true });
  }

  /** To be called when a worker has sent its metrics. */
  noteMetrics(): void {
    const areOpen = [...this.#running].some(({ metrics }) => cardsOf(metrics) > 0);
    if (areOpen === this.#areCardsOpen) return;
    this.#areCardsOpen = areOpen;
    for (const member of this.#running) send(member, { command: 'cards', areOpen });
  }

  /** To be called when the worker is removed from the running ones. */
  noteExit(member: Member): void {
    this.#leases.noteExit(member);
    this.noteMetrics();
  }
}

function send(member: PoolMember, news: PoolNews): void {
  member.send(news, () => undefined);
}

function cardsOf(metrics: Snapshot): number {
  return metrics.get('callercard_cards_open')?.get('callercard_cards_open') ?? 0;
}
