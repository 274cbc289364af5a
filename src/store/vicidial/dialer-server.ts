import type { ServerAddress } from '../../config/database-address.ts';
import type { TellStoreEvent } from '../store-event.ts';
import { createBreaker, type Breaker } from './breaker.ts';
import { serverName, type DialerAddress } from './dialer-address.ts';
import type { Parameter, Row } from './parameter.ts';
import { createDialerConnections } from './dialer-connections.ts';
import { dialerFailure, type DialerFailureError } from './dialer-failure.ts';
import { createPlaces } from './places.ts';

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
  tell: TellStoreEvent,
): DialerServer {
  const name = serverName(server);
  const places = createPlaces(address.connections * DEPTH);
  const connections = createDialerConnections(address, server);
  const breaker = createToldBreaker(name, tell, async () => {
    const connection = await connections.pick();
    await connection.execute(address.probe, []);
  });
  const sweep = sweepEvery(SWEEP_MS, (now) => {
    places.expire(now);
    connections.checkSilence(now);
  });

  function refuseIfFailed(): void {
    const failure = breaker.failure();
    if (failure !== undefined) throw failure;
  }

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
    async run(sql, parameters) {
      refuseIfFailed();
      const place = places.take(name);
      if (place !== undefined) await place;
      try {
        // It may have failed while this waited for its place.
        if (place !== undefined) refuseIfFailed();
        const picked = connections.pick();
        const connection = picked instanceof Promise ? await picked : picked;
        const rows = await connection.execute(sql, parameters);
        breaker.noteAnswer();
        return rows;
      } catch (cause) {
        const failure = dialerFailure(cause, name);
        breaker.noteFailure(failure);
        throw failure;
      } finally {
        places.giveBack();
      }
    },
    async close() {
      breaker.close();
      await connections.end();
      clearInterval(sweep);
    },
  };
}

function createToldBreaker(name: string, tell: TellStoreEvent, probe: () => Promise<void>): Breaker {
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
