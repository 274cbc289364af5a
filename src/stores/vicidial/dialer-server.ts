import type { ServerAddress } from '../../config/addresses.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import { createBreaker, type Breaker } from './circuit-breaker.ts';
import { serverName, type DialerAddress } from './dialer-address.ts';
import type { Parameter, Row } from './parameter.ts';
import { createDialerConnections, type DialerConnections } from './dialer-connections.ts';
import { dialerFailure, type DialerFailureError } from './dialer-failure.ts';
import { createConcurrencyLimit, type ConcurrencyLimit } from './concurrency-limit.ts';

/** Statements under way on one connection, at most. */
const DEPTH = 64;
const SWEEP_MS = 100;

/** One server of the dialer's database: a few connections, and whether it can be counted on. */
export interface DialerServer {
  readonly name: string;
  /** undefined: it is counted on. */
  readonly failure: DialerFailureError | undefined;
  /** Statements under way or waiting. */
  readonly underWay: number;
  /** That are open. */
  readonly connections: number;
  /** @throws {DialerFailureError} at once when the server counts as failed */
  run(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export function createDialerServer(
  address: DialerAddress,
  server: ServerAddress,
  tell: LogStoreEvent,
): DialerServer {
  const name = serverName(server);
  const places = createConcurrencyLimit(address.connections * DEPTH);
  const connections = createDialerConnections(address, server);
  const breaker = createToldBreaker(name, tell, async () => {
    const connection = await connections.pick();
    await connection.execute(address.probe, []);
  });
  const sweep = sweepEvery(SWEEP_MS, (now) => {
    places.expire(now);
    connections.checkSilence(now);
  });
  const { runInPlace, failed } = createRuns(name, connections, places, breaker);

  return {
    name,
    get failure() {
      return breaker.failure();
    },
    get underWay() {
      return places.taken();
    },
    get connections() {
      return connections.count;
    },
    run(sql, parameters) {
      const failure = breaker.failure();
      if (failure !== undefined) return Promise.reject(failure);
      const place = places.take(name);
      if (place === undefined) return runInPlace(sql, parameters);
      return place.then(() => {
        // It may have failed while this waited for its place.
        const failedSince = breaker.failure();
        return failedSince === undefined ? runInPlace(sql, parameters) : failed(failedSince);
      });
    },
    async close() {
      breaker.close();
      await connections.end();
      clearInterval(sweep);
    },
  };
}

/**
 * Statements that have their place, and give it back. One function of each kind for all of them: only what a statement needs
 * of its own is made for each.
 */
function createRuns(
  name: string,
  connections: DialerConnections,
  places: ConcurrencyLimit,
  breaker: Breaker,
) {
  function answered(rows: readonly Row[]): readonly Row[] {
    places.giveBack();
    breaker.noteAnswer();
    return rows;
  }

  function failed(cause: unknown): never {
    places.giveBack();
    const failure = dialerFailure(cause, name);
    breaker.noteFailure(failure);
    throw failure;
  }

  function runInPlace(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    const picked = connections.pick();
    const rows =
      picked instanceof Promise
        ? picked.then((connection) => connection.execute(sql, parameters))
        : picked.execute(sql, parameters);
    return rows.then(answered, failed);
  }

  return { runInPlace, failed };
}

function createToldBreaker(name: string, tell: LogStoreEvent, probe: () => Promise<void>): Breaker {
  return createBreaker({
    probe,
    onFailed: (cause) =>
      tell({ level: 'warn', message: `the database server ${name} does not answer and is left out`, cause }),
    onBack: () => tell({ level: 'info', message: `the database server ${name} answers again` }),
  });
}

/** Each time after what has come was read: that this process itself stood still is no silence of the server. */
function sweepEvery(milliseconds: number, sweep: (now: number) => void): NodeJS.Timeout {
  const timer = setInterval(() => setImmediate(() => sweep(performance.now())), milliseconds);
  return timer.unref();
}
