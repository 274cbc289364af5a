import type { ServerAddress } from '../../config/addresses.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { OwnConnection } from './own-connection.ts';
import { Turns } from './turns.ts';

/** Connections of all transactions at a time, at most, however many there may be for lookups. */
const MOST_AT_ONCE = 4;

/** How the store of a schema uses connections for transactions that it shares with those of others. */
export interface TransactionsOf {
  readonly schema: string;
  /** Connections of this schema and of all, at most. */
  readonly connections: number;
  /** Opens a session that has the schema. */
  readonly open: () => Promise<{ readonly own: OwnConnection; readonly server: ServerAddress }>;
  /** Why a server is not used. */
  readonly failureOf: (server: ServerAddress) => DatabaseFailure | undefined;
}

interface KeptConnection {
  readonly own: OwnConnection;
  readonly server: ServerAddress;
  /** That of its session; undefined: it goes over to another one. */
  schema: string | undefined;
}

/** A connection for one transaction. */
export interface TakenConnection {
  readonly own: OwnConnection;
  /** Others had it before. */
  readonly isReused: boolean;
  /** For the next transaction, of whichever schema. No statement may be in flight, and no transaction open. */
  readonly giveBack: () => Promise<void>;
}

/**
 * Connections for the transactions of stores in several schemas of a database: one transaction has a connection for itself. For
 * another schema, a connection goes over by a statement that is answered before the transaction begins; where that fails, it is reset.
 */
export class SharedTransactions {
  readonly #turns = new Turns('transactions');
  readonly #all = new Set<KeptConnection>();
  /** The one that was used least lately first. */
  #idle: KeptConnection[] = [];

  join(of: TransactionsOf) {
    const most = Math.min(MOST_AT_ONCE, of.connections);
    const turn = this.#turns.join({ most, bound: most });
    let isClosed = false;
    const isInUse = () => !isClosed;
    return {
      acquire: turn.acquire,
      release: turn.release,
      expire: turn.expire,
      /** To be called with a slot. @throws {DatabaseFailure} */
      take: async (): Promise<TakenConnection> => {
        if (isClosed) throw new DatabaseFailure('lost', 'the store is closed');
        const reused = await this.#reuse(of);
        const kept = reused ?? (await this.#open(of));
        const giveBack = () => this.#giveBack(kept, isInUse);
        return { own: kept.own, isReused: reused !== undefined, giveBack };
      },
      /** Open connections that have the schema. */
      count: (): number => {
        this.#forgetLost();
        return [...this.#all].filter(({ schema }) => schema === of.schema).length;
      },
      close: async (): Promise<void> => {
        isClosed = true;
        turn.leave();
        const its = this.#idle.filter(({ schema }) => schema === of.schema);
        this.#idle = this.#idle.filter(({ schema }) => schema !== of.schema);
        await Promise.all(its.map((kept) => this.#end(kept)));
      },
    };
  }

  /** @returns undefined: there is none */
  async #reuse(of: TransactionsOf): Promise<KeptConnection | undefined> {
    for (;;) {
      const kept = this.#takeIdle(of);
      if (kept === undefined || kept.schema === of.schema) return kept;
      kept.schema = undefined;
      try {
        await kept.own.useSchema(of.schema);
        kept.schema = of.schema;
        return kept;
      } catch (cause) {
        // Whichever schema it has now, nobody uses it any more.
        this.#destroy(kept);
        // Another one would take as long to say nothing.
        if (cause instanceof DatabaseFailure && cause.kind === 'silent') throw cause;
      }
    }
  }

  /** Not to a server that hangs, or from which another one has taken over. */
  #takeIdle({ schema, failureOf }: TransactionsOf): KeptConnection | undefined {
    for (const kept of [...this.#idle]) {
      const failure = failureOf(kept.server);
      // By slow statements of one store it is not given up for all.
      if (kept.own.isLost() || (failure !== undefined && failure.kind !== 'slow')) this.#destroy(kept);
    }
    const usable = this.#idle.filter(({ server }) => failureOf(server) === undefined);
    const kept = usable.findLast((one) => one.schema === schema) ?? usable[0];
    this.#idle = this.#idle.filter((one) => one !== kept);
    return kept;
  }

  async #open({ schema, open }: TransactionsOf): Promise<KeptConnection> {
    this.#forgetLost();
    const [oldest] = this.#idle;
    if (oldest !== undefined && this.#all.size >= this.#turns.bound()) this.#destroy(oldest);
    const kept = { ...(await open()), schema };
    this.#all.add(kept);
    return kept;
  }

  async #giveBack(kept: KeptConnection, isInUse: () => boolean): Promise<void> {
    if (kept.own.isLost()) this.#destroy(kept);
    else if (isInUse()) this.#idle.push(kept);
    else await this.#end(kept);
  }

  #destroy(kept: KeptConnection): void {
    this.#all.delete(kept);
    this.#idle = this.#idle.filter((one) => one !== kept);
    if (!kept.own.isLost()) kept.own.destroy();
  }

  async #end(kept: KeptConnection): Promise<void> {
    await kept.own.end();
    this.#all.delete(kept);
  }

  #forgetLost(): void {
    for (const kept of this.#all) if (kept.own.isLost()) this.#destroy(kept);
  }
}
